"""Is a partner's Safelight told that the consent to its copy ended early?

Once, and only when it has said that it heard. It waits for an open connection, and is tried
again.
"""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from safelight.exchange.consent.models import Consent
from safelight.exchange.release.sharing.withdraw import EndedBy
from safelight.exchange.release.transfer.by_safelight import address_of, announced
from safelight.exchange.release.transfer.events import TransferEvent
from safelight.exchange.release.transfer.models import CopyThere
from safelight.exchange.release.transfer.rules import may_come_back
from safelight.exchange.release.transfer.speaking import AT_ONCE, next_time, note, spoken
from safelight.exchange.release.transfer.terms import terms_under
from safelight.exchange.release.transfer.upkeep import standing_now


def tell_withdrawals(*, at: datetime) -> int:
    """Tell partners whose consents ended early; return how many heard that one was taken back.

    Where another consent lets them have the exam, they are told of that one instead.
    """
    waiting = CopyThere.objects.filter(withdrawal_told_at=None, transfer__sent__gt=0)
    waiting = waiting.filter(Q(tell_at=None) | Q(tell_at__lte=at))
    ended = Consent.objects.filter(revoked_at__isnull=False).values("pk")
    waiting = waiting.filter(consent_id__in=ended).select_related("transfer")
    told, silent = 0, set[UUID]()
    for row in waiting.order_by(F("tell_at").asc(nulls_first=True), "pk")[:AT_ONCE]:
        # Moved first: whatever comes of this one, the others have their turn.
        CopyThere.objects.filter(pk=row.pk).update(tell_at=next_time(row, at))
        told += _told(row, silent, at=at)
    return told


def _told(row: CopyThere, silent: set[UUID], *, at: datetime) -> bool:
    """Tell of one end; say whether it was heard."""
    refusal, now_under = standing_now(row.transfer, at=at)
    if not refusal:
        _announced_anew(row, now_under, silent, at=at)
        return False
    if _was_replaced(row) and may_come_back(refusal):
        return False
    path = f"{address_of(row.transfer_id)}/withdraw"
    answer = spoken(row, lambda line: line.call("POST", path), silent, at=at)
    if answer is None or answer.status != HTTPStatus.OK:
        return False
    with transaction.atomic():
        CopyThere.objects.filter(pk=row.pk).update(withdrawal_told_at=at)
        note(TransferEvent.WITHDRAWAL_TOLD, row, at=at)
    return True


def _was_replaced(row: CopyThere) -> bool:
    ended = Consent.objects.filter(pk=row.consent_id or UUID(int=0))
    return ended.filter(ended_by=EndedBy.REPLACED).exists()


def _announced_anew(
    row: CopyThere, consent_id: UUID | None, silent: set[UUID], *, at: datetime
) -> None:
    """Tell a partner under which other consent it has the copy from now on."""
    terms = terms_under(row.transfer, consent_id)
    if terms is not None:
        spoken(row, lambda line: announced(line, row.transfer_id, terms), silent, at=at)
