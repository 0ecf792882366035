"""One exam of every kind that a clinician opens in the full viewer, made for the tests."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import highdicom as hd
import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import UID

from journeys.disc import OWNER, as_shown
from made_compressed import EXACT, LOSSY
from made_images import encapsulated
from safelight.dicom.phantom.exams import ChestExam, chest_slices

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ULTRASOUND = "1.2.840.10008.5.1.4.1.1.3.1"
_PDF_CLASS = "1.2.840.10008.5.1.4.1.1.104.1"
_TEXT_REPORT = "1.2.840.10008.5.1.4.1.1.88.11"
FINDINGS = "A nodule of 12 mm in the upper lobe of the left lung."
_MAKER = ("Safelight", "Tests", "1", "1")
PAPER = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>endobj
4 0 obj<</Length 37>>stream
0.8 0.1 0.1 rg 50 300 500 400 re f
endstream endobj
trailer<</Root 1 0 R>>
%%EOF
"""
COMPRESSED = ("jpeg-2000", "jpeg-ls", "jpeg-lossless-sv1", "htj2k")


@dataclass(frozen=True)
class Made:
    """One exam: its day as pages say it, its files, and how the first picture must look."""

    day: str
    files: tuple[bytes, ...]
    shown: NDArray[np.uint8] | None = None


def every_kind() -> dict[str, Made]:
    """Return an exam of each kind, by the name of the kind."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        makers: dict[str, Callable[[str, int], Made]] = {
            **dict.fromkeys(COMPRESSED, _compressed),
            "planes": _planes,
            "ultrasound": _film,
            "segmentation": _segmented,
            "report": _reported,
            "paper": _paper,
        }
        return {name: make(name, day) for day, (name, make) in enumerate(makers.items(), 1)}


def _exam(name: str, day: int, slices: int = 3) -> ChestExam:
    return ChestExam(
        patient=OWNER,
        on=date(2026, 5, day),
        description=f"Of {name}",
        seed=40 + day,
        slices=slices,
        size=256,
        spacing=80.0 / slices,
    )


def _said(exam: ChestExam) -> str:
    return f"{exam.on.day} May 2026"


def _compressed(name: str, day: int) -> Made:
    exam = _exam(name, day)
    files = tuple(chest_slices(exam))
    syntax, encode = EXACT[name]
    packed = []
    for each in files:
        made = dcmread(io.BytesIO(each))
        values = np.frombuffer(made.PixelData, "<u2").reshape(made.Rows, made.Columns)
        packed.append(encapsulated(made, [encode(values)], syntax))
    return Made(_said(exam), tuple(packed), as_shown(files[-1], 40, 400))


def _planes(name: str, day: int) -> Made:
    exam = _exam(name, day, slices=24)
    return Made(_said(exam), tuple(chest_slices(exam)))


def _film(name: str, day: int) -> Made:
    """Return five frames of an ultrasound in colour: a bright disc that moves, on black."""
    exam = _exam(name, day, slices=1)
    made = _like(exam, "film", _ULTRASOUND, "US")
    rows, columns = np.mgrid[:240, :320]
    frames = [
        np.where((np.hypot(rows - 120, columns - 60 - 50 * at) < 40)[..., None], [250, 120, 20], 0)
        for at in range(5)
    ]
    made.Rows, made.Columns, made.NumberOfFrames = 240, 320, 5
    made.SamplesPerPixel, made.PlanarConfiguration = 3, 0
    made.PhotometricInterpretation = "YBR_FULL"
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit, made.PixelRepresentation = 7, 0
    made.FrameTime, made.FrameIncrementPointer = "40", 0x00181063
    for gone in ("RescaleSlope", "RescaleIntercept", "WindowCenter", "WindowWidth"):
        if gone in made:
            del made[gone]
    syntax, encode = LOSSY["jpeg-baseline"]
    first = frames[0].astype("u1")
    packed = [encode(each.astype("u1")) for each in frames]
    return Made(_said(exam), (encapsulated(made, packed, syntax),), first.mean(2).astype("u1"))


def _segmented(name: str, day: int) -> Made:
    exam = _exam(name, day)
    files = tuple(chest_slices(exam))
    images = [dcmread(io.BytesIO(each)) for each in files]
    part = hd.seg.SegmentDescription(
        1, "nodule", codes.cid7150.Tissue, codes.cid7166.ConnectiveTissue, "MANUAL"
    )
    drawn = np.zeros((len(images), 256, 256), dtype=bool)
    drawn[:, 100:150, 60:110] = True
    uids = exam.uid("seg series"), 9, exam.uid("seg"), 1
    made = hd.seg.Segmentation(images, drawn, "BINARY", [part], *uids, *_MAKER)
    return Made(_said(exam), (*files, _written(made)))


def _reported(name: str, day: int) -> Made:
    exam = _exam(name, day)
    made = _like(exam, "report", _TEXT_REPORT, "SR")
    _without_pixels(made)
    made.CompletionFlag, made.VerificationFlag = "COMPLETE", "UNVERIFIED"
    made.ValueType, made.ContinuityOfContent = "CONTAINER", "SEPARATE"
    made.ConceptNameCodeSequence = _named("18748-4", "Diagnostic imaging report")
    said = Dataset()
    said.RelationshipType, said.ValueType = "CONTAINS", "TEXT"
    said.ConceptNameCodeSequence = _named("59776-5", "Findings")
    said.TextValue = FINDINGS
    made.ContentSequence = [said]
    return Made(_said(exam), (*chest_slices(exam), _written(made)))


def _named(value: str, meaning: str) -> list[Dataset]:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, "LN", meaning
    return [code]


def _paper(name: str, day: int) -> Made:
    exam = _exam(name, day)
    files = tuple(chest_slices(exam))
    made = _like(exam, "paper", _PDF_CLASS, "DOC")
    _without_pixels(made)
    made.DocumentTitle, made.BurnedInAnnotation = "Letter", "NO"
    made.MIMETypeOfEncapsulatedDocument = "application/pdf"
    made.EncapsulatedDocument = PAPER + b"\n" * (len(PAPER) % 2)
    made.EncapsulatedDocumentLength = len(PAPER)
    return Made(_said(exam), (*files, _written(made)))


def _without_pixels(made: Dataset) -> None:
    for each in [each for each in made if each.tag.group in {0x0028, 0x7FE0}]:
        del made[each.tag]


def _like(exam: ChestExam, part: str, sop_class: str, modality: str) -> Dataset:
    """Return an object of another kind in the same exam."""
    made = dcmread(io.BytesIO(next(iter(chest_slices(exam)))))
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = UID(sop_class)
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = UID(exam.uid(part))
    made.SeriesInstanceUID = exam.uid(part, "series")
    made.SeriesDescription, made.Modality, made.SeriesNumber = part.title(), modality, 7
    return made


def _written(made: Dataset) -> bytes:
    buffer = io.BytesIO()
    made.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
