"""What may an upload request ask for, and is its link open now? Pure rules over plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from safelight.kernel.errors import InvalidFieldError
from safelight.records.accounts.addresses import normalised

LONGEST: Final = timedelta(days=90)
MOST_PARCELS: Final = 20
MOST_FILES: Final = 20_000
MOST_BYTES: Final = 20 << 30
MOST_WAITING: Final = 100 << 30
MOST_OPEN: Final = 50
LONGEST_MESSAGE: Final = 600
LONGEST_NAME: Final = 120
TRIES: Final = 5


class Check(StrEnum):
    """What somebody with the link must know besides it."""

    NONE = "none"
    PASSPHRASE = "passphrase"  # noqa: S105 (a sort of check, not a secret)
    CODE = "code"


class LinkState(StrEnum):
    """Where a request is, as its maker sees it. Outsiders are told nothing but "open" or not."""

    OPEN = "open"
    USED_UP = "used-up"
    OVER = "over"
    WITHDRAWN = "withdrawn"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody asks for, as it was typed. `organization_id`: for a desk, else for oneself."""

    organization_id: UUID | None = None
    expected: str = ""
    address: str = ""
    message: str = ""
    parcels: int = 1
    ends_on: date | None = None
    check: str = Check.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduced:
    """Who a sender says they are. Nobody has confirmed it."""

    name: str
    address: str
    relation: str
    may_send: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFacts:
    """What is known of one link when somebody comes by it."""

    ends_at: datetime
    is_withdrawn: bool
    is_locked: bool
    parcels_left: int


def end_of(day: date) -> datetime:
    """Return the last second of a last day, in UTC; said as a day, it is that day."""
    return datetime.combine(day, time(23, 59, 59), tzinfo=UTC)


def faults_of_wish(wish: Wish, *, at: datetime) -> dict[str, str]:
    """Return what is wrong with a request, by field; empty where nothing is."""
    faults: dict[str, str] = {}
    if wish.ends_on is None or not at < end_of(wish.ends_on) <= at + LONGEST + timedelta(days=1):
        faults["ends_on"] = f"Choose a last day within {LONGEST.days} days."
    if not 1 <= wish.parcels <= MOST_PARCELS:
        faults["parcels"] = f"Choose a number from 1 to {MOST_PARCELS}."
    if len(wish.message) > LONGEST_MESSAGE:
        faults["message"] = f"Write at most {LONGEST_MESSAGE} letters."
    if len(wish.expected) > LONGEST_NAME:
        faults["expected"] = f"Write at most {LONGEST_NAME} letters."
    if wish.check not in set(Check):
        faults["check"] = "Choose one of them."
    if (wish.address or wish.check == Check.CODE) and not _is_address(wish.address):
        faults["address"] = "Write the e-mail address of whoever is to send."
    return faults


def faults_of_introduction(said: Introduced) -> dict[str, str]:
    """Return what is missing before somebody may send, by field."""
    faults: dict[str, str] = {}
    if not 1 <= len(said.name) <= LONGEST_NAME:
        faults["name"] = "Write your name."
    if not _is_address(said.address):
        faults["address"] = "Write your e-mail address."
    if not 1 <= len(said.relation) <= LONGEST_NAME:
        faults["relation"] = "Say what you are to the person the images are of."
    if not said.may_send:
        faults["may_send"] = "Say that you may send these."
    return faults


def state_of(link: LinkFacts, *, at: datetime) -> LinkState:
    """Return where a link is."""
    if link.is_withdrawn:
        return LinkState.WITHDRAWN
    if link.is_locked:
        return LinkState.LOCKED
    if at >= link.ends_at:
        return LinkState.OVER
    return LinkState.OPEN if link.parcels_left > 0 else LinkState.USED_UP


def may_go_on(link: LinkFacts, *, at: datetime) -> bool:
    """Say whether somebody who began to send may go on: the last parcel may still be completed."""
    return state_of(link, at=at) in {LinkState.OPEN, LinkState.USED_UP}


def _is_address(text: str) -> bool:
    try:
        normalised(text)
    except InvalidFieldError:
        return False
    return True
