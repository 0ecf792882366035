"""Does the benchmark send what it says, the same each time?"""

from __future__ import annotations

import io

import pytest
from pydicom import dcmread

from bench.client import body_of, only_part
from bench.workload import Study, instances


@pytest.mark.parametrize("profile", ["ct", "mr", "us", "tiny"])
def test_the_same_numbers_give_the_same_files(profile: str) -> None:
    first, again = ([made.file for made in instances(Study(profile, 7, 1), 2)] for _ in range(2))
    (other,) = (made.file for made in instances(Study(profile, 8, 1), 1))

    assert first == again
    assert first[0] != first[1]
    assert other != first[0]


@pytest.mark.parametrize("profile", ["ct", "mr", "us", "tiny"])
def test_a_file_is_dicom_and_says_where_it_belongs(profile: str) -> None:
    study = Study(profile, 7, 3)
    (made,) = instances(study, 1)
    dataset = dcmread(io.BytesIO(made.file))

    assert dataset.StudyInstanceUID == study.uid("study")
    assert dataset.SeriesInstanceUID == made.series_uid
    assert dataset.SOPInstanceUID == made.sop_uid
    assert dataset.PatientID == study.patient_id
    assert len(str(dataset.SOPInstanceUID)) <= 64
    assert made.frame in made.file


def test_a_part_is_found_in_its_answer() -> None:
    (made,) = instances(Study("tiny", 7, 1), 1)

    assert only_part(body_of([made])) == made.file
