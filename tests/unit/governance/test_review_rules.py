"""Which looks do the rules pick for a second look, and which do they let be?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from safelight.governance.review.rules import MANY, Facts, Rule, rules_fitting, shares_surname

USUAL = Facts(
    at=datetime(2026, 11, 18, 10, 0, tzinfo=UTC),
    actor_name="Carla Clinician",
    patient_name="Owner^Olga",
    is_related=False,
    is_marked=False,
    looks_in_the_hour=MANY,
    is_known_place=True,
    is_drawn=False,
)


def test_a_usual_look_is_let_be() -> None:
    assert rules_fitting(USUAL) == []


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"is_related": True}, Rule.OWN_FAMILY),
        ({"patient_name": "CLINICIAN^Carl"}, Rule.SAME_SURNAME),
        ({"is_marked": True}, Rule.MARKED_PERSON),
        ({"looks_in_the_hour": MANY + 1}, Rule.MASS_VIEW),
        ({"at": datetime(2026, 11, 18, 5, 59, tzinfo=UTC)}, Rule.AFTER_HOURS),
        ({"at": datetime(2026, 11, 18, 20, 0, tzinfo=UTC)}, Rule.AFTER_HOURS),
        ({"at": datetime(2026, 11, 21, 10, 0, tzinfo=UTC)}, Rule.AFTER_HOURS),
        ({"is_known_place": False}, Rule.UNUSUAL_PLACE),
        ({"is_drawn": True}, Rule.SAMPLE),
    ],
)
def test_each_rule_picks_what_it_is_for(changes: dict[str, Any], rule: Rule) -> None:
    assert rules_fitting(replace(USUAL, **changes)) == [rule]


@pytest.mark.parametrize(
    "changes",
    [
        {"at": datetime(2026, 11, 18, 6, 0, tzinfo=UTC)},
        {"at": datetime(2026, 11, 20, 19, 59, tzinfo=UTC)},
        {"patient_name": "Clinicians^Carla"},
        {"patient_name": ""},
    ],
)
def test_a_near_miss_is_let_be(changes: dict[str, Any]) -> None:
    assert rules_fitting(replace(USUAL, **changes)) == []


@pytest.mark.parametrize(
    ("person", "patient", "same"),
    [
        ("Zoé Müller", "MULLER^ZOE", True),
        ("Ada Bell", "Carl Bell", True),
        ("Ada Bell", "Bell^Carl^^^", True),
        ("Ada Bell", "Campbell^Carl", False),
        ("Ada Bell", "^Ada", False),
    ],
)
def test_a_surname_is_the_same_whatever_its_accents_and_capitals(
    person: str, patient: str, *, same: bool
) -> None:
    assert shares_surname(person, patient) is same
