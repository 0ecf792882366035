"""How does a part of the trail leave, entry by entry, in the order in which things happened?

Only entries that have their place leave: those do not change any more, and none comes
between them later. In what form they are written is for the room that asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from safelight.platform.audit.actions import record
from safelight.platform.audit.events import AuditEvent
from safelight.platform.audit.models import Tip
from safelight.platform.audit.queries import count_placed, placed_after, vaults_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from safelight.platform.audit.queries import TrailEntry, TrailFilter

BATCH = 500


def export_entries(
    actor: str, wanted: TrailFilter, form: str, *, at: datetime
) -> Iterator[list[TrailEntry]]:
    """Record that entries are handed out in a form, then return them in batches.

    The record is committed before this returns, with how many there are; the batches are
    read as they are taken.
    """
    with transaction.atomic():
        tip = Tip.objects.first()
        upto = 0 if tip is None else tip.size
        record(
            AuditEvent.EXPORTED,
            actor=actor,
            reason=form,
            at=at,
            count=count_placed(wanted, upto=upto),
            detail={
                "kinds": list(wanted.kinds),
                "outcome": wanted.outcome,
                "actor": wanted.actor,
                "subject": wanted.subject,
            },
        )
    return _batches(wanted, upto)


def tells_of(wanted: TrailFilter, *, at_most: int) -> int:
    """Count of how many vaults, so of how many people and institutions; up to a number."""
    return len(vaults_in(wanted)[:at_most])


def _batches(wanted: TrailFilter, upto: int) -> Iterator[list[TrailEntry]]:
    seq = 0
    while batch := placed_after(seq, wanted, upto=upto, limit=BATCH):
        yield batch
        seq = batch[-1].seq or 0
