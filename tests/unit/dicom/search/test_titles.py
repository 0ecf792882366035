"""What an exam is called by somebody who is not a radiologist."""

from __future__ import annotations

from typing import Any

import pytest

from safelight.dicom.search.titles import exam_title, series_title


def answer(**values: str) -> dict[str, Any]:
    tags = {
        "modality": "00080060",
        "part": "00180015",
        "study": "00081030",
        "series": "0008103E",
        "number": "00200011",
    }
    return {tags[name]: {"vr": "LO", "Value": [value]} for name, value in values.items()}


@pytest.mark.parametrize(
    ("study", "series", "title"),
    [
        pytest.param({}, {"modality": "CT", "part": "CHEST"}, "Chest CT", id="part and modality"),
        pytest.param({}, {"modality": "DX", "part": "knee"}, "Knee X-ray", id="lower case"),
        pytest.param({"study": "Whole Body"}, {"modality": "NM"}, "Whole Body", id="described"),
        pytest.param(
            {"study": "e+1"}, {"modality": "CT"}, "CT", id="a description that says nothing"
        ),
        pytest.param({}, {"modality": "ZZ"}, "ZZ", id="unknown modality"),
        pytest.param({}, {}, "Exam", id="nothing known"),
    ],
)
def test_an_exam_has_a_plain_title(
    study: dict[str, str], series: dict[str, str], title: str
) -> None:
    assert exam_title(answer(**study), [answer(**series)]) == title


def test_a_report_does_not_name_the_exam() -> None:
    series = [answer(modality="SR"), answer(modality="MR", part="KNEE")]
    assert exam_title({}, series) == "Knee MRI"


def test_a_series_without_a_description_is_named_by_its_number() -> None:
    assert series_title(answer(modality="CT", number="3")) == "CT, series 3"
    assert series_title(answer(series="Lung", modality="CT")) == "Lung"


def test_a_title_holds_nothing_that_could_disturb_a_page() -> None:
    shown = exam_title(answer(study="Knee\u202e\x00 left"), [answer(modality="MR")])
    assert not set("\u202e\x00") & set(shown)
