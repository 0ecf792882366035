"""Each level's answer holds what QIDO-RS returns of it, and nothing that depends on who asks."""

from __future__ import annotations

from datetime import date
from typing import Any

from safelight.dicom.json.summary import instance_answer, search_facts, series_answer, study_answer


def _model(**elements: tuple[str, Any]) -> dict[str, Any]:
    return {
        tag.removeprefix("t"): {"vr": vr, "Value": value} for tag, (vr, value) in elements.items()
    }


_MODEL = _model(
    t00080005=("CS", ["ISO_IR 100"]),
    t00080016=("UI", ["1.2.840.10008.5.1.4.1.1.2"]),
    t00080018=("UI", ["1.2.3.4"]),
    t00080020=("DA", ["20260503"]),
    t00080050=("SH", ["ACC 7"]),
    t00080060=("CS", ["ct"]),
    t00080090=("PN", [{"Alphabetic": "House^Gregory"}]),
    t00081030=("LO", ["Chest"]),
    t0008103E=("LO", ["Lung"]),
    t00100010=("PN", [{"Alphabetic": "Müller^Jane^^Dr", "Ideographic": "山田^太郎"}]),
    t00100020=("LO", ["P1"]),
    t00100021=("LO", ["Clinic"]),
    t00100030=("DA", ["19500203"]),
    t0020000D=("UI", ["1.2.3"]),
    t0020000E=("UI", ["1.2.3.5"]),
    t00200010=("SH", ["S1"]),
    t00200013=("IS", [12]),
    t00280010=("US", [512]),
    t00280011=("US", [512]),
    t00400275=("SQ", [{"00400009": {"vr": "SH", "Value": ["X"]}, "00321060": {"vr": "LO"}}]),
    t00091001=("LO", ["private"]),
)


def test_the_study_answer_has_every_required_attribute_even_if_empty() -> None:
    answer = study_answer(_MODEL)

    assert set(answer) == {
        *("00080005", "00080020", "00080030", "00080050", "00080090", "00081030", "00100010"),
        *("00100020", "00100021", "00100030", "00100040", "0020000D", "00200010"),
    }
    assert answer["00080030"] == {"vr": "TM"}
    assert answer["00100010"] == _MODEL["00100010"]


def test_answers_are_utf8_and_say_so() -> None:
    for answer in (study_answer(_MODEL), series_answer(_MODEL), instance_answer(_MODEL)):
        assert answer["00080005"]["Value"] == ["ISO_IR 192"]
        assert list(answer) == sorted(answer)


def test_no_answer_holds_what_depends_on_who_asks() -> None:
    counts = _model(t00201206=("IS", [1]), t00201208=("IS", [9]), t00201209=("IS", [9]))
    asked = _model(t00080061=("CS", ["CT"]), t00081190=("UR", ["https://x"]))
    model = _MODEL | counts | asked

    for answer in (study_answer(model), series_answer(model), instance_answer(model)):
        assert not set(answer) & (set(counts) | set(asked))


def test_the_series_answer_keeps_of_a_request_what_is_returned_of_it() -> None:
    answer = series_answer(_MODEL)

    assert answer["00400275"]["Value"] == [{"00400009": {"vr": "SH", "Value": ["X"]}}]
    assert answer["0008103E"]["Value"] == ["Lung"]
    assert answer["00200011"] == {"vr": "IS"}


def test_the_instance_answer_names_the_instance_and_its_matrix() -> None:
    answer = instance_answer(_MODEL)

    assert answer["00080018"]["Value"] == ["1.2.3.4"]
    assert answer["00280010"]["Value"] == [512]
    assert "00280008" not in answer


def test_the_facts_are_folded_where_people_search_and_exact_where_they_identify() -> None:
    facts = search_facts(_MODEL)

    assert facts.patient_name == "muller^jane^^dr"
    assert facts.patient_name_groups == ("muller^jane^^dr", "山田^太郎")
    assert facts.patient_name_shown == "Dr Jane Müller"
    assert facts.referring_physician == "house^gregory"
    assert (facts.patient_id, facts.issuer) == ("P1", "Clinic")
    assert (facts.accession, facts.study_id) == ("ACC 7", "S1")
    assert facts.study_date == date(2026, 5, 3)
    assert facts.birth_date == "19500203"
    assert facts.modality == "CT"
    assert facts.instance_number == 12


def test_facts_of_nothing_are_empty() -> None:
    facts = search_facts({})

    assert facts.patient_name == facts.patient_id == facts.birth_date == ""
    assert facts.patient_name_groups == ()
    assert facts.study_date is None
    assert facts.instance_number is None


def test_values_that_make_no_sense_are_left_out() -> None:
    model = _model(
        t00080020=("DA", ["yesterday"]),
        t00100010=("PN", [None]),
        t00100030=("DA", ["1950"]),
        t00200013=("IS", ["1A"]),
    )
    facts = search_facts(model)

    assert facts.study_date is None
    assert facts.birth_date == ""
    assert facts.patient_name == ""
    assert facts.instance_number is None
