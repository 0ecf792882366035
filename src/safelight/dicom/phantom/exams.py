"""Where do exams come from when nobody may be in them?

Made-up CT series and small test images, complete enough for any viewer: the same
arguments always give the same bytes. Used by the demo, by tests and benchmarks.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID, ExplicitVRLittleEndian

from safelight.dicom.phantom.anatomy import Chest, Lesion, noise, smooth, vessel_tree
from safelight.dicom.writing.part10 import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

CT_IMAGE: Final = "1.2.840.10008.5.1.4.1.1.2"
SECONDARY_CAPTURE: Final = "1.2.840.10008.5.1.4.1.1.7"
_INTERCEPT: Final = -1024
_FIELD_OF_VIEW: Final = 400.0
_YEAR: Final = timedelta(days=371)
_WHITE: Final = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class PhantomPatient:
    """Whose images these pretend to be."""

    name: str = "Phantom^Chest"
    patient_id: str = "PHANTOM-1"
    issuer: str = ""
    birth_date: str = "19610304"
    sex: str = "F"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChestExam:
    """One CT exam of the chest. `height` is the z of the lowest slice, in millimetres."""

    patient: PhantomPatient = field(default_factory=PhantomPatient)
    on: date = date(2026, 10, 12)
    description: str = "CT chest"
    seed: int = 1
    slices: int = 60
    size: int = 512
    spacing: float = 4.0
    height: float = -88.0
    lesion: Lesion = field(default_factory=Lesion)

    @property
    def pixel_spacing(self) -> float:
        """Return the side of a pixel in millimetres."""
        return _FIELD_OF_VIEW / self.size

    @property
    def study_instance_uid(self) -> str:
        """Return the exam's UID, which follows from what it is."""
        return self.uid("study")

    def uid(self, *parts: object) -> str:
        """Return the UID of a part of the exam."""
        named = (self.seed, self.on, self.slices, self.size, self.patient, self.lesion, *parts)
        digest = hashlib.sha256(repr(named).encode()).digest()
        return f"2.25.{int.from_bytes(digest[:16], 'big')}"

    def lesion_at(self) -> tuple[int, int, int]:
        """Return (slice, row, column) of the pixel in the middle of the lesion, from 0."""
        x, y, z = self.lesion.center
        number = round((z - self.height) / self.spacing)
        half = (self.size - 1) / 2.0
        return number, round(y / self.pixel_spacing + half), round(x / self.pixel_spacing + half)


def chest_pair(current: ChestExam, *, prior_diameter: float = 8.0) -> tuple[ChestExam, ChestExam]:
    """Return the exam of a year before, with a smaller lesion, and the current one."""
    lesion = replace(current.lesion, diameter=prior_diameter)
    prior = replace(current, on=current.on - _YEAR, lesion=lesion, height=current.height - 2.0)
    return prior, current


def chest_slices(exam: ChestExam) -> Iterator[bytes]:
    """Yield the exam's slices as Part 10 files, from the lowest to the highest."""
    chest = Chest(seed=exam.seed, lesion=exam.lesion)
    vessels = vessel_tree(exam.seed)
    along = (np.arange(exam.size, dtype=np.float32) - (exam.size - 1) / 2.0) * exam.pixel_spacing
    x, y = np.meshgrid(along, along)
    for number in range(exam.slices):
        z = exam.height + number * exam.spacing
        density = smooth(chest.slice(z, x, y, vessels))
        density += noise(density.shape, (exam.seed + exam.on.toordinal(), number))
        stored = np.clip(np.rint(density) - _INTERCEPT, 0, 4095).astype("<i2")
        position = [float(along[0]), float(along[0]), z]
        yield _written(_ct(exam, number, position, stored))


