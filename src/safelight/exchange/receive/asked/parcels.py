"""How does a parcel come in piece by piece, and what is its sender told of it?

Its bundles wait sealed, outside every vault. What the sender learns of a file is
whether it arrived and can be read, never what is stored already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import F, Sum

from safelight.exchange.receive.asked.contents import Line, from_bytes, look_at, to_bytes
from safelight.exchange.receive.asked.rules import MOST_WAITING
from safelight.exchange.receive.asked.telling import tell_receivers
from safelight.exchange.receive.bundles import files_of
from safelight.exchange.receive.errors import (
    AttestationMissingError,
    BundleBrokenError,
    ParcelFullError,
    UploadOverError,
    UploadTooLargeError,
)
from safelight.exchange.receive.events import ReceiveEvent
from safelight.exchange.receive.models import (
    Parcel,
    ParcelPart,
    ParcelState,
    Sender,
    Spooled,
    UploadRequest,
    UploadState,
)
from safelight.exchange.receive.uploads import (
    LARGEST_BUNDLE,
    MOST_OPEN,
    WAITS,
    alone_with,
    new_spool,
    opened_spool,
)
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import new_id
from safelight.platform.audit.actions import record
from safelight.platform.keys.cipher import seal, unseal
from safelight.platform.keys.ring import ring
from safelight.platform.storage.errors import RecordBrokenError

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
    if size > _room_for_bytes(request) or files > _room_for_files(request):
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


def create_part(sender: Sender, parcel_id: UUID, length: int, *, at: datetime) -> ParcelPart:
    """Make room for one bundle of a parcel.

    Raises:
        NotFoundError, StateConflictError: it is not this sender's, or complete.
        UploadTooLargeError, ParcelFullError, StorageFullError.
    """
    parcel = own_parcel(sender, parcel_id)
    if parcel.state != ParcelState.COMING:
        raise StateConflictError
    if length > LARGEST_BUNDLE:
        raise UploadTooLargeError
    open_ones = ParcelPart.objects.filter(parcel=parcel, state=UploadState.RECEIVING)
    if length > _room_for_bytes(parcel.request) or open_ones.count() >= MOST_OPEN:
        raise ParcelFullError
    with new_spool() as spool:
        return ParcelPart.objects.create(
            id=new_id(),
            parcel=parcel,
            length=length,
            spool=spool.name,
            wrapped_key=spool.wrapped_key,
            created_at=at,
            expires_at=at + WAITS,
        )


def own_part(sender: Sender, part_id: UUID, *, at: datetime) -> ParcelPart:
    """Return a bundle of this sender, while its parcel is coming.

    Raises:
        NotFoundError: there is none.
        UploadOverError: it waited too long.
    """
    part = (
        ParcelPart.objects.select_related("parcel__request", "parcel__sender")
        .filter(pk=part_id, parcel__sender=sender, parcel__state=ParcelState.COMING)
        .first()
    )
    if part is None:
        raise NotFoundError
    if part.state == UploadState.RECEIVING and part.expires_at <= at:
        raise UploadOverError
    return part


def look_into(part: Spooled) -> None:
    """Look at the files of a complete bundle; what is said of each is then known.

    Raises:
        UploadBusyError: another thread is at it.
    """
    if not isinstance(part, ParcelPart):
        raise NotFoundError
    with alone_with(part):
        part.refresh_from_db()
        if part.state != UploadState.PROCESSING:
            return
        lines = _lines_in(part)
        sealed = seal_for(part.parcel, to_bytes(lines), f"parcel|{part.pk}")
        kept = [line for line in lines if not line.refused]
        with transaction.atomic():
            open_ones = ParcelPart.objects.filter(pk=part.pk, state=UploadState.PROCESSING)
            if open_ones.update(sealed_contents=sealed, state=UploadState.DONE):
                Parcel.objects.filter(pk=part.parcel_id).update(
                    files=F("files") + len(kept),
                    left_out=F("left_out") + len(lines) - len(kept),
                    size=F("size") + sum(line.size for line in kept),
                )


def told_of(part: Spooled) -> list[dict[str, Any]]:
    """Return what the sender is told of each file: it arrived, or why it was not kept."""
    if part.state != UploadState.DONE or not isinstance(part, ParcelPart):
        return []
    return [
        {
            "n": line.n,
            "verdict": "refused" if line.refused else "stored",
            "reason": line.refused,
            "sentence": line.sentence,
        }
        for line in lines_of(part)
    ]


def finish_parcel(sender: Sender, parcel_id: UUID, *, at: datetime) -> Parcel:
    """Close a parcel, keep its receipt and tell the receivers; again is harmless.

    Raises:
        NotFoundError: it is not this sender's.
        StateConflictError: a bundle of it is still being looked at, or nothing arrived.
    """
    parcel = own_parcel(sender, parcel_id)
    if parcel.state != ParcelState.COMING:
        return parcel
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
    with transaction.atomic():
        open_ones = Parcel.objects.filter(pk=parcel.pk, state=ParcelState.COMING)
        if open_ones.update(state=ParcelState.WAITING, finished_at=at, sealed_receipt=sealed):
            note_by_sender(
                ReceiveEvent.PARCEL_RECEIVED, parcel, at=at, count=parcel.files, size=parcel.size
            )
            tell_receivers(parcel.request, at=at)
    parcel.refresh_from_db()
    return parcel


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


def lines_of(part: ParcelPart) -> list[Line]:
    """Return what was found in one bundle."""
    return from_bytes(unseal_of(part.parcel, bytes(part.sealed_contents), f"parcel|{part.pk}"))


def seal_for(parcel: Parcel, data: bytes, bound_to: str) -> bytes:
    """Seal what is known of a parcel."""
    return seal(ring().ledger_key(parcel.vault_id), data, bound_to=bound_to)


def unseal_of(parcel: Parcel, data: bytes, bound_to: str) -> bytes:
    """Open what was sealed of a parcel."""
    return unseal(ring().ledger_key(parcel.vault_id), data, bound_to=bound_to)


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


def _lines_in(part: ParcelPart) -> list[Line]:
    request = part.parcel.request
    room = _room_for_files(request)
    try:
        spool = opened_spool(part)
    except RecordBrokenError:
        return []
    try:
        return [
            look_at(file, spool, papers=request.organization_id is None, room=place < room)
            for place, file in enumerate(files_of(spool))
        ]
    except BundleBrokenError:
        return []  # nothing in it can be told apart: the browser says so of each file
    finally:
        spool.close()


def _room_for_files(request: UploadRequest) -> int:
    came = request.parcels.aggregate(files=Sum("files"))["files"] or 0
    return int(request.most_files - came)


def _room_for_bytes(request: UploadRequest) -> int:
    """Return how many bytes may still come: by this link, and until the receivers decided."""
    parts = ParcelPart.objects.filter(parcel__request=request)
    by_link = request.most_bytes - (parts.aggregate(sent=Sum("length"))["sent"] or 0)
    waiting = ParcelPart.objects.filter(parcel__vault_id=request.vault_id)
    in_all = MOST_WAITING - (waiting.aggregate(sent=Sum("length"))["sent"] or 0)
    return int(min(by_link, in_all))
