"""Which exams does the benchmark send? Seeded ones: the same numbers give the same bytes.

    ct     512 x 512, 16 bit, uncompressed, a body with noise and padding around it
    mr     256 x 256, 16 bit, uncompressed
    us     640 x 480, colour, 30 frames of JPEG with an offset table
    mg     3328 x 4096, 16 bit, two frames, uncompressed: 54.5 MB
    tiny   no pixels; one instance, one study, one patient: what an index grows by

Patient, accession number and UIDs are functions of (seed, study), so that a client may ask
for any of them without a list.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEGBaseline8Bit

_FIRST_DAY = date(2024, 1, 1)
_DAYS = 900
_NAMES = 500
_US_FRAMES = 30
_MG_ROWS, _MG_COLUMNS, _MG_FRAMES = 4096, 3328, 2
_PADDING = -2000
_BODY = 0.8  # of half the picture's width
_SOP_CLASSES = {
    "ct": "1.2.840.10008.5.1.4.1.1.2",
    "mr": "1.2.840.10008.5.1.4.1.1.4",
    "us": "1.2.840.10008.5.1.4.1.1.3.1",
    "mg": "1.2.840.10008.5.1.4.1.1.13.1.3",
    "tiny": "1.2.840.10008.5.1.4.1.1.66",
}
_MODALITIES = {"ct": "CT", "mr": "MR", "us": "US", "mg": "MG", "tiny": "OT"}


@dataclass(frozen=True, slots=True)
class Study:
    """One study of the workload, by its number."""

    profile: str
    seed: int
    number: int

    @property
    def patient_id(self) -> str:
        """Who it is of."""
        return f"BENCH-{self._digits(8, 'patient')}"

    @property
    def accession_number(self) -> str:
        """How it was ordered."""
        return f"A{self._digits(12, 'accession')}"

    @property
    def family_name(self) -> str:
        """By which name a search may begin: shared by about one study in five hundred."""
        return f"Bench{_letters(int(self._digits(6, 'name')) % _NAMES)}"

    @property
    def study_date(self) -> str:
        """When it was made, as DICOM writes a day."""
        day = _FIRST_DAY + timedelta(days=int(self._digits(6, "day")) % _DAYS)
        return day.strftime("%Y%m%d")

    def uid(self, *words: object) -> str:
        """Return the UID of the study, or of the part that the words name."""
        return f"2.25.{int.from_bytes(self._hash('uid', *words)[:15], 'big')}"

    def _digits(self, count: int, word: str) -> str:
        return str(int.from_bytes(self._hash(word)[:16], "big"))[-count:]

    def _hash(self, *words: object) -> bytes:
        text = "/".join(str(word) for word in (self.profile, self.seed, self.number, *words))
        return hashlib.sha256(text.encode()).digest()


@dataclass(frozen=True, slots=True)
class Made:
    """One instance: where it belongs, its file, and its first frame as it must come back."""

    study: Study
    series_uid: str
    sop_uid: str
    file: bytes
    frame: bytes


def instances(study: Study, count: int) -> Iterator[Made]:
    """Make one series of `count` instances."""
    dataset = _described(study)
    frame = _PIXELS[study.profile](dataset, np.random.default_rng([study.seed, study.number]))
    for number in range(1, count + 1):
        dataset.SOPInstanceUID = study.uid("instance", number)
        dataset.InstanceNumber = number
        first = frame(number)
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        file = io.BytesIO()
        dataset.save_as(file, enforce_file_format=True)
        series, sop = str(dataset.SeriesInstanceUID), str(dataset.SOPInstanceUID)
        yield Made(study, series, sop, file.getvalue(), first)


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + number // 26**place % 26) for place in range(3))


def _described(study: Study) -> Dataset:
    """Return a header like that of a hospital's device, without pixels."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = UID(_SOP_CLASSES[study.profile])
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = UID(_SOP_CLASSES[study.profile])
    dataset.StudyInstanceUID = study.uid("study")
    dataset.SeriesInstanceUID = study.uid("series")
    dataset.FrameOfReferenceUID = study.uid("frame of reference")
    dataset.PatientName = f"{study.family_name}^Number {study.number}"
    dataset.PatientID = study.patient_id
    dataset.PatientBirthDate = "19700101"
    dataset.PatientSex = "O"
    dataset.StudyDate = dataset.SeriesDate = dataset.ContentDate = study.study_date
    dataset.StudyTime = dataset.SeriesTime = dataset.ContentTime = "101500"
    dataset.AccessionNumber = study.accession_number
    dataset.StudyID = str(study.number)
    dataset.StudyDescription = f"Benchmark {study.profile}"
    dataset.SeriesDescription = "Made by numbers"
    dataset.SeriesNumber = 1
    dataset.Modality = _MODALITIES[study.profile]
    if study.profile == "tiny":
        return dataset
    dataset.Manufacturer = "Example Devices"
    dataset.ManufacturerModelName = "Model B"
    dataset.InstitutionName = "Example University Hospital"
    dataset.StationName = "ROOM4"
    dataset.SoftwareVersions = ["1.0", "2.1"]
    dataset.ReferringPhysicianName = "Refers^Someone"
    dataset.PerformingPhysicianName = "Performs^Someone"
    dataset.BodyPartExamined = "CHEST"
    dataset.PatientPosition = "HFS"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.ProtocolName = "Chest routine"
    dataset.ProcedureCodeSequence = Sequence([_code("P5-09051", "SRT", "CT of chest")])
    dataset.RequestAttributesSequence = Sequence([_request(study)])
    block = dataset.private_block(0x0029, "EXAMPLE DEVICE PRIVATE", create=True)
    block.add_new(0x10, "OB", study.uid("private").encode().ljust(6000, b"\x11"))
    return dataset


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return code


