"""Are the made-up exams whole, and the same every time?"""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import numpy as np
import pydicom
import pytest

from safelight.dicom.phantom.exams import (
    ChestExam,
    PhantomPatient,
    chest_pair,
    chest_slices,
    circle,
)
from safelight.dicom.reading.index import index
from safelight.dicom.source import BytesSource

SMALL = ChestExam(size=128, slices=12, spacing=20.0, patient=PhantomPatient(name="Test^Tess"))


@pytest.fixture(scope="module")
def slices() -> list[pydicom.Dataset]:
    return [pydicom.dcmread(io.BytesIO(data)) for data in chest_slices(SMALL)]


def densities(dataset: pydicom.Dataset) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
    return dataset.pixel_array.astype("i4") * int(dataset.RescaleSlope) + int(
        dataset.RescaleIntercept
    )


def test_slices_form_one_regular_volume(slices: list[pydicom.Dataset]) -> None:
    assert len({one.SOPInstanceUID for one in slices}) == 12
    assert len({one.SeriesInstanceUID for one in slices}) == 1
    assert len({one.FrameOfReferenceUID for one in slices}) == 1
    heights = [float(one.ImagePositionPatient[2]) for one in slices]
    assert np.allclose(np.diff(heights), 20.0)
    assert {tuple(one.ImageOrientationPatient) for one in slices} == {(1, 0, 0, 0, 1, 0)}
    assert {str(one.PatientName) for one in slices} == {"Test^Tess"}


def test_air_lung_and_bone_have_their_densities(slices: list[pydicom.Dataset]) -> None:
    middle = densities(slices[6])

    assert abs(int(np.median(middle[:20, :20])) + 1000) < 30
    assert (np.abs(middle + 850) < 60).mean() > 0.05
    assert (middle > 300).any()


def test_the_lesion_lies_in_the_right_lung_where_it_is_said_to_be() -> None:
    exam = replace(SMALL, size=256, slices=60, spacing=4.0)
    number, row, column = exam.lesion_at()
    files = list(chest_slices(exam))
    dataset = pydicom.dcmread(io.BytesIO(files[number]))
    values = densities(dataset)

    assert column < 128  # the patient's right is on the left of the picture
    assert int(values[row - 1 : row + 2, column - 1 : column + 2].mean()) > -60
    assert int(values[row, column - 14]) < -700
    x = float(dataset.ImagePositionPatient[0]) + column * float(dataset.PixelSpacing[1])
    assert abs(x - exam.lesion.center[0]) <= exam.pixel_spacing
    assert int(densities(pydicom.dcmread(io.BytesIO(files[number + 4])))[row, column]) < -700


def test_the_prior_is_of_the_same_person_a_year_before_with_less_to_see() -> None:
    prior, current = chest_pair(SMALL)

    assert prior.patient == current.patient
    assert (current.on - prior.on).days > 350
    assert prior.study_instance_uid != current.study_instance_uid
    assert prior.lesion.diameter < current.lesion.diameter
    assert prior.lesion.center == current.lesion.center


def test_equal_exams_are_equal_bytes_and_others_are_not() -> None:
    few = replace(SMALL, slices=1)

    assert list(chest_slices(few)) == list(chest_slices(few))
    assert list(chest_slices(replace(few, seed=2))) != list(chest_slices(few))
    assert replace(few, on=date(2020, 1, 1)).study_instance_uid != few.study_instance_uid


def test_our_own_indexer_reads_a_phantom() -> None:
    header = index(BytesSource(next(chest_slices(SMALL))))

    assert header.study_instance_uid == SMALL.study_instance_uid
    assert header.text(0x00100010) == "Test^Tess"


def test_a_circle_is_as_wide_as_asked() -> None:
    dataset = pydicom.dcmread(io.BytesIO(circle(size=(50, 100), spacing=(2.0, 1.0), radius=30.0)))

    bright = dataset.pixel_array > 0
    assert list(dataset.PixelSpacing) == [2.0, 1.0]
    assert abs(int(bright.any(axis=0).sum()) - 60) <= 1
    assert abs(int(bright.any(axis=1).sum()) - 30) <= 1
