"""How long is everything that runs by the calendar, by which law or whose choice?

The one table (requirements, section 5). What lower floors keep stands here too; a test
holds each of their figures against its row, because they cannot read a room above them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Unit(StrEnum):
    """In what a length is counted. DAYS, MONTHS and WORKING_DAYS end with the last day."""

    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    EXACT_DAYS = "exact days"  # of 24 hours each
    DAYS = "days"
    MONTHS = "months"
    WORKING_DAYS = "working days"


class Regime(StrEnum):
    """Whose figure it is."""

    HIPAA = "hipaa"
    GDPR = "gdpr"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Length:
    """So many of a unit."""

    count: int
    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One row. `extension` may be added once, before the end, for a reason.

    `reminders` are days before the end; `waits` says whether the time that a requester is
    asked something does not count.
    """

    name: str
    length: Length
    regime: Regime
    source: str
    extension: Length | None = None
    reminders: tuple[int, ...] = ()
    waits: bool = False


_OFTEN: Final = (14, 7, 3, 1)
_MONTH: Final = Length(1, Unit.MONTHS)
_TWO_MONTHS: Final = Length(2, Unit.MONTHS)
_30_DAYS: Final = Length(30, Unit.DAYS)
_60_DAYS: Final = Length(60, Unit.DAYS)


def _hipaa(name: str, length: Length, source: str) -> Clock:
    return Clock(
        name=name,
        length=length,
        regime=Regime.HIPAA,
        source=source,
        extension=_30_DAYS,
        reminders=_OFTEN,
    )


def _gdpr(name: str, source: str) -> Clock:
    return Clock(
        name=name,
        length=_MONTH,
        regime=Regime.GDPR,
        source=source,
        extension=_TWO_MONTHS,
        reminders=_OFTEN,
        waits=True,
    )


def _law(name: str, count: int, unit: Unit, regime: Regime, source: str) -> Clock:
    return Clock(name=name, length=Length(count, unit), regime=regime, source=source)


def _choice(name: str, count: int, unit: Unit) -> Clock:
    return Clock(name=name, length=Length(count, unit), regime=Regime.CHOICE, source="ours")


def _by_name(*clocks: Clock) -> Mapping[str, Clock]:
    found = {each.name: each for each in clocks}
    if len(found) != len(clocks):
        raise ValueError("two clocks have one name")
    return found


CLOCKS: Final = _by_name(
    _hipaa("access.hipaa", _30_DAYS, "45 CFR 164.524(b)(2)"),
    _gdpr("access.gdpr", "GDPR 12(3), 15"),
    _hipaa("amendment.hipaa", _60_DAYS, "45 CFR 164.526(b)(2)"),
    _gdpr("amendment.gdpr", "GDPR 12(3), 16"),
    _hipaa("accounting.hipaa", _60_DAYS, "45 CFR 164.528(c)(1)"),
    _gdpr("accounting.gdpr", "GDPR 12(3), 15(1)(c)"),
    _gdpr("erasure.gdpr", "GDPR 12(3), 17"),
    _gdpr("restriction.gdpr", "GDPR 12(3), 18"),
    _gdpr("objection.gdpr", "GDPR 12(3), 21"),
    _gdpr("portability.gdpr", "GDPR 12(3), 20"),
    Clock(
        name="confidential-communication",
        length=_MONTH,
        regime=Regime.CHOICE,
        source="ours; 45 CFR 164.522(b) names no time",
        reminders=_OFTEN,
    ),
    Clock(
        name="complaint.acknowledged",
        length=Length(2, Unit.WORKING_DAYS),
        regime=Regime.CHOICE,
        source="ours",
        reminders=(1,),
    ),
    Clock(
        name="complaint.answered",
        length=_MONTH,
        regime=Regime.CHOICE,
        source="ours",
        extension=_TWO_MONTHS,
        reminders=_OFTEN,
    ),
    _law("marketing-opt-out.law", 10, Unit.WORKING_DAYS, Regime.CHOICE, "16 CFR 316.5"),
    _choice("marketing-opt-out", 0, Unit.SECONDS),
    _choice("analytics-objection", 0, Unit.SECONDS),
    Clock(
        name="breach.individuals",
        length=Length(60, Unit.EXACT_DAYS),
        regime=Regime.HIPAA,
        source="45 CFR 164.404(b)",
        reminders=(30, 15, 5, 1),
    ),
    _choice("breach.individuals-promised", 5, Unit.WORKING_DAYS),
    _law("breach.secretary-few", 60, Unit.DAYS, Regime.HIPAA, "45 CFR 164.408(c)"),
    _law("breach.authority", 72, Unit.HOURS, Regime.GDPR, "GDPR 33(1)"),
    _law("breach.oral-delay", 30, Unit.EXACT_DAYS, Regime.HIPAA, "45 CFR 164.412(b)"),
    _law("breach.web-posting", 90, Unit.DAYS, Regime.HIPAA, "45 CFR 164.404(d)(2)"),
    _choice("legal-order.notice", 14, Unit.DAYS),
    _law("documents-kept", 72, Unit.MONTHS, Regime.HIPAA, "45 CFR 164.316(b)(2), 164.530(j)"),
    Clock(
        name="training.valid",
        length=Length(12, Unit.MONTHS),
        regime=Regime.CHOICE,
        source="ours",
        reminders=(60, 30, 7, 0),
    ),
    _choice("statement.soft-window", 15, Unit.MINUTES),
    _choice("consent.usual", 30, Unit.DAYS),
    _choice("consent.longest", 12, Unit.MONTHS),
    _choice("consent.standing-longest", 24, Unit.MONTHS),
    _choice("step-up", 5, Unit.MINUTES),
    _choice("session.longest", 12, Unit.HOURS),
    _choice("session.idle", 30, Unit.MINUTES),
    _choice("session.idle-staff", 15, Unit.MINUTES),
    _choice("share-code", 10, Unit.MINUTES),
    _choice("elevation", 4, Unit.HOURS),
    _choice("inactivation.cooling", 30, Unit.DAYS),
    _choice("erasure.undo", 7, Unit.EXACT_DAYS),
    _choice("revocation.stream", 5, Unit.SECONDS),
    _choice("revocation.caches", 60, Unit.SECONDS),
    _choice("emergency.review", 2, Unit.WORKING_DAYS),
    _choice("emergency.owner-told", 24, Unit.HOURS),
    _choice("access-review", 90, Unit.DAYS),
    _choice("scrub", 30, Unit.EXACT_DAYS),
)
