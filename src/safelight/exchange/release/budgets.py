"""How much may one party take along, or take away, before somebody asks whether it is them?

Whoever copies or removes at a script's pace with a stolen session is stopped here, while
it goes on; what is behind it is found by the watch, which reads what is recorded here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from safelight.exchange.access.facts import Party
from safelight.exchange.access.volume import downloads
from safelight.exchange.release.errors import BudgetSpentError, RemovalsFrozenError
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.in_bulk import takes_along, takes_away
from safelight.exchange.release.viewing.find import Found
from safelight.platform.audit.actions import record_denial
from safelight.records.accounts.errors import RateLimitedError
from safelight.records.accounts.holds import INSTANCE, is_held
from safelight.records.accounts.models import HoldKind
from safelight.records.accounts.throttle import (
    COPIES,
    REMOVALS_A_MINUTE,
    REMOVALS_AN_HOUR,
    take,
)

TOO_FAST: Final = "removals-too-fast"


def spend_download(party: Party, found: Found, *, at: datetime) -> None:
    """Count one exam that is about to leave as one file.

    Raises:
        TooManyAtOnceError: with it, more than one takes along without two people.
        RateLimitedError: this party has taken too many this hour.
    """
    with _put_on_record(party, ReleaseEvent.BUDGET_SPENT, "downloads", at):
        downloads(party, at=at)
    takes_along(party, found, at=at)


def spend_copy(party: Party, found: Found, *, at: datetime) -> None:
    """Count one exam whose objects are about to leave as files. A new sign-in counts anew.

    Raises:
        TooManyAtOnceError: with it, more than one takes along without two people.
        BudgetSpentError: this session or guest has taken too many this hour.
        RateLimitedError: this token or system has, which cannot sign in again.
    """
    if not party.is_unlimited:
        try:
            with _put_on_record(party, ReleaseEvent.BUDGET_SPENT, "copies", at):
                take(COPIES, party.session or party.name, at=at)
        except RateLimitedError:
            if party.token_scopes is not None:
                raise
            raise BudgetSpentError from None
    takes_along(party, found, at=at)


def require_removal(party: Party, found: Found, *, at: datetime) -> None:
    """Count one removal before it begins.

    Raises:
        RemovalsFrozenError: nothing is removed here now, or not by this party.
        RateLimitedError: too many in a minute or an hour.
        TooManyAtOnceError: with it, more than one takes away without two people.
    """
    if is_held(HoldKind.DELETES, INSTANCE, party.name, at=at):
        raise RemovalsFrozenError
    with _put_on_record(party, ReleaseEvent.DENIED, TOO_FAST, at):
        for limit in (REMOVALS_A_MINUTE, REMOVALS_AN_HOUR):
            take(limit, party.name, at=at)
    takes_away(party, found, at=at)


@contextmanager
def _put_on_record(party: Party, event: ReleaseEvent, reason: str, at: datetime) -> Iterator[None]:
    try:
        yield
    except RateLimitedError:
        record_denial(event, actor=party.name, session=party.session, reason=reason, at=at)
        raise
