"""When does a parcel begin and end, how much may it hold, and what does its receipt say?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import F, Sum

from safelight.exchange.receive.asked.rules import MOST_WAITING
from safelight.exchange.receive.asked.sealed import lines_of, seal_for, unseal_of
from safelight.exchange.receive.asked.telling import tell_receivers
from safelight.exchange.receive.errors import (
    AttestationMissingError,
    ParcelFullError,
)
from safelight.exchange.receive.events import ReceiveEvent
from safelight.exchange.receive.models import (
    Parcel,
    ParcelPart,
    ParcelState,
    Sender,
    UploadRequest,
    UploadState,
)
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import new_id
from safelight.platform.audit.actions import record

LASTS: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """What a sender is told of one parcel. `files` are (SHA-256, size) of what was kept."""

    parcel_id: UUID
    whom: str
    started_at: datetime
    finished_at: datetime | None
    files: tuple[tuple[str, int], ...]
    left_out: int
    size: int


def start_parcel(
    sender: Sender, *, believed_right: bool, files: int, size: int, at: datetime
) -> Parcel:
    """Begin a parcel; it takes one of those that the link has left.

    Raises:
        AttestationMissingError: the sender did not say that they may send this.
        NotFoundError: the link has none left.
        ParcelFullError: more than may come by this link.
    """
    if not believed_right or sender.named_at is None:
        raise AttestationMissingError
    request = sender.request
    if size > room_for_bytes(request) or files > room_for_files(request):
        raise ParcelFullError
    with transaction.atomic():
        left = UploadRequest.objects.filter(pk=request.pk, parcels_left__gt=0)
        if not left.update(parcels_left=F("parcels_left") - 1):
            raise NotFoundError
        parcel = Parcel.objects.create(
            id=new_id(),
            request=request,
            sender=sender,
            vault_id=request.vault_id,
            expected_files=files,
            expected_bytes=size,
            started_at=at,
        )
        note_by_sender(ReceiveEvent.PARCEL_BEGUN, parcel, at=at)
    return parcel


def own_parcel(sender: Sender, parcel_id: UUID) -> Parcel:
    """Return a parcel of this sender.

    Raises:
        NotFoundError: there is none.
    """
    found = Parcel.objects.select_related("request", "sender")
    parcel = found.filter(pk=parcel_id, sender=sender).first()
    if parcel is None:
        raise NotFoundError
    return parcel


def coming(sender: Sender, *, at: datetime) -> list[Parcel]:
    """Return the sender's parcels that may go on, the newest first."""
    return list(
        Parcel.objects.filter(
            sender=sender, state=ParcelState.COMING, started_at__gt=at - LASTS
        ).order_by("-started_at")
    )


def sent(sender: Sender) -> list[Parcel]:
    """Return the sender's parcels that are complete, the newest first."""
    done = Parcel.objects.filter(sender=sender, finished_at__isnull=False)
    return list(done.order_by("-finished_at"))


def finish_parcel(sender: Sender, parcel_id: UUID, *, at: datetime) -> Parcel:
    """Close a parcel, keep its receipt and tell the receivers; again is harmless.

    Raises:
        NotFoundError: it is not this sender's.
        StateConflictError: a bundle of it is still being looked at, or nothing arrived.
    """
    parcel = own_parcel(sender, parcel_id)
    with transaction.atomic():
        # Held, so that no bundle is completed between the receipt and the close.
        open_ones = Parcel.objects.select_for_update().filter(
            pk=parcel.pk, state=ParcelState.COMING
        )
        if open_ones.first() is not None:
            _close(parcel, at=at)
    parcel.refresh_from_db()
    return parcel


def _close(parcel: Parcel, *, at: datetime) -> None:
    parcel.refresh_from_db(fields=["files", "size"])
    if parcel.parts.filter(state=UploadState.PROCESSING).exists():
        raise StateConflictError
    kept = [
        (line.sha256, line.size)
        for part in parcel.parts.filter(state=UploadState.DONE).order_by("created_at", "id")
        for line in lines_of(part)
        if not line.refused
    ]
    if not kept:
        raise StateConflictError
    sealed = seal_for(parcel, orjson.dumps(kept), f"parcel-receipt|{parcel.pk}")
    Parcel.objects.filter(pk=parcel.pk).update(
        state=ParcelState.WAITING, finished_at=at, sealed_receipt=sealed
    )
    note_by_sender(
        ReceiveEvent.PARCEL_RECEIVED, parcel, at=at, count=parcel.files, size=parcel.size
    )
    tell_receivers(parcel.request, at=at)


def arrived(parcel: Parcel, whom: str) -> Arrived:
    """Return what the receipt of a parcel says."""
    files: list[list[Any]] = []
    if parcel.sealed_receipt:
        opened = unseal_of(parcel, bytes(parcel.sealed_receipt), f"parcel-receipt|{parcel.pk}")
        files = orjson.loads(opened)
    return Arrived(
        parcel_id=parcel.pk,
        whom=whom,
        started_at=parcel.started_at,
        finished_at=parcel.finished_at,
        files=tuple((str(sha256), int(size)) for sha256, size in files),
        left_out=parcel.left_out,
        size=parcel.size,
    )


def note_by_sender(
    event: ReceiveEvent, parcel: Parcel, *, at: datetime, count: int = 0, size: int = 0
) -> None:
    """Put what a sender did with a parcel on record."""
    record(
        event,
        actor=f"sender/{parcel.sender_id}",
        subject=f"parcel/{parcel.pk}",
        vault_id=parcel.vault_id,
        count=count,
        size=size,
        at=at,
    )


def room_for_files(request: UploadRequest) -> int:
    """Return how many files may still come by this link."""
    came = request.parcels.aggregate(files=Sum("files"))["files"] or 0
    return int(request.most_files - came)


def room_for_bytes(request: UploadRequest) -> int:
    """Return how many bytes may still come: by this link, and until the receivers decided."""
    parts = ParcelPart.objects.filter(parcel__request=request)
    by_link = request.most_bytes - (parts.aggregate(sent=Sum("length"))["sent"] or 0)
    waiting = ParcelPart.objects.filter(parcel__vault_id=request.vault_id)
    in_all = MOST_WAITING - (waiting.aggregate(sent=Sum("length"))["sent"] or 0)
    return int(min(by_link, in_all))
