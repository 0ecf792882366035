"""How does one bundle of a parcel come in, and what is said of the files in it?

It waits sealed, outside every vault. What the sender learns of a file is whether it
arrived and can be read, never what is stored already.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from safelight.exchange.receive.asked.contents import Line, look_at, to_bytes
from safelight.exchange.receive.asked.parcels import own_parcel, room_for_bytes, room_for_files
from safelight.exchange.receive.asked.sealed import lines_of, seal_for
from safelight.exchange.receive.bundles import files_of
from safelight.exchange.receive.errors import (
    BundleBrokenError,
    ParcelFullError,
    UploadOverError,
    UploadTooLargeError,
)
from safelight.exchange.receive.models import (
    Parcel,
    ParcelPart,
    ParcelState,
    Sender,
    Spooled,
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
from safelight.platform.storage.errors import RecordBrokenError


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
    if length > room_for_bytes(parcel.request) or open_ones.count() >= MOST_OPEN:
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
            # A parcel that was closed meanwhile has its receipt, and this is not on it.
            coming = Parcel.objects.select_for_update().filter(
                pk=part.parcel_id, state=ParcelState.COMING
            )
            open_ones = ParcelPart.objects.filter(pk=part.pk, state=UploadState.PROCESSING)
            if coming.first() and open_ones.update(sealed_contents=sealed, state=UploadState.DONE):
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


def _lines_in(part: ParcelPart) -> list[Line]:
    request = part.parcel.request
    room = room_for_files(request)
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
