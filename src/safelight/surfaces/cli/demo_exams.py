"""Which exams does the demo show? Generated ones, and test files published with pydicom."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from pydicom import dcmread, dcmwrite
from pydicom.data import get_testdata_file

from safelight.dicom.phantom.exams import ChestExam, PhantomPatient, chest_pair, chest_slices
from safelight.kernel import clock

_MARIA = PhantomPatient(name="Example^Maria", patient_id="DEMO-0001")
_OF_THE_PATIENT = (
    ("MR_small.dcm", "MRI of the head", _MARIA),
    ("examples_ybr_color.dcm", "Ultrasound", _MARIA),
)
_OF_THE_HOSPITAL = (
    (
        "CT_small.dcm",
        "CT",
        PhantomPatient(name="Sample^Tomas", patient_id="MRN-1002", birth_date="19480917", sex="M"),
    ),
    (
        "examples_palette.dcm",
        "Ultrasound",
        PhantomPatient(name="Sample^Elin", patient_id="MRN-1003", birth_date="19840622", sex="F"),
    ),
    (
        "JPEG2000.dcm",
        "Nuclear medicine",
        PhantomPatient(name="Sample^Henrik", patient_id="MRN-1004", birth_date="19551130", sex="M"),
    ),
)
_CURRENT_IS_OLD = timedelta(days=24)
_AT_THE_HOSPITAL = timedelta(days=3)


def patient_exams() -> Iterator[tuple[str, bytes]]:
    """Yield (title, file) for each picture of the demo patient."""
    day: date = (clock.now() - _CURRENT_IS_OLD).date()
    current = replace(
        ChestExam(),
        patient=_MARIA,
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


def _published(files: tuple[tuple[str, str, PhantomPatient], ...]) -> Iterator[tuple[str, bytes]]:
    for name, title, patient in files:
        path = get_testdata_file(name, download=False)
        if path is not None:
            yield title, _of(str(path), patient)


def _of(path: str, patient: PhantomPatient) -> bytes:
    """Return a published file as if it were of a made-up person; its own names say nothing."""
    dataset = dcmread(path)
    for other in ("OtherPatientIDs", "OtherPatientIDsSequence", "PatientAge"):
        if other in dataset:
            delattr(dataset, other)
    dataset.PatientName, dataset.PatientID = patient.name, patient.patient_id
    dataset.PatientBirthDate, dataset.PatientSex = patient.birth_date, patient.sex
    made = io.BytesIO()
    dcmwrite(made, dataset, enforce_file_format=True)
    return made.getvalue()
