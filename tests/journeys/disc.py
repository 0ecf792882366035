"""What lies on the disc that the person of the journey brings from the hospital?

Two series of her own chest, a test picture with a circle of known size, the files of
somebody else, a paper, and the viewer program that such discs carry.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from pydicom import dcmread

from safelight.dicom.phantom.exams import ChestExam, PhantomPatient, chest_slices, circle

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

OWNER = PhantomPatient(name="Lindgren^Jana", patient_id="LJ-77120", birth_date="19740913")
FOREIGNER = PhantomPatient(name="Kowalczyk^Bruno", patient_id="KB-31415", birth_date="19520229")
CHEST = ChestExam(patient=OWNER, on=date(2026, 9, 14), seed=7, slices=12, spacing=20.0)
STRANGE = ChestExam(patient=FOREIGNER, on=date(2026, 9, 14), seed=8, slices=2, size=64)
CIRCLE_SPACING = 0.5
CIRCLE_RADIUS = 60.0
_CIRCLE_SIZE = 400
_WIDE_PIXEL = 0.8
_PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""


@dataclass(frozen=True)
class Disc:
    """The disc, and what is known of the pictures on it."""

    folder: Path
    soft: tuple[bytes, ...]
    lung: tuple[bytes, ...]

    @property
    def soft_uid(self) -> str:
        """Return the UID of the series with the soft tissue."""
        return str(dcmread(io.BytesIO(self.soft[0])).SeriesInstanceUID)

    @property
    def lung_uid(self) -> str:
        """Return the UID of the other series of the same exam."""
        return str(dcmread(io.BytesIO(self.lung[0])).SeriesInstanceUID)


def burn(folder: Path) -> Disc:
    """Write everything into a folder."""
    soft = tuple(chest_slices(CHEST))
    lung = tuple(_as_another_series(each) for each in soft)
    files = {
        **{f"DICOM/S1/IM{number:04}": data for number, data in enumerate(soft)},
        **{f"DICOM/S2/IM{number:04}": data for number, data in enumerate(lung)},
        "DICOM/S3/IM0000": _round(CIRCLE_SPACING),
        **{f"DICOM/S9/IM{number:04}": data for number, data in enumerate(chest_slices(STRANGE))},
        "LETTER.PDF": _PDF,
        "VIEWER.EXE": b"MZ" + bytes(4096),
        "AUTORUN.INF": b"[autorun]\r\nopen=VIEWER.EXE\r\n",
    }
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return Disc(folder, soft, lung)


def burn_circles(folder: Path) -> None:
    """Write the circle twice into a folder: of square pixels, and of pixels wider than high."""
    folder.mkdir(parents=True)
    (folder / "square").write_bytes(_round(CIRCLE_SPACING))
    (folder / "wide").write_bytes(_round(_WIDE_PIXEL))


def as_shown(data: bytes, center: float, width: float) -> NDArray[np.uint8]:
    """Return how bright each pixel of a CT picture must be (PS3.3 C.11.2.1.2.1).

    Written apart from the product, with pydicom's bytes and the formula of the standard.
    """
    dataset = dcmread(io.BytesIO(data))
    stored = np.frombuffer(dataset.PixelData, "<i2").reshape(dataset.Rows, dataset.Columns)
    value = stored * float(dataset.RescaleSlope) + float(dataset.RescaleIntercept)
    bright = ((value - (center - 0.5)) / (width - 1) + 0.5) * 255
    return np.clip(np.rint(bright), 0, 255).astype(np.uint8)


def roundness(picture: NDArray[np.uint8]) -> float:
    """Return how much wider than high the bright shape in a picture is; 1 is round.

    Its middle line is measured where it is half as bright as it can be, to a part of a pixel.
    """
    rows, columns = np.nonzero(picture > 127)
    assert rows.size, "there is no bright shape in the picture"
    # Of a filled ellipse the spread along an axis is half the half-axis.
    return math.sqrt(columns.var() / rows.var())


def _round(width: float) -> bytes:
    return circle(
        size=(_CIRCLE_SIZE, _CIRCLE_SIZE),
        spacing=(CIRCLE_SPACING, width),
        radius=CIRCLE_RADIUS,
        patient=OWNER,
        seed=9,
    )


def _as_another_series(data: bytes) -> bytes:
    dataset = dcmread(io.BytesIO(data))
    dataset.SeriesInstanceUID = CHEST.uid("lung series")
    dataset.SOPInstanceUID = CHEST.uid("lung", int(dataset.InstanceNumber))
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.SeriesDescription = "Chest, lung"
    dataset.SeriesNumber = 3
    dataset.WindowCenter, dataset.WindowWidth = [-500, 40], [1400, 400]
    dataset.WindowCenterWidthExplanation = ["LUNG", "SOFT TISSUE"]
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    return buffer.getvalue()