def _request(study: Study) -> Dataset:
    request = Dataset()
    request.ScheduledProcedureStepID = f"S{study.number}"
    request.RequestedProcedureID = f"R{study.number}"
    request.ScheduledProcedureStepDescription = "Chest routine"
    return request


def _grey(
    size: int, *, padded: bool
) -> Callable[[Dataset, np.random.Generator], Callable[[int], bytes]]:
    def prepare(dataset: Dataset, random: np.random.Generator) -> Callable[[int], bytes]:
        dataset.Rows = dataset.Columns = size
        dataset.SamplesPerPixel = 1
        dataset.PhotometricInterpretation = "MONOCHROME2"
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
        dataset.PixelRepresentation = 1
        dataset.PixelSpacing = ["0.7", "0.7"]
        dataset.SliceThickness = "1.5"
        dataset.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
        dataset.RescaleIntercept, dataset.RescaleSlope = "0", "1"
        dataset.WindowCenter, dataset.WindowWidth = "40", "400"
        down, across = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
        radius = np.hypot(down * 1.2, across)
        noise = random.normal(0, 12, (size + 64, size)).astype(np.int16)

        def frame(number: int) -> bytes:
            body = np.where(radius < _BODY, 60 * np.cos(9 * radius + number / 20), -1000)
            values = body.astype(np.int16) + noise[number % 64 : number % 64 + size]
            if padded:
                values[radius > 1] = _PADDING
            dataset.ImagePositionPatient = ["-180", "-180", f"{number * 1.5:.1f}"]
            dataset.SliceLocation = f"{number * 1.5:.1f}"
            dataset.PixelData = values.astype("<i2").tobytes()
            dataset["PixelData"].VR = "OW"
            return bytes(dataset.PixelData)

        return frame

    return prepare


def _ultrasound(dataset: Dataset, random: np.random.Generator) -> Callable[[int], bytes]:
    dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = 480, 640, 3
    dataset.PhotometricInterpretation, dataset.PlanarConfiguration = "YBR_FULL_422", 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
    dataset.PixelRepresentation = 0
    dataset.NumberOfFrames = _US_FRAMES
    dataset.FrameTime = "33"
    dataset.LossyImageCompression = "01"
    coarse = Image.fromarray(random.integers(0, 200, (120, 160, 3), dtype=np.uint8))
    speckle = np.asarray(coarse.resize((640, 480), Image.Resampling.BICUBIC))

    def frame(number: int) -> bytes:
        frames = []
        for shown in range(_US_FRAMES):
            file = io.BytesIO()
            moved = np.roll(speckle, number + 3 * shown, axis=1)
            Image.fromarray(moved).save(file, "JPEG", quality=80)
            frames.append(file.getvalue())
        dataset.PixelData = encapsulate(frames, has_bot=True)
        dataset["PixelData"].VR = "OB"
        return frames[0]

    return frame


def _mammogram(dataset: Dataset, random: np.random.Generator) -> Callable[[int], bytes]:
    dataset.Rows, dataset.Columns, dataset.NumberOfFrames = _MG_ROWS, _MG_COLUMNS, _MG_FRAMES
    dataset.SamplesPerPixel, dataset.PixelRepresentation = 1, 0
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.WindowCenter, dataset.WindowWidth = "2048", "4096"
    down, across = np.mgrid[-1 : 1 : _MG_ROWS * 1j, 0 : 1 : _MG_COLUMNS * 1j]
    breast = np.hypot(down, across * 1.3) < _BODY
    texture = random.normal(1800, 40, (512, _MG_COLUMNS)).astype(np.uint16)
    tissue = np.where(breast, np.resize(texture, breast.shape), 0).astype("<u2")

    def frame(number: int) -> bytes:
        frames = [np.roll(tissue, number + shown, axis=0).tobytes() for shown in range(_MG_FRAMES)]
        dataset.PixelData = b"".join(frames)
        dataset["PixelData"].VR = "OW"
        return frames[0]

    return frame


def _nothing(dataset: Dataset, random: np.random.Generator) -> Callable[[int], bytes]:
    del dataset, random
    return lambda _number: b""


_PIXELS = {
    "ct": _grey(512, padded=True),
    "mr": _grey(256, padded=False),
    "us": _ultrasound,
    "mg": _mammogram,
    "tiny": _nothing,
}
