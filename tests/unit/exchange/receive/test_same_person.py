"""When two headers of one study can be about one person."""

from __future__ import annotations

from typing import Any

import pytest

from safelight.dicom.json.summary import SearchFacts, search_facts
from safelight.records.imaging.rules import same_person


def facts(**said: str) -> SearchFacts:
    """Return what a header says, by keyword: id, issuer, name, born."""
    tags = {"id": "00100020", "issuer": "00100021", "born": "00100030"}
    model: dict[str, Any] = {
        tags[key]: {"vr": "LO", "Value": [value]} for key, value in said.items() if key in tags
    }
    if "name" in said:
        model["00100010"] = {"vr": "PN", "Value": [{"Alphabetic": said["name"]}]}
    return search_facts(model)


ANNA = facts(id="1", issuer="H", name="Berg^Anna", born="19700503")


@pytest.mark.parametrize(
    "other",
    [
        ANNA,
        facts(id="1", name="BERG^ANNA^"),
        facts(id="1"),
        facts(id="1", issuer="H", born="19700503"),
        facts(name="berg^anna"),
    ],
)
def test_what_does_not_contradict_is_the_same_person(other: SearchFacts) -> None:
    assert same_person(ANNA, other)
    assert same_person(other, ANNA)


@pytest.mark.parametrize(
    "other",
    [
        facts(id="2", name="Berg^Anna", born="19700503"),
        facts(id="1", issuer="OTHER"),
        facts(id="1", name="Berg^Otto"),
        facts(id="1", born="19700504"),
        facts(name="Berg^Otto"),
        facts(born="19700503"),
        facts(),
    ],
)
def test_what_contradicts_or_says_nothing_is_not(other: SearchFacts) -> None:
    assert not same_person(ANNA, other)
    assert not same_person(other, ANNA)
