"""Does one stored object read as it was stored, to its last byte?

The sealed record must open, every chunk of it be genuine, and the data set have
the digest that its card says. An object that fails is read once more, from where
its row says it lies now: it may have been erased or moved in the meantime.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import cast
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist

from safelight.dicom.reading.digest import dataset_digest
from safelight.dicom.reading.index import scan
from safelight.dicom.reasons import UnreadableError
from safelight.platform.keys.errors import (
    KeyDestroyedError,
    KeyUnknownError,
    SealBrokenError,
)
from safelight.platform.keys.ring import ring
from safelight.platform.storage.errors import PackMissingError, RecordBrokenError
from safelight.platform.storage.layout import Layout
from safelight.platform.storage.packs import Place
from safelight.records.imaging.cards import open_card
from safelight.records.imaging.models import Instance, RemovedInstance, ReviewItem
from safelight.records.imaging.store import StoredObject, reader, store, wrapped_name

Stored = Instance | RemovedInstance | ReviewItem


class Finding(StrEnum):
    """What was found where an object should lie. Values are stored."""

    SOUND = "sound"
    GONE = "gone"  # erased, or about to be: its key was destroyed
    BROKEN = "broken"
    PACK_MISSING = "pack-missing"
    KEY_MISSING = "key-missing"

    @property
    def is_bad(self) -> bool:
        """Whether the object cannot be given out."""
        return self not in {Finding.SOUND, Finding.GONE}


def place_of(row: Stored) -> Place:
    """Return where an object lies."""
    return Place(pack=row.pack, offset=row.offset, length=row.length)


def open_stored(row: Stored, place: Place | None = None) -> StoredObject:
    """Open an object for a check: not asking whether it is in quarantine, nor for whom.

    Raises:
        KeyUnknownError, KeyDestroyedError, SealBrokenError, PackMissingError, RecordBrokenError.
    """
    above = key_above(row)
    card = open_card(bytes(row.sealed_card), study_key=above, instance_id=row.id)
    key = ring().unwrap(above, bytes(row.wrapped_key), bound_to=wrapped_name(row.id))
    return StoredObject(
        card=card,
        layout=Layout.from_bytes(card.layout),
        record=reader().record(place or place_of(row), object_id=row.id, key=key),
    )


def key_above(row: Stored) -> bytes:
    """Return the key that wraps an object's own: its study's, or where it waits its vault's."""
    if isinstance(row, ReviewItem) and row.study_id is None:
        return ring().vault_key(row.vault_id)
    return ring().study_key(cast("UUID", row.study_id))


def check(row: Stored) -> Finding:
    """Read one object whole, from the disk, and say what was found."""
    found = _read(row)
    if found is Finding.SOUND:
        return found
    try:
        row.refresh_from_db()
    except ObjectDoesNotExist:
        return Finding.GONE
    return _read(row)


def _read(row: Stored) -> Finding:
    try:
        place = place_of(row)
        store().forget_cached(place)
        return Finding.SOUND if _is_itself(open_stored(row)) else Finding.BROKEN
    except KeyDestroyedError:
        return Finding.GONE
    except KeyUnknownError:
        return Finding.KEY_MISSING
    except PackMissingError:
        reader().forget(row.pack)
        return Finding.PACK_MISSING
    except (SealBrokenError, RecordBrokenError, UnreadableError, OSError):
        return Finding.BROKEN


def _is_itself(stored: StoredObject) -> bool:
    """Compare the data set with its card; the rest is proved genuine by being read."""
    card = stored.card
    start, stop = card.dataset_offset, card.dataset_offset + card.dataset_size
    digest = hashlib.sha256()
    position = 0
    for piece in stored.stream(0, stored.size):
        view = memoryview(piece)
        digest.update(view[max(0, start - position) : max(0, stop - position)])
        position += len(piece)
    if digest.hexdigest() == card.digest:
        return True
    # Trailing padding does not count; to leave it out, the header must be read.
    return dataset_digest(scan(stored), stored).hex() == card.digest
