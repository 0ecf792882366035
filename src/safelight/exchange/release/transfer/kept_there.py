"""Does the receiver say that it keeps what it was sent? (storage commitment, PS3.4 annex J)

It is asked once all has arrived. It answers in the same association, or calls us later:
then the transfer is over, and what it does not keep stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.dicom.writing.commitment import Reference, Request
from safelight.exchange.access.facts import Party
from safelight.exchange.release.transfer.events import TransferEvent
from safelight.exchange.release.transfer.models import (
    ItemState,
    KeptThere,
    Transfer,
    TransferItem,
)
from safelight.kernel.ids import new_id
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import Outcome
from safelight.records.imaging.models import Instance
from safelight.records.imaging.store import card_of
from safelight.records.partners.models import Connection

_ROOT: Final = "2.25."  # a UID made of a UUID, PS3.5 annex B.2
_LARGEST: Final = 1 << 128


@dataclass(frozen=True, slots=True)
class Told:
    """What a receiver says: its transaction, which objects it keeps, and which it does not."""

    transaction_uid: str
    kept: frozenset[str]
    failed: frozenset[str]


def request_for(row: Transfer, *, at: datetime) -> Request:
    """Write down that a receiver is asked, and return what: all that arrived there."""
    asked_as = new_id()
    with transaction.atomic():
        KeptThere.objects.update_or_create(
            transfer=row,
            defaults={
                "asked_as": asked_as,
                "asked_at": at,
                "heard_at": None,
                "kept": 0,
                "failed": 0,
            },
        )
        wanted = tuple(_references(row))
        _record(row, TransferEvent.KEPT_ASKED, count=len(wanted), at=at)
    return Request(f"{_ROOT}{asked_as.int}", wanted)


def heard_from(row: Transfer, told: Told, *, at: datetime) -> bool | None:
    """Write down what the receiver of a transfer says. Return whether it keeps all.

    None where it speaks of something else.
    """
    return _heard(told, lambda of: of.pk == row.pk, at=at)


def hear(party: Party, told: Told, *, at: datetime) -> bool | None:
    """Write down what a system says that calls. Return whether all is kept; None if not asked.

    It is one of the same partner (or of the institution itself) as the one that was sent to:
    it may call by another connection.
    """
    return _heard(told, lambda of: _is_its(party, of), at=at)


def _heard(told: Told, may: Callable[[Transfer], bool], *, at: datetime) -> bool | None:
    asked_as = _asked_as(told.transaction_uid)
    if asked_as is None:
        return None
    with transaction.atomic():
        rows = KeptThere.objects.select_for_update(of=("self",)).select_related("transfer")
        row = rows.filter(asked_as=asked_as).first()
        if row is None or not may(row.transfer):
            return None
        if row.heard_at is None:  # what it says first counts
            sent = {each.sop_instance_uid for each in _references(row.transfer)}
            kept = len(sent & (told.kept - told.failed))
            row.heard_at, row.kept, row.failed = at, kept, len(sent) - kept
            row.save(update_fields=["heard_at", "kept", "failed"])
            _record(
                row.transfer,
                TransferEvent.KEPT_HEARD,
                reason="not-all" if row.failed else "all",
                outcome=Outcome.FAILED if row.failed else Outcome.OK,
                count=kept,
                at=at,
            )
    return not row.failed


def _references(row: Transfer) -> list[Reference]:
    """Return what arrived there and is still known here."""
    sent = TransferItem.objects.filter(transfer=row, state=ItemState.SENT)
    rows = Instance.objects.filter(id__in=sent.values("instance_id")).order_by("arrival")
    cards = map(card_of, rows.iterator(chunk_size=500))
    return [Reference(each.sop_class_uid, each.sop_instance_uid) for each in cards]


def _is_its(party: Party, row: Transfer) -> bool:
    if party.account_id == row.connection_id:
        return True
    ends = Connection.objects.filter(pk__in=(row.connection_id, party.account))
    found = {(each.organization_id, each.partner_id) for each in ends}
    return ends.count() == 2 and len(found) == 1  # noqa: PLR2004 (the two)


def _asked_as(transaction_uid: str) -> UUID | None:
    number = transaction_uid.removeprefix(_ROOT)
    if not transaction_uid.startswith(_ROOT) or not number.isdecimal() or len(number) > 39:  # noqa: PLR2004 (digits of 2^128)
        return None
    return UUID(int=int(number)) if int(number) < _LARGEST else None


def _record(
    row: Transfer,
    event: TransferEvent,
    *,
    at: datetime,
    count: int,
    reason: str = "",
    outcome: Outcome = Outcome.OK,
) -> None:
    record(
        event,
        actor="system",
        subject=f"study/{row.study_id}",
        vault_id=row.vault_id,
        consent_id=row.consent_id,
        outcome=outcome,
        reason=reason,
        count=count,
        detail={"connection": str(row.connection_id), "transfer": str(row.pk)},
        at=at,
    )
