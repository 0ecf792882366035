"""How does a paper or a picture become a DICOM object?

For the cage only. A PDF becomes an Encapsulated PDF (PS3.3 A.45.1); a photograph a
VL Photographic Image (A.32.4) that keeps its JPEG data as they are when they are
baseline; any other picture a Secondary Capture (A.8.1). Names, dates and titles are
what a person declared; nothing is taken over from the file but its contents.
"""

from __future__ import annotations

import io
from typing import Any, Final

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID

from safelight.dicom.documents.declared import Declared, DocumentKind
from safelight.dicom.documents.jpeg import JpegPicture, read_jpeg
from safelight.dicom.documents.pdf import check_pdf
from safelight.dicom.documents.reasons import DocumentReason, DocumentRefusedError
from safelight.dicom.registry import transfer_syntaxes as syntax
from safelight.dicom.writing.part10 import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME

ENCAPSULATED_PDF: Final = "1.2.840.10008.5.1.4.1.1.104.1"
SECONDARY_CAPTURE: Final = "1.2.840.10008.5.1.4.1.1.7"
VL_PHOTOGRAPHIC: Final = "1.2.840.10008.5.1.4.1.1.77.1.4"
_MOST_PIXELS: Final = 80_000_000
_UPRIGHT: Final = 1
_ORIENTATION: Final = 0x0112
_JPEG_QUALITY: Final = 95
_GRAY_16: Final = frozenset({"I;16", "I;16B", "I;16L", "I"})
_COLOURS: Final = 3


def wrap(kind: DocumentKind, payload: bytes, declared: Declared) -> bytes:
    """Return a Part 10 file.

    Raises:
        DocumentRefusedError: the payload is not what it says, broken or dangerous.
    """
    dataset = _common(declared)
    if kind is DocumentKind.PDF:
        check_pdf(payload)
        return _written(_document(dataset, payload, declared), syntax.EXPLICIT_LITTLE)
    image = _opened(payload, kind)
    if kind is DocumentKind.PNG:
        return _written(_native(dataset, image), syntax.EXPLICIT_LITTLE)
    jpeg = read_jpeg(payload)
    upright = image.getexif().get(_ORIENTATION, _UPRIGHT) == _UPRIGHT
    if not (jpeg.baseline and upright and jpeg.components in {1, _COLOURS}):
        jpeg = read_jpeg(_again(image))
        dataset.DerivationDescription = "Turned upright or encoded again as baseline JPEG"
    dataset = _photograph(dataset, jpeg)
    if "DerivationDescription" in dataset:
        dataset.ImageType = ["DERIVED", dataset.ImageType[1]]
    return _written(dataset, syntax.JPEG_BASELINE)


def _opened(payload: bytes, kind: DocumentKind) -> Image.Image:
    """Return the picture, fully decoded: a broken one must not be kept."""
    try:
        image = Image.open(io.BytesIO(payload), formats=(kind.value.upper(),))
        if image.width * image.height > _MOST_PIXELS:
            raise DocumentRefusedError(DocumentReason.TOO_LARGE)
        image.load()
    except UnidentifiedImageError as error:
        raise DocumentRefusedError(DocumentReason.NOT_WHAT_IT_SAYS) from error
    except Image.DecompressionBombError as error:
        raise DocumentRefusedError(DocumentReason.TOO_LARGE) from error
    except (OSError, SyntaxError, ValueError, IndexError) as error:
        raise DocumentRefusedError(DocumentReason.BROKEN) from error
    return image


