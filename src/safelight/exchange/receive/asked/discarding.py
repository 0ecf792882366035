"""How do the bytes of a parcel go: sent away, never completed, or waited for too long?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F

from safelight.exchange.receive.asked.parcels import LASTS
from safelight.exchange.receive.events import ReceiveEvent
from safelight.exchange.receive.models import (
    Parcel,
    ParcelState,
    Sender,
    SenderCode,
    UploadRequest,
)
from safelight.exchange.receive.uploads import discard_spool
from safelight.platform.audit.actions import record

WAITS_FOR_ANSWER: Final = timedelta(days=30)
_A_DAY: Final = timedelta(days=1)
_A_WEEK: Final = timedelta(days=7)


def discard_parts(parcel: Parcel) -> None:
    """Remove a parcel's bundles and what was found in them; again is harmless."""
    for part in parcel.parts.all():
        discard_spool(part)
    parcel.parts.all().delete()


def forget_lapsed(*, at: datetime) -> int:
    """Remove what was never completed, and what nobody decided about in time."""
    coming = Parcel.objects.filter(state=ParcelState.COMING, started_at__lte=at - LASTS)
    waiting = Parcel.objects.filter(
        state=ParcelState.WAITING, finished_at__lte=at - WAITS_FOR_ANSWER
    )
    count = sum(_lapse(parcel, at=at) for parcel in [*coming, *waiting])
    for parcel in Parcel.objects.filter(
        state__in=(ParcelState.REFUSED, ParcelState.LAPSED, ParcelState.FILED), parts__isnull=False
    ).distinct():
        discard_parts(parcel)  # what a crash kept from going at once
    SenderCode.objects.filter(expires_at__lte=at - _A_DAY).delete()
    Sender.objects.filter(began_at__lte=at - _A_WEEK, parcels__isnull=True).delete()
    return count


def _lapse(parcel: Parcel, *, at: datetime) -> bool:
    with transaction.atomic():
        same = Parcel.objects.filter(pk=parcel.pk, state=parcel.state)
        if not same.update(state=ParcelState.LAPSED, decided_at=at):
            return False
        if parcel.finished_at is None:  # nobody used it: the link may take another one
            UploadRequest.objects.filter(pk=parcel.request_id).update(
                parcels_left=F("parcels_left") + 1
            )
        record(
            ReceiveEvent.PARCEL_LAPSED,
            actor="system",
            subject=f"parcel/{parcel.pk}",
            vault_id=parcel.vault_id,
            at=at,
        )
    discard_parts(parcel)
    return True