def circle(
    *,
    size: tuple[int, int] = (128, 128),
    spacing: tuple[float, float] = (1.0, 1.0),
    radius: float = 40.0,
    patient: PhantomPatient | None = None,
    seed: int = 1,
) -> bytes:
    """Return a Secondary Capture of a bright circle in the middle of (rows, columns) pixels.

    `spacing` is (between rows, between columns) and `radius` is in the same millimetres,
    so a circle in pixels that are not square is one only on a screen that honours them.
    """
    rows, columns = size
    up = (np.arange(rows) - (rows - 1) / 2.0)[:, None] * spacing[0]
    across = (np.arange(columns) - (columns - 1) / 2.0)[None, :] * spacing[1]
    stored = np.where(np.hypot(up, across) <= radius, _WHITE, 0).astype("<i2")
    exam = ChestExam(patient=patient or PhantomPatient(), seed=seed, description="Circle")
    dataset = _common(exam, SECONDARY_CAPTURE, exam.uid("circle", size, spacing, radius))
    dataset.Modality = "OT"
    dataset.ConversionType = "SYN"
    dataset.ImageType = ["DERIVED", "SECONDARY"]
    dataset.InstanceNumber = 1
    dataset.PatientOrientation = ""
    dataset.PixelSpacing = list(spacing)
    dataset.WindowCenter, dataset.WindowWidth = _WHITE // 2, _WHITE
    return _written(_pixels(dataset, stored))


def _ct(exam: ChestExam, number: int, position: list[float], stored: NDArray[np.int16]) -> Dataset:
    dataset = _common(exam, CT_IMAGE, exam.uid("slice", number))
    dataset.Modality = "CT"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.SeriesDescription = "Chest, soft tissue"
    dataset.BodyPartExamined = "CHEST"
    dataset.KVP = 120
    dataset.SliceThickness = exam.spacing
    dataset.SpacingBetweenSlices = exam.spacing
    dataset.PatientPosition = "HFS"
    dataset.AcquisitionNumber = 1
    dataset.InstanceNumber = number + 1
    dataset.FrameOfReferenceUID = exam.uid("frame of reference")
    dataset.PositionReferenceIndicator = ""
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.ImagePositionPatient = [round(value, 4) for value in position]
    dataset.SliceLocation = round(position[2], 4)
    dataset.PixelSpacing = [exam.pixel_spacing, exam.pixel_spacing]
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = _INTERCEPT, 1, "HU"
    dataset.WindowCenter, dataset.WindowWidth = [40, -500], [400, 1400]
    dataset.WindowCenterWidthExplanation = ["SOFT TISSUE", "LUNG"]
    return _pixels(dataset, stored)


def _common(exam: ChestExam, sop_class: str, sop_instance: str) -> Dataset:
    day = exam.on.strftime("%Y%m%d")
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, sop_instance
    dataset.StudyDate = dataset.SeriesDate = dataset.AcquisitionDate = dataset.ContentDate = day
    dataset.StudyTime = dataset.SeriesTime = "101500"
    dataset.AcquisitionTime = dataset.ContentTime = "101730"
    dataset.AccessionNumber = f"A{exam.on:%y%m%d}{exam.seed:04d}"
    dataset.Manufacturer, dataset.ManufacturerModelName = "Safelight", "Phantom"
    dataset.InstitutionName = "Made-up Hospital"
    dataset.ReferringPhysicianName = "Referrer^Made Up"
    dataset.StudyDescription = dataset.SeriesDescription = exam.description
    dataset.PatientName, dataset.PatientID = exam.patient.name, exam.patient.patient_id
    if exam.patient.issuer:
        dataset.IssuerOfPatientID = exam.patient.issuer
    dataset.PatientBirthDate = exam.patient.birth_date
    dataset.PatientSex = exam.patient.sex
    dataset.StudyInstanceUID = exam.study_instance_uid
    dataset.SeriesInstanceUID = exam.uid("series", sop_class)
    dataset.StudyID, dataset.SeriesNumber = str(exam.seed), 2
    return dataset


def _pixels(dataset: Dataset, stored: NDArray[Any]) -> Dataset:
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows, dataset.Columns = stored.shape
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit = 15
    dataset.PixelRepresentation = 1
    dataset.PixelData = stored.tobytes()
    dataset["PixelData"].VR = "OW"
    return dataset


def _written(dataset: Dataset) -> bytes:
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    dataset.file_meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    buffer = io.BytesIO()
    dcmwrite(buffer, dataset, enforce_file_format=True)
    return buffer.getvalue()
