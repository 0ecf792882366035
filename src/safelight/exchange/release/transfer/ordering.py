"""How does somebody order that an exam goes to another institution's system?

The consent says to whom and for what; the order names the exam and the connection. The
patient may give it, and the desk of the institution whose connection it is. Each object is
written down with its turn, so that what was wanted can be compared with what arrived.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.access.systems import Destination, receiver_of
from safelight.exchange.release.transfer.arriving import LEDGERS_DIFFER
from safelight.exchange.release.transfer.changing import desks_of
from safelight.exchange.release.transfer.coercion import (
    NO_WISH,
    Change,
    Wish,
    preview_of,
    sealed,
)
from safelight.exchange.release.transfer.errors import (
    NothingToSendError,
    UnderWayError,
)
from safelight.exchange.release.transfer.events import TransferEvent
from safelight.exchange.release.transfer.jobs import send_later
from safelight.exchange.release.transfer.models import LIVE, ItemState, Transfer, TransferItem
from safelight.exchange.release.viewing.find import (
    Found,
    find_study,
    find_study_by_id,
    instances_of,
)
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import new_id
from safelight.platform.audit.actions import record
from safelight.records.imaging.quarantine import sound_among
from safelight.records.imaging.store import open_instance


def order(
    party: Party, study: UUID | str, connection_id: UUID, *, at: datetime, wish: Wish = NO_WISH
) -> Transfer:
    """Order that what the other side may have of an exam goes there.

    `study` is an id or a UID. `wish` is what the receiver calls the patient and the exam,
    where that is something else.

    Raises:
        NotFoundError: there is nothing that this party could send there.
        ConnectionClosedError: nothing is sent there now.
        NothingToSendError: all of it has arrived before.
        UnderWayError: it is on its way already.
        InvalidFieldError: what is wished for does not fit.
    """
    wish.values()
    destination, found = _found(party, study, connection_id, at=at)
    sent = _sent_before(found.study.id, connection_id)
    wanted = [row.id for row in instances_of(found) if row.id not in sent]
    if not wanted:
        raise NothingToSendError
    transfer_id = new_id()
    row = Transfer(
        id=transfer_id,
        sealed_coercion=sealed(wish, found.study.vault_id, transfer_id),
        vault_id=found.study.vault_id,
        study_id=found.study.id,
        organization_id=destination.organization_id,
        connection_id=connection_id,
        consent_id=found.decision.consent_id,
        ordered_by=party.name,
        ordered_at=at,
        changed_at=at,
        wanted=len(wanted),
    )
    try:
        with transaction.atomic():
            _write(row, wanted, party, at=at)
    except IntegrityError as refused:
        there = Transfer.objects.filter(study_id=row.study_id, connection_id=connection_id)
        if not there.filter(state__in=LIVE).exists():
            raise
        raise UnderWayError from refused
    return row


def preview(
    party: Party, study: UUID | str, connection_id: UUID, wish: Wish, *, at: datetime
) -> list[Change]:
    """Say what would be changed in the first object, from what into what.

    Raises:
        NotFoundError, ConnectionClosedError: as when it is ordered.
    """
    _, found = _found(party, study, connection_id, at=at)
    rows = sound_among(instances_of(found))
    return preview_of(open_instance(rows[0]), wish) if rows else []


def _found(
    party: Party, study: UUID | str, connection_id: UUID, *, at: datetime
) -> tuple[Destination, Found]:
    destination, receiver = receiver_of(connection_id, at=at)
    _require_orderer(party, destination.organization_id, study, at=at)
    if isinstance(study, UUID):
        found = find_study_by_id(receiver, study, at=at, action=Action.DOWNLOAD)
    else:
        found = find_study(receiver, study, at=at, action=Action.DOWNLOAD)
    return destination, found


def _require_orderer(
    party: Party, organization_id: UUID, study: UUID | str, *, at: datetime
) -> None:
    """Let pass the desk of the house, and who decides about the exam."""
    if organization_id in desks_of(party):
        return
    if isinstance(study, UUID) and decide(party, Action.SHARE, study, at=at).allowed:
        return
    raise NotFoundError


def _sent_before(study_id: UUID, connection_id: UUID) -> set[UUID]:
    """Return what has arrived there; nothing of a transfer that the other side counts otherwise."""
    rows = TransferItem.objects.filter(
        transfer__study_id=study_id,
        transfer__connection_id=connection_id,
        state=ItemState.SENT,
    ).exclude(transfer__cause=LEDGERS_DIFFER)
    return set(rows.values_list("instance_id", flat=True))


def _write(row: Transfer, wanted: Sequence[UUID], party: Party, *, at: datetime) -> None:
    row.save(force_insert=True)
    TransferItem.objects.bulk_create(
        (
            TransferItem(transfer=row, number=number, instance_id=each)
            for number, each in enumerate(wanted, start=1)
        ),
        batch_size=500,
    )
    record(
        TransferEvent.ORDERED,
        actor=party.name,
        session=party.session,
        subject=f"study/{row.study_id}",
        vault_id=row.vault_id,
        consent_id=row.consent_id,
        count=row.wanted,
        detail={"connection": str(row.connection_id), "transfer": str(row.id)},
        at=at,
    )
    send_later.enqueue(transfer_id=row.id)
