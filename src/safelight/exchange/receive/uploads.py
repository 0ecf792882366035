"""How does a bundle arrive piece by piece, over days if need be?

Its bytes wait sealed in a spool whose key is wrapped in the upload's row. The
row's count is what was flushed to the disk before it was acknowledged; the
spool itself says how much more there is after a crash.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from safelight.exchange.access.facts import Party
from safelight.exchange.access.volume import brings
from safelight.exchange.receive.door import own_batch, require_its_vault, vault_for
from safelight.exchange.receive.errors import (
    OffsetError,
    QuotaError,
    UploadBusyError,
    UploadOverError,
    UploadTooLargeError,
)
from safelight.exchange.receive.models import Spooled, Upload, UploadState
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import new_id
from safelight.platform.keys.ring import ring
from safelight.platform.storage.spool import SealedSpool

LARGEST_FILE: Final = 2 << 30
LARGEST_BUNDLE: Final = LARGEST_FILE + (1 << 20)
WAITS: Final = timedelta(days=3)
A_DAY: Final = timedelta(days=1)
MOST_A_DAY: Final = 200 << 30
MOST_OPEN: Final = 32


def create_upload(party: Party, batch_id: UUID, length: int, *, at: datetime) -> Upload:
    """Make room for one bundle of `length` bytes in a delivery of this party.

    Raises:
        NotFoundError: the delivery is somebody else's.
        StateConflictError: the delivery is finished.
        UploadTooLargeError, QuotaError, MayNotStoreError, StorageFullError.
        RateLimitedError: with what programs sent for them, it is more than a day's.
    """
    vault_for(party, at=at)
    batch = own_batch(party, batch_id)
    require_its_vault(party, batch)
    if batch.finished_at is not None:
        raise StateConflictError
    if length > LARGEST_BUNDLE:
        raise UploadTooLargeError
    own = Upload.objects.filter(account_id=party.account)
    today = own.filter(created_at__gt=at - A_DAY).aggregate(sent=Sum("length"))["sent"] or 0
    waiting = own.filter(state=UploadState.RECEIVING, expires_at__gt=at).count()
    if today + length > MOST_A_DAY or waiting >= MOST_OPEN:
        raise QuotaError
    brings(party, length, at=at)
    with new_spool() as spool:
        return Upload.objects.create(
            id=new_id(),
            batch=batch,
            account_id=party.account,
            length=length,
            spool=spool.name,
            wrapped_key=spool.wrapped_key,
            created_at=at,
            expires_at=at + WAITS,
        )


@contextmanager
def new_spool() -> Iterator[SealedSpool]:
    """Make a lasting spool for the row that the caller writes; without the row it is gone.

    Raises:
        StorageFullError: no room.
    """
    spool = SealedSpool.lasting(_folder(), above=_key())
    try:
        spool.flush()
        yield spool
    except BaseException:
        spool.discard()
        raise
    finally:
        spool.close()


def own_upload(party: Party, upload_id: UUID, *, at: datetime) -> Upload:
    """Return an upload of this party.

    Raises:
        NotFoundError: it is somebody else's, there is none, or the sender has left
            the organisation it was for.
        UploadOverError: it expired before it was complete.
    """
    upload = (
        Upload.objects.select_related("batch")
        .filter(pk=upload_id, account_id=party.account)
        .first()
    )
    if upload is None:
        raise NotFoundError
    require_its_vault(party, upload.batch)
    if upload.state == UploadState.RECEIVING and upload.expires_at <= at:
        raise UploadOverError
    return upload


@contextmanager
def alone_with(upload: Spooled) -> Iterator[None]:
    """Keep every other request away from one upload, in this process or another.

    The lock is on the spool itself, so it ends with whoever held it.

    Raises:
        UploadBusyError: another one is at it.
    """
    try:
        descriptor = os.open(
            _folder() / Path(upload.spool).name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
        )
    except FileNotFoundError:
        yield  # it is over, and its row says how
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UploadBusyError from None
        yield
    finally:
        os.close(descriptor)


def opened_spool(upload: Spooled) -> SealedSpool:
    """Open what has arrived of an upload; close it, or discard it."""
    return SealedSpool.resume(
        _folder(), upload.spool, bytes(upload.wrapped_key), above=_key(), kept=upload.received
    )


def offset_of(upload: Spooled) -> int:
    """Say how many bytes have arrived."""
    if upload.state != UploadState.RECEIVING:
        return upload.length
    spool = opened_spool(upload)
    try:
        return spool.size
    finally:
        spool.close()


class Addition:
    """One request that adds to an upload; `keep` makes what was added durable."""

    def __init__(self, upload: Spooled, offset: int) -> None:
        """Open the upload's spool.

        Raises:
            OffsetError: the upload is elsewhere, or complete.
        """
        if upload.state != UploadState.RECEIVING:
            raise OffsetError
        self._upload = upload
        self._spool = opened_spool(upload)
        if self._spool.size != offset:
            self._spool.close()
            raise OffsetError

    def add(self, more: bytes) -> None:
        """Add bytes.

        Raises:
            UploadTooLargeError: more than was announced.
            StorageFullError: no room; what was there before is still there.
        """
        if self._spool.size + len(more) > self._upload.length:
            raise UploadTooLargeError
        self._spool.append(more)

    def keep(self) -> int:
        """Flush what was added, then note it; return how many bytes there are now."""
        self._spool.flush()
        upload, size = self._upload, self._spool.size
        upload.received = size
        if size == upload.length:
            upload.state = UploadState.PROCESSING
        upload.save(update_fields=["received", "state"])
        return size

    def close(self) -> None:
        """Let go of the spool."""
        self._spool.close()


def terminate(upload: Spooled) -> None:
    """Forget an upload that is not complete.

    Raises:
        StateConflictError: it is complete already.
    """
    with transaction.atomic():
        rows = type(upload)._default_manager.filter(pk=upload.pk, state=UploadState.RECEIVING)
        if not rows.delete()[0]:
            raise StateConflictError
    discard_spool(upload)


def discard_spool(upload: Spooled) -> None:
    """Remove an upload's bytes; again is harmless."""
    (_folder() / Path(upload.spool).name).unlink(missing_ok=True)


def forget_expired(*, at: datetime) -> int:
    """Remove the bytes of uploads that waited too long, and rows nobody asks for any more."""
    expired = Upload.objects.filter(
        state=UploadState.RECEIVING, expires_at__lte=at, expires_at__gt=at - 2 * WAITS
    )
    count = 0
    for upload in expired:
        discard_spool(upload)
        count += 1
    Upload.objects.exclude(state=UploadState.PROCESSING).filter(
        expires_at__lte=at - 2 * WAITS
    ).delete()
    return count


def _folder() -> Path:
    return Path(settings.SAFELIGHT_DATA) / "uploads"


def _key() -> bytes:
    return ring().instance_key("uploads")
