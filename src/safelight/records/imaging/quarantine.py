"""Which objects do not read as they were stored, and are not given out until they do?

Every reading is checked anyway and never yields wrong bytes; the quarantine makes
the answer come before the first byte, and says what is the matter.
"""

from __future__ import annotations

import threading
import time
from datetime import datetime
from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.kernel.errors import ExpectedError
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import Outcome
from safelight.records.imaging.events import ImagingEvent
from safelight.records.imaging.models import Instance, Quarantined, RemovedInstance, ReviewItem

_LOOK_AGAIN_AFTER: Final = 1.0  # seconds


class QuarantinedError(ExpectedError):
    """What is stored of this object is damaged. It is kept back until it reads well again."""

    code = "quarantined"
    status = HTTPStatus.INTERNAL_SERVER_ERROR


class _Known:
    """The ids in quarantine as this process last saw them; usually none."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._ids: frozenset[UUID] = frozenset()

    def ids(self) -> frozenset[UUID]:
        now = time.monotonic()
        if now - self._looked_at >= _LOOK_AGAIN_AFTER:
            ids = frozenset(Quarantined.objects.values_list("object_id", flat=True))
            with self._lock:
                self._looked_at, self._ids = now, ids
        return self._ids

    def look_again(self) -> None:
        with self._lock:
            self._looked_at = float("-inf")


_known = _Known()


def require_sound(object_id: UUID) -> None:
    """Let only objects be opened that are not in quarantine, as of a second ago.

    Raises:
        QuarantinedError: it is damaged.
    """
    if not is_sound(object_id):
        raise QuarantinedError


def is_sound(object_id: UUID) -> bool:
    """Say whether an object is not in quarantine, as of a second ago."""
    return object_id not in _known.ids()


def sound_among(rows: list[Instance]) -> list[Instance]:
    """Return those of some objects that are not in quarantine, in their order.

    Raises:
        QuarantinedError: there are some, and all are damaged.
    """
    damaged = _known.ids()
    sound = [row for row in rows if row.id not in damaged] if damaged else rows
    if rows and not sound:
        raise QuarantinedError
    return sound


def is_damaged(vault_id: UUID, uid_token: bytes, digest_token: bytes) -> bool:
    """Say whether a vault's object of this UID and digest is in quarantine."""
    damaged = _known.ids()
    if not damaged:
        return False
    row = Instance.objects.filter(vault_id=vault_id, uid_token=uid_token).first()
    return row is not None and row.id in damaged and bytes(row.digest_token) == digest_token


def quarantine(row: Instance | RemovedInstance | ReviewItem, reason: str, *, at: datetime) -> bool:
    """Keep an object back, and record it; False if it was kept back already."""
    with transaction.atomic():
        _, is_new = Quarantined.objects.get_or_create(
            object_id=row.id,
            defaults={
                "vault_id": row.vault_id,
                "study_id": getattr(row, "study_id", None),
                "reason": reason,
                "found_at": at,
            },
        )
        if is_new:
            record(
                ImagingEvent.OBJECT_QUARANTINED,
                actor="system",
                subject=f"object/{row.id}",
                vault_id=row.vault_id,
                outcome=Outcome.FAILED,
                reason=reason,
                at=at,
            )
    _known.look_again()
    return is_new


def clear(object_id: UUID, *, at: datetime) -> bool:
    """Give an object free that reads well again, and record it; False if it was free."""
    with transaction.atomic():
        row = Quarantined.objects.filter(object_id=object_id).first()
        if row is None:
            return False
        row.delete()
        record(
            ImagingEvent.OBJECT_CLEARED,
            actor="system",
            subject=f"object/{object_id}",
            vault_id=row.vault_id,
            at=at,
        )
    _known.look_again()
    return True
