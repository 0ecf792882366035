"""How does a system that has left hear what became of what it asked?

By an association that we begin, in which it takes the part of the one that is told
(PS3.4 J.3.3). What cannot be said is said again, ever later, and given up after a day: the
system has its own to keep then, and may ask anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.dicom.registry import transfer_syntaxes as syntax
from safelight.dicom.writing.commitment import Report, write_report
from safelight.exchange.access.calling import server_of
from safelight.exchange.access.systems import party_of_system, told_at
from safelight.exchange.receive.commitment.asking import report_of
from safelight.exchange.receive.events import ReceiveEvent
from safelight.exchange.receive.models import Brought, Commitment
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import Outcome
from safelight.platform.peers.causes import Cause, UnreachableError
from safelight.platform.peers.dimse import reports
from safelight.platform.peers.dimse.calling import Server, associated
from safelight.platform.peers.dimse.faults import GoneError, ProtocolError
from safelight.platform.peers.dimse.negotiation import COMMITMENT
from safelight.platform.peers.dimse.proposing import Wanted

KEPT_FOR: Final = timedelta(days=90)
"""For so long after it was brought a system may ask about an object."""
NOWHERE: Final = "nowhere-to-call"
_GIVEN_UP: Final = timedelta(days=1)
_FIRST_WAIT: Final = timedelta(minutes=1)
_LONGEST_WAIT: Final = timedelta(hours=1)
_LEFT_LYING: Final = timedelta(minutes=15)
_PLAIN: Final = (syntax.EXPLICIT_LITTLE, syntax.IMPLICIT_LITTLE)


def reported(commitment_id: UUID, report: Report, *, at: datetime) -> None:
    """Write that a system has confirmed a report; again is harmless."""
    with transaction.atomic():
        row = _open(commitment_id)
        if row is None:
            return
        _over(row, at=at)
        Commitment.objects.filter(pk=row.pk).update(reported_at=at)
        _record(
            row,
            ReceiveEvent.COMMITMENT_REPORTED,
            "not-all" if report.failed else "all",
            count=len(report.kept),
            at=at,
        )


def call_back(commitment_id: UUID, *, at: datetime) -> bool:
    """Let a system that left without its report be called; no where it cannot be.

    Then its request is over: it hears nothing, keeps its own, and may ask anew.
    """
    with transaction.atomic():
        row = _open(commitment_id)
        if row is None:
            return False
        if told_at(row.connection_id, at=at) is None:
            _give_up(row, NOWHERE, at=at)
            return False
        Commitment.objects.filter(pk=row.pk).update(next_at=at)
    return True


def due(*, at: datetime) -> Iterator[UUID]:
    """Yield what is to be told now, also what an association left lying that never ended."""
    waiting = Commitment.objects.filter(ended_at=None)
    for row in waiting.filter(next_at=None, asked_at__lte=at - _LEFT_LYING):
        call_back(row.pk, at=at)
    yield from waiting.filter(next_at__lte=at).order_by("next_at").values_list("pk", flat=True)


def forget(*, at: datetime) -> None:
    """Forget what was brought and asked so long ago that nobody asks about it any more."""
    Brought.objects.filter(brought_at__lt=at - KEPT_FOR).delete()
    Commitment.objects.filter(asked_at__lt=at - KEPT_FOR).delete()


def tell(commitment_id: UUID, *, at: datetime) -> None:
    """Call a system and tell it what is kept, or say when that is tried again."""
    row = _taken(commitment_id, at=at)
    if row is None:
        return
    try:
        cause = _tried(row, at=at)
    except ExpectedError as closed:
        cause = closed.code
    if cause:
        _put_off(row.pk, cause, at=at)


def _tried(row: Commitment, *, at: datetime) -> str:
    """Call a system, and return why it was not told; empty where it was, or need not be."""
    place = told_at(row.connection_id, at=at)
    if place is None:
        return NOWHERE
    report = report_of(party_of_system(row.connection_id, at=at), row.pk, at=at)
    cause = _told(report, server_of(place)) if report is not None else ""
    if report is not None and not cause:
        reported(row.pk, report, at=clock.now())
    return cause


def _told(report: Report, server: Server) -> str:
    """Say it, and return why it did not come across; empty where it did."""
    try:
        with associated(server, [Wanted(COMMITMENT, _PLAIN, as_scp=True)]) as call:
            context = next(iter(call.contexts.values()), None)
            if context is None:
                return Cause.ASSOCIATION_REFUSED.value
            explicit = context.transfer_syntax == syntax.EXPLICIT_LITTLE
            said = write_report(report, explicit=explicit)
            fine = reports.tell(call, context, said, has_failures=bool(report.failed))
            return "" if fine else Cause.ASSOCIATION_REFUSED.value
    except UnreachableError as unreachable:
        return unreachable.cause.value
    except (GoneError, ProtocolError):
        return Cause.UNREACHABLE.value


def _taken(commitment_id: UUID, *, at: datetime) -> Commitment | None:
    """Take a request for this try: another that begins meanwhile finds it put off."""
    with transaction.atomic():
        row = _open(commitment_id)
        if row is None or row.next_at is None or row.next_at > at:
            return None
        row.tries += 1
        row.next_at = at + min(_FIRST_WAIT * (1 << min(row.tries - 1, 10)), _LONGEST_WAIT)
        row.save(update_fields=["tries", "next_at"])
    return row


def _put_off(commitment_id: UUID, cause: str, *, at: datetime) -> None:
    with transaction.atomic():
        row = _open(commitment_id)
        if row is not None and (cause == NOWHERE or at >= row.asked_at + _GIVEN_UP):
            _give_up(row, cause, at=at)


def _give_up(row: Commitment, cause: str, *, at: datetime) -> None:
    _over(row, at=at)
    _record(row, ReceiveEvent.COMMITMENT_UNREPORTED, cause, outcome=Outcome.FAILED, at=at)


def _open(commitment_id: UUID) -> Commitment | None:
    rows = Commitment.objects.select_for_update()
    return rows.filter(pk=commitment_id, ended_at=None).first()


def _over(row: Commitment, *, at: datetime) -> None:
    """End a request; what was asked about is not needed any more."""
    Commitment.objects.filter(pk=row.pk).update(ended_at=at, next_at=None, asked=None)


def _record(
    row: Commitment,
    event: ReceiveEvent,
    reason: str,
    *,
    at: datetime,
    count: int = 0,
    outcome: Outcome = Outcome.OK,
) -> None:
    record(
        event,
        actor=f"connection/{row.connection_id}",
        subject=f"commitment/{row.pk}",
        outcome=outcome,
        reason=reason,
        count=count,
        at=at,
    )
