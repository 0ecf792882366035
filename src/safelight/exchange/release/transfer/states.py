"""What becomes of a transfer that does not go on? Held, put off, given up, or over."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from safelight.exchange.release.transfer.arriving import end, hold
from safelight.exchange.release.transfer.errors import LostError
from safelight.exchange.release.transfer.events import TransferEvent
from safelight.exchange.release.transfer.models import Transfer, TransferState
from safelight.exchange.release.transfer.rules import MOST_ATTEMPTS, may_come_back, wait_after
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import Outcome


def stand_in_the_way(row: Transfer, reason: str, *, at: datetime) -> None:
    """Keep what waits where what refuses it can end, and end it where not."""
    try:
        with transaction.atomic():
            hold(row)
            if may_come_back(reason):
                _wait(row, TransferState.HELD, TransferEvent.HELD, reason, at=at)
            else:
                end(row, TransferState.WITHDRAWN, reason, at=at)
    except LostError:
        return


def put_off(row: Transfer, cause: str, asked: timedelta | None, *, at: datetime) -> datetime | None:
    """Try again later, or give up after so many tries; return when."""
    attempts = row.attempts + 1
    try:
        with transaction.atomic():
            hold(row)
            if attempts >= MOST_ATTEMPTS:
                Transfer.objects.filter(pk=row.pk).update(attempts=attempts)
                end(row, TransferState.FAILED, cause, at=at)
                return None
            next_at = at + wait_after(attempts, asked)
            Transfer.objects.filter(pk=row.pk).update(attempts=attempts, next_at=next_at)
            _wait(row, TransferState.PUT_OFF, TransferEvent.PUT_OFF, cause, at=at)
            return next_at
    except LostError:
        return None


def _wait(
    row: Transfer, state: TransferState, event: TransferEvent, cause: str, *, at: datetime
) -> None:
    Transfer.objects.filter(pk=row.pk).update(state=state, cause=cause, changed_at=at)
    kept = Transfer.objects.get(pk=row.pk)
    record(
        event,
        actor="system",
        subject=f"study/{kept.study_id}",
        vault_id=kept.vault_id,
        consent_id=kept.consent_id,
        outcome=Outcome.FAILED,
        reason=cause,
        count=kept.sent,
        detail={"connection": str(kept.connection_id), "transfer": str(kept.pk)},
        at=at,
    )
