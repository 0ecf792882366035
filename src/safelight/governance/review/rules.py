"""Which look deserves a second look? Plain facts in, the rules that pick it out.

The facts may hold names: they are compared here, and only which rule fits goes on.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

MANY: Final = 20  # different looks within an hour
FIRST_HOUR, LAST_HOUR = 6, 20
_SATURDAY: Final = 5


class Rule(StrEnum):
    """Why something is to be reviewed. Values are stable codes."""

    OWN_FAMILY = "own-family"
    SAME_SURNAME = "same-surname"
    MARKED_PERSON = "marked-person"
    MASS_VIEW = "mass-view"
    AFTER_HOURS = "after-hours"
    UNUSUAL_PLACE = "unusual-place"
    OUTSIDE = "outside"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one look by somebody at work. `at` is in the instance's zone."""

    at: datetime
    actor_name: str
    patient_name: str
    is_related: bool
    is_marked: bool
    looks_in_the_hour: int
    is_known_place: bool
    is_drawn: bool


def rules_fitting(facts: Facts) -> list[Rule]:
    """Return why this look is to be reviewed; empty for most."""
    fitting = {
        Rule.OWN_FAMILY: facts.is_related,
        Rule.SAME_SURNAME: shares_surname(facts.actor_name, facts.patient_name),
        Rule.MARKED_PERSON: facts.is_marked,
        Rule.MASS_VIEW: facts.looks_in_the_hour > MANY,
        Rule.AFTER_HOURS: _is_after_hours(facts.at),
        Rule.UNUSUAL_PLACE: not facts.is_known_place,
        Rule.SAMPLE: facts.is_drawn,
    }
    return [rule for rule, fits in fitting.items() if fits]


def shares_surname(person: str, patient: str) -> bool:
    """Say whether a person ("Ada von Bell") and a patient ("Bell^Carl" or "Carl Bell") share one.

    Accents and capitals do not count. A patient's surname in DICOM stands before the first "^".
    """
    family = patient.partition("^")[0] if "^" in patient else patient.rpartition(" ")[2]
    return bool(_plain(family)) and _plain(family) == _plain(person.rpartition(" ")[2])


def _is_after_hours(at: datetime) -> bool:
    return at.weekday() >= _SATURDAY or not FIRST_HOUR <= at.hour < LAST_HOUR


def _plain(name: str) -> str:
    spelled = unicodedata.normalize("NFKD", name.strip().casefold())
    return "".join(letter for letter in spelled if not unicodedata.combining(letter))