def _again(image: Image.Image) -> bytes:
    upright = ImageOps.exif_transpose(image)
    plain = upright if upright.mode == "L" else upright.convert("RGB")
    buffer = io.BytesIO()
    plain.save(buffer, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return buffer.getvalue()


def _common(declared: Declared) -> Dataset:
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.InstanceCreationDate = dataset.ContentDate = declared.made_on
    dataset.InstanceCreationTime = dataset.ContentTime = declared.made_at
    dataset.SOPInstanceUID = declared.sop_instance_uid
    dataset.StudyDate = declared.study_date
    dataset.StudyTime = declared.study_time
    dataset.AccessionNumber, dataset.StudyID = declared.accession, declared.study_id
    dataset.ReferringPhysicianName = ""
    dataset.Manufacturer = "Safelight"
    dataset.StudyDescription = declared.study_title or declared.title
    dataset.SeriesDescription = declared.title
    dataset.PatientName = declared.patient_name
    dataset.PatientID = declared.patient_id
    if declared.patient_id_issuer:
        dataset.IssuerOfPatientID = declared.patient_id_issuer
    dataset.PatientBirthDate = declared.birth_date
    dataset.PatientSex = declared.sex
    dataset.StudyInstanceUID = declared.study_instance_uid
    dataset.SeriesInstanceUID = declared.series_instance_uid
    dataset.SeriesNumber = 1
    dataset.InstanceNumber = declared.instance_number
    return dataset


def _document(dataset: Dataset, payload: bytes, declared: Declared) -> Dataset:
    dataset.SOPClassUID = ENCAPSULATED_PDF
    dataset.Modality = "DOC"
    dataset.ConversionType = "WSD"
    dataset.AcquisitionDateTime = ""
    dataset.BurnedInAnnotation = "YES"
    dataset.DocumentTitle = declared.title
    dataset.ConceptNameCodeSequence = []
    dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
    dataset.EncapsulatedDocumentLength = len(payload)
    dataset.EncapsulatedDocument = payload + b"\0" * (len(payload) % 2)
    return dataset


def _photograph(dataset: Dataset, jpeg: JpegPicture) -> Dataset:
    gray = jpeg.components == 1
    dataset.SOPClassUID = SECONDARY_CAPTURE if gray else VL_PHOTOGRAPHIC
    if gray:
        dataset.ConversionType = "WSD"
    else:
        dataset.AcquisitionContextSequence = []
    _describe(dataset, jpeg.rows, jpeg.columns, samples=jpeg.components, bits=8)
    dataset.PhotometricInterpretation = "MONOCHROME2" if gray else _jpeg_colour(jpeg)
    dataset.LossyImageCompression = "01"
    dataset.LossyImageCompressionMethod = "ISO_10918_1"
    plain = jpeg.rows * jpeg.columns * jpeg.components
    dataset.LossyImageCompressionRatio = f"{max(plain / len(jpeg.data), 0.01):.2f}"
    dataset.PixelData = encapsulate([jpeg.data])
    dataset["PixelData"].VR = "OB"
    return dataset


def _jpeg_colour(jpeg: JpegPicture) -> str:
    if jpeg.adobe_transform == 0 and not jpeg.is_jfif:
        return "RGB"
    return "YBR_FULL_422" if jpeg.subsampled else "YBR_FULL"


def _native(dataset: Dataset, image: Image.Image) -> Dataset:
    values = _values(ImageOps.exif_transpose(image))
    samples = 1 if values.ndim == 2 else _COLOURS  # noqa: PLR2004 - rows and columns
    bits = values.dtype.itemsize * 8
    dataset.SOPClassUID = SECONDARY_CAPTURE
    dataset.ConversionType = "WSD"
    _describe(dataset, values.shape[0], values.shape[1], samples=samples, bits=bits)
    dataset.PhotometricInterpretation = "MONOCHROME2" if samples == 1 else "RGB"
    data = values.tobytes()
    dataset.PixelData = data + b"\0" * (len(data) % 2)
    dataset["PixelData"].VR = "OW" if bits > 8 else "OB"  # noqa: PLR2004 - bits of a byte
    return dataset


def _values(image: Image.Image) -> np.ndarray[Any, Any]:
    """Return gray or RGB values; what shows through is laid on white."""
    if image.mode in _GRAY_16:
        return np.asarray(image).astype("<u2")
    if image.mode in {"1", "L"}:
        return np.asarray(image.convert("L"))
    if image.has_transparency_data:
        clear = image.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        image = Image.alpha_composite(white, clear)
    return np.asarray(image.convert("RGB"))


def _describe(dataset: Dataset, rows: int, columns: int, *, samples: int, bits: int) -> None:
    photograph = dataset.SOPClassUID == VL_PHOTOGRAPHIC
    dataset.Modality = "XC" if photograph else "OT"
    dataset.ImageType = ["ORIGINAL", "PRIMARY"] if photograph else ["DERIVED", "SECONDARY"]
    dataset.PatientOrientation = ""
    dataset.BurnedInAnnotation = "YES"
    dataset.SamplesPerPixel = samples
    if samples > 1:
        dataset.PlanarConfiguration = 0
    dataset.Rows, dataset.Columns = rows, columns
    dataset.BitsAllocated = dataset.BitsStored = bits
    dataset.HighBit = bits - 1
    dataset.PixelRepresentation = 0


def _written(dataset: Dataset, transfer_syntax: str) -> bytes:
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = UID(transfer_syntax)
    dataset.file_meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    dataset.file_meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    buffer = io.BytesIO()
    dcmwrite(buffer, dataset, enforce_file_format=True)
    return buffer.getvalue()
