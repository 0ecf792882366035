"""Which transfers wait, and which of them may go on?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.errors import ConnectionClosedError
from safelight.exchange.access.systems import receiver_of
from safelight.exchange.release.transfer.arriving import end
from safelight.exchange.release.transfer.models import LIVE, Transfer, TransferState
from safelight.exchange.release.transfer.rules import may_come_back

_LEFT_LYING: Final = timedelta(minutes=10)


def take_up_again(*, at: datetime) -> Iterator[UUID]:
    """Yield what may go on: held ones that are let through, late ones, and those left lying.

    What nothing allows any more ends here, also while it waits for its receiver.
    """
    for row in Transfer.objects.filter(state__in=LIVE).order_by("changed_at"):
        refusal = refusal_now(row, at=at)
        if refusal and not may_come_back(refusal) and not _is_running(row, at):
            _end(row, refusal, at=at)
        elif not refusal and _is_due(row, at):
            yield row.pk


def refusal_now(row: Transfer, *, at: datetime) -> str:
    """Return why nothing of a transfer may leave now, empty while it may."""
    return standing_now(row, at=at)[0]


def standing_now(row: Transfer, *, at: datetime) -> tuple[str, UUID | None]:
    """Return why nothing of a transfer may leave now, or under which consent it may."""
    try:
        _, party = receiver_of(row.connection_id, at=at)
    except ConnectionClosedError as closed:
        return closed.code, None
    decision = decide(party, Action.DOWNLOAD, row.study_id, at=at)
    return ("", decision.consent_id) if decision.allowed else (decision.reason, None)


def _is_running(row: Transfer, at: datetime) -> bool:
    return row.state == TransferState.SENDING and row.changed_at > at - _LEFT_LYING


def _is_due(row: Transfer, at: datetime) -> bool:
    if row.state == TransferState.HELD:
        return True
    if row.next_at is not None:
        return row.next_at <= at
    return row.changed_at <= at - _LEFT_LYING


def _end(row: Transfer, refusal: str, *, at: datetime) -> None:
    with transaction.atomic():
        still = Transfer.objects.select_for_update().filter(pk=row.pk, epoch=row.epoch)
        if still.filter(state=row.state).exists():
            end(row, TransferState.WITHDRAWN, refusal, at=at)
