"""What was signed on paper, who saw it, and where does its record stand?

A paper counts for nothing until a second person of the same institution has compared
it with what was recorded; what nobody compared within fourteen days has lapsed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

LASTS: Final = timedelta(days=14)
OLDEST: Final = timedelta(days=90)
ON_PAPER: Final = "paper"
LONGEST_LINE: Final = 120


class PaperState(StrEnum):
    """Where a recorded paper is. Values are stable codes; only what is live opens anything."""

    PREPARED = "prepared"
    WAITING = "waiting"
    LIVE = "live"
    REFUSED = "refused"
    LAPSED = "lapsed"


class KnownBy(StrEnum):
    """How whoever saw the signing knew the signer. Values are stable codes."""

    PHOTO_ID = "photo-id"
    TREATED_HERE = "treated-here"


OPEN: Final = frozenset({PaperState.PREPARED, PaperState.WAITING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What is said of a paper: the SHA-256 of its scan, when it was signed, and who saw that."""

    organization_id: UUID
    organization_name: str
    digest: str
    signed_on: date
    seen_by: str
    seen_as: str
    known_by: KnownBy


def paper_as_data(paper: Paper) -> dict[str, Any]:
    """Return a paper as plain data in one fixed shape."""
    return {
        "organization": str(paper.organization_id),
        "organization_name": paper.organization_name,
        "sha256": paper.digest,
        "signed_on": paper.signed_on.isoformat(),
        "seen_by": paper.seen_by,
        "seen_as": paper.seen_as,
        "known_by": paper.known_by.value,
    }


def paper_from_data(data: dict[str, Any]) -> Paper:
    """Read a paper back."""
    return Paper(
        organization_id=UUID(data["organization"]),
        organization_name=data["organization_name"],
        digest=data["sha256"],
        signed_on=date.fromisoformat(data["signed_on"]),
        seen_by=data["seen_by"],
        seen_as=data["seen_as"],
        known_by=KnownBy(data["known_by"]),
    )


def paper_faults(paper: Paper, *, at: datetime) -> dict[str, str]:
    """Name each part of what is said of a paper that cannot stand."""
    found: dict[str, str] = {}
    if not timedelta(0) <= at.date() - paper.signed_on <= OLDEST:
        found["signed_on"] = "Give the day it was signed, within the last 90 days."
    for name, said in (("seen_by", paper.seen_by), ("seen_as", paper.seen_as)):
        if not said or len(said) > LONGEST_LINE:
            found[name] = "Say who saw it signed: their name and what they are there."
    return found


def paper_state_at(state: PaperState, *, lapses_at: datetime, at: datetime) -> PaperState:
    """Return where a paper is at a moment: what nobody compared in time has lapsed."""
    return PaperState.LAPSED if state in OPEN and at >= lapses_at else state
