"""How does somebody stop a transfer, or let it be tried again?"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F

from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.access.representing.verifying import verifies_for
from safelight.exchange.release.transfer.arriving import LEDGERS_DIFFER, end
from safelight.exchange.release.transfer.events import TransferEvent
from safelight.exchange.release.transfer.jobs import send_later
from safelight.exchange.release.transfer.models import (
    LIVE,
    ItemState,
    Transfer,
    TransferState,
)
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.platform.audit.actions import record
from safelight.records.accounts.models import Role

_DESK: Final = frozenset({Role.IMAGING_DESK})
_AGAIN: Final = (
    TransferState.FAILED,
    TransferState.STOPPED,
    TransferState.HELD,
    TransferState.PUT_OFF,
)


def desks_of(party: Party) -> frozenset[UUID]:
    """Return the institutions at whose imaging desk somebody is who came in person."""
    return verifies_for(party, _DESK)


def transfer_of(party: Party, transfer_id: UUID, *, at: datetime) -> Transfer:
    """Return a transfer to the desk whose connection it is, and to who decides about the exam.

    Raises:
        NotFoundError: there is none, or it is not theirs.
    """
    row = Transfer.objects.filter(pk=transfer_id).first()
    if row is None:
        raise NotFoundError
    is_desk = row.organization_id in desks_of(party)
    if not is_desk and not decide(party, Action.SHARE, row.study_id, at=at).allowed:
        raise NotFoundError
    return row


def may_retry(row: Transfer) -> bool:
    """Say whether it can be tried again by hand: not what arrived otherwise, which is sent anew."""
    return row.state in _AGAIN and row.cause != LEDGERS_DIFFER


def stop(party: Party, transfer_id: UUID, *, at: datetime) -> None:
    """Let nothing more leave. What has arrived is there.

    Raises:
        NotFoundError: there is none, or it is not theirs.
        StateConflictError: it is over.
    """
    transfer_of(party, transfer_id, at=at)
    with transaction.atomic():
        row = Transfer.objects.select_for_update().get(pk=transfer_id)
        if row.state not in LIVE:
            raise StateConflictError("It is over already.")
        end(row, TransferState.STOPPED, "by-hand", at=at, by=party.name, session=party.session)


def retry(party: Party, transfer_id: UUID, *, at: datetime) -> None:
    """Let it be tried again now: what was refused too, and what arrived not.

    Raises:
        NotFoundError: there is none, or it is not theirs.
        StateConflictError: it is sent, withdrawn, or under way.
    """
    transfer_of(party, transfer_id, at=at)
    with transaction.atomic():
        row = Transfer.objects.select_for_update().get(pk=transfer_id)
        if not may_retry(row):
            raise StateConflictError("It is under way, or over for good.")
        row.items.filter(state=ItemState.REFUSED).update(state=ItemState.WAITING, cause="")
        Transfer.objects.filter(pk=transfer_id).update(
            state=TransferState.QUEUED,
            cause="",
            attempts=0,
            next_at=None,
            ended_at=None,
            changed_at=at,
            epoch=F("epoch") + 1,
        )
        record(
            TransferEvent.RETRIED,
            actor=party.name,
            session=party.session,
            subject=f"study/{row.study_id}",
            vault_id=row.vault_id,
            consent_id=row.consent_id,
            detail={"connection": str(row.connection_id), "transfer": str(row.pk)},
            at=at,
        )
        send_later.enqueue(transfer_id=transfer_id)
