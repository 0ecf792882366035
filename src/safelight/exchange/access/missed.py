"""What did somebody ask for that is not there, or that no program of ours ever asks for?

One such question is a slip; many different ones are somebody who looks around. What was
asked for stands in the record as a keyed token, never as it was written.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.db import DatabaseError, transaction

from safelight.exchange.access.events import AccessEvent
from safelight.exchange.access.facts import Party
from safelight.platform.audit.actions import aim, record, record_denial
from safelight.platform.audit.errors import AuditUnavailableError


def note_miss(party: Party, path: str, *, origin: str, at: datetime) -> None:
    """Put on record that nothing was found at an address; the answer is no either way."""
    with suppress(AuditUnavailableError, DatabaseError):
        record_denial(
            AccessEvent.MISSED,
            actor=party.name,
            session=party.session,
            subject=aim("path", path),
            origin=origin,
            at=at,
            apart=True,
        )


def note_unknown_caller(*, origin: str, at: datetime) -> None:
    """Put on record that a program called with a token that is nobody's."""
    with suppress(AuditUnavailableError, DatabaseError):
        record_denial(AccessEvent.UNKNOWN_CALLER, actor="anonymous", origin=origin, at=at)


@transaction.atomic
def note_everything(party: Party, level: str, *, at: datetime) -> None:
    """Put on record that a program asked for all there is of a level, without any key."""
    record(
        AccessEvent.ASKED_EVERYTHING,
        actor=party.name,
        session=party.session,
        reason=level,
        at=at,
    )
