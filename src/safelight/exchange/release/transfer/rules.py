"""What does a receiver's answer mean, and how long is waited until the next try?

Pure rules: no database, no clock, no network.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from safelight.exchange.access.decision import Reason
from safelight.exchange.access.gates import MISSING
from safelight.exchange.consent.rules import Refusal

MOST_ATTEMPTS: Final = 8
_FIRST_WAIT: Final = timedelta(seconds=30)
_LONGEST_WAIT: Final = timedelta(hours=1)
_LONGEST_ASKED: Final = timedelta(hours=24)
KNOWN_ALREADY: Final = "known-already"
_DUPLICATE: Final = 0x0111
_OUT_OF_RESOURCES: Final = range(0xA700, 0xA800)
_WARNINGS: Final = range(0xB000, 0xC000)
_NOT_AUTHORISED: Final = 0x0124
_COMES_BACK: Final = frozenset({Refusal.SUSPENDED.value, Reason.RECOVERING.value})


class Fate(StrEnum):
    """What became of one object at its receiver."""

    KEPT = "kept"
    REFUSED = "refused"
    LATER = "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A receiver's answer about one object. `cause` is a code, empty where all is well."""

    fate: Fate
    cause: str = ""
    wait: timedelta | None = None


def of_status(status: int) -> Answer:
    """Read a storage status, or a failure reason of a STOW answer (PS3.4 B.2.3, PS3.18 I.2)."""
    named = f"status-{status:04X}"
    if status == 0:
        return Answer(fate=Fate.KEPT)
    if status == _DUPLICATE:  # it has it: sent again, it is known
        return Answer(fate=Fate.KEPT, cause=KNOWN_ALREADY)
    if status in _WARNINGS:
        return Answer(fate=Fate.KEPT, cause=named)
    if status in _OUT_OF_RESOURCES or status == _NOT_AUTHORISED:
        return Answer(fate=Fate.LATER, cause=named)
    return Answer(fate=Fate.REFUSED, cause=named)


def wait_after(attempts: int, asked: timedelta | None = None) -> timedelta:
    """Return how long to wait after so many tries: doubled each time, never less than asked."""
    doubled = min(_FIRST_WAIT * (1 << min(attempts - 1, 20)), _LONGEST_WAIT)
    return max(doubled, min(asked, _LONGEST_ASKED)) if asked is not None else doubled


def may_come_back(refused: str) -> bool:
    """Say whether what refuses a transfer now can end, so that what waits is kept."""
    gate = refused.partition(":")[0]
    return gate in {MISSING, Reason.CONNECTION_CLOSED.value} or refused in _COMES_BACK
