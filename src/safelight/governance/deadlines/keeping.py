"""How does a deadline begin, move and end?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from safelight.governance.deadlines.clocks import CLOCKS
from safelight.governance.deadlines.errors import ExtensionRefusedError
from safelight.governance.deadlines.events import DeadlineEvent
from safelight.governance.deadlines.models import ClosedDay, Deadline
from safelight.governance.deadlines.rules import Calendar, due, is_over, longest, strictest
from safelight.kernel.errors import StateConflictError
from safelight.platform.audit.actions import record


def calendar() -> Calendar:
    """Return the house's calendar as it is now."""
    closed = frozenset(ClosedDay.objects.values_list("day", flat=True))
    return Calendar(settings.SAFELIGHT_TIME_ZONE, closed)


@transaction.atomic
def start(kind: str, subject_id: UUID, clocks: Sequence[str], *, at: datetime) -> Deadline:
    """Let a thing run by the strictest of some clocks, beginning at `at`."""
    house, known = calendar(), [CLOCKS[each] for each in clocks]
    clock = strictest(known, at, house)
    made = Deadline.objects.create(
        subject_kind=kind,
        subject_id=subject_id,
        clock=clock.name,
        clocks=list(clocks),
        started=at,
        due=due(at, clock.length, house),
        extendable_until=longest(known, at, house),
    )
    record(DeadlineEvent.STARTED, actor="system", subject=made.subject, reason=clock.name, at=at)
    return made


@transaction.atomic
def extend(deadline_id: UUID, reason: str, *, actor: str, at: datetime) -> Deadline:
    """Move a deadline to the latest day that all its clocks allow.

    Raises:
        ExtensionRefusedError: it was extended before, is over or met, none is allowed, or
            no reason is given.
    """
    row = Deadline.objects.select_for_update().get(pk=deadline_id)
    until = row.extendable_until
    spent = row.extended_at is not None or row.met_at is not None or is_over(row.due, at)
    if until is None or spent or not reason.strip():
        raise ExtensionRefusedError
    row.due, row.extended_at, row.reason = max(row.due, until), at, reason.strip()
    row.save()
    record(
        DeadlineEvent.EXTENDED,
        actor=actor,
        subject=row.subject,
        reason=row.clock,
        detail={"reason": row.reason},
        at=at,
    )
    return row


@transaction.atomic
def pause(deadline_id: UUID, *, actor: str, at: datetime) -> None:
    """Note that one waits for the requester. Raises StateConflictError when it waits, or is met."""
    row = _open(deadline_id)
    if row.paused_at is not None:
        raise StateConflictError
    row.paused_at = at
    row.save()
    record(DeadlineEvent.PAUSED, actor=actor, subject=row.subject, reason=row.clock, at=at)


@transaction.atomic
def resume(deadline_id: UUID, *, actor: str, at: datetime) -> None:
    """Go on. Where all its clocks wait, the time that was waited is added.

    Raises:
        StateConflictError: it does not wait.
    """
    row = _open(deadline_id)
    if row.paused_at is None:
        raise StateConflictError
    if _waits(row):
        waited = at - row.paused_at
        row.due += waited
        row.extendable_until = row.extendable_until and row.extendable_until + waited
    row.paused_at = None
    row.save()
    record(DeadlineEvent.RESUMED, actor=actor, subject=row.subject, reason=row.clock, at=at)


@transaction.atomic
def meet(deadline_id: UUID, *, actor: str, at: datetime) -> None:
    """Say that it is done; a second time changes nothing."""
    row = Deadline.objects.select_for_update().get(pk=deadline_id)
    if row.met_at is not None:
        return
    row.met_at, row.paused_at = at, None
    row.save()
    record(DeadlineEvent.MET, actor=actor, subject=row.subject, reason=row.clock, at=at)


def stands_still(row: Deadline) -> bool:
    """Say whether its time does not run now."""
    return row.paused_at is not None and _waits(row)


def _waits(row: Deadline) -> bool:
    return all(CLOCKS[each].waits for each in row.clocks)


def _open(deadline_id: UUID) -> Deadline:
    row = Deadline.objects.select_for_update().get(pk=deadline_id)
    if row.met_at is not None:
        raise StateConflictError
    return row
