"""How much may a party take within an hour, a minute, a day? (security 3.10)

Whatever it may see, nobody needs all of it at once: what goes beyond is a program that
empties a place. A token that an operator made without limits is let through.
"""

from __future__ import annotations

from datetime import datetime

from safelight.exchange.access.facts import Party, PartyKind
from safelight.records.accounts import throttle
from safelight.records.accounts.allowances import spend

_KIB = 1 << 10


def searched(party: Party, *, at: datetime) -> None:
    """Count one search.

    Raises:
        RateLimitedError: too many within the minute.
    """
    if not party.is_unlimited:
        limit = _of(party, throttle.SEARCHES, throttle.GUEST_SEARCHES)
        if party.kind is PartyKind.SYSTEM:
            limit = throttle.FINDS
        spend(limit, party.name, at=at)


def takes_objects(party: Party, number: int, *, at: datetime) -> None:
    """Count objects that are about to leave, whole or in part.

    Raises:
        RateLimitedError: too many within the hour.
    """
    if number and not party.is_unlimited:
        limit = _of(party, throttle.OBJECTS, throttle.GUEST_OBJECTS)
        spend(limit, party.name, amount=number, at=at)


def downloads(party: Party, *, at: datetime) -> None:
    """Count one exam that is about to leave as a file, to the last one.

    Raises:
        RateLimitedError: too many within the hour.
    """
    if not party.is_unlimited:
        throttle.take(throttle.DOWNLOADS, party.name, at=at)


def brings(party: Party, size: int, *, at: datetime) -> None:
    """Count bytes that a party brings in.

    Raises:
        RateLimitedError: more than one may bring in a day.
    """
    if not party.is_unlimited:
        spend(throttle.UPLOADED, party.name, amount=-(-size // _KIB), at=at)


def _of(party: Party, known: throttle.Limit, guest: throttle.Limit) -> throttle.Limit:
    return guest if party.kind is PartyKind.GUEST else known
