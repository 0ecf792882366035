"""Which exams does the demo show? Generated ones, and test files published with pydicom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from pydicom.data import get_testdata_file

from safelight.dicom.phantom.exams import ChestExam, PhantomPatient, chest_pair, chest_slices
from safelight.kernel import clock

_OF_THE_PATIENT = (
    ("MR_small.dcm", "MRI of the head"),
    ("examples_ybr_color.dcm", "Ultrasound"),
)
_OF_THE_HOSPITAL = (
    ("CT_small.dcm", "CT"),
    ("examples_palette.dcm", "Ultrasound"),
    ("JPEG2000.dcm", "Nuclear medicine"),
)
_CURRENT_IS_OLD = timedelta(days=24)
_AT_THE_HOSPITAL = timedelta(days=3)


def patient_exams() -> Iterator[tuple[str, bytes]]:
    """Yield (title, file) for each picture of the demo patient."""
    day: date = (clock.now() - _CURRENT_IS_OLD).date()
    current = replace(
        ChestExam(),
        patient=PhantomPatient(name="Example^Maria", patient_id="DEMO-0001"),
        on=day,
    )
    for title, exam in zip(("Chest CT, a year ago", "Chest CT"), chest_pair(current), strict=True):
        for slice_file in chest_slices(exam):
            yield title, slice_file
    yield from _published(_OF_THE_PATIENT)


def hospital_exams() -> Iterator[tuple[str, bytes]]:
    """Yield (title, file) for each picture of the demo hospital.

    One is of the demo patient, who can make the record her own with a code of the desk's.
    """
    hers = PhantomPatient(name="Example^Maria", patient_id="MRN-1001")
    day: date = (clock.now() - _AT_THE_HOSPITAL).date()
    for slice_file in chest_slices(ChestExam(patient=hers, on=day, seed=2, slices=24, size=256)):
        yield "Chest CT of the demo patient", slice_file
    yield from _published(_OF_THE_HOSPITAL)


def _published(names: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, bytes]]:
    for name, title in names:
        path = get_testdata_file(name, download=False)
        if path is not None:
            yield title, Path(str(path)).read_bytes()
