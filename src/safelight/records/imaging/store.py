"""Where do sealed bytes go, and how are they read back?

One pack writer for each process; readers share a store. The packs lie in the data
folder or in a bucket, under `packs/`, with names that say nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from safelight.dicom.reading.inflate import inflate
from safelight.dicom.registry.transfer_syntaxes import transfer_syntax
from safelight.platform.keys.ring import ring
from safelight.platform.storage.layout import Layout, read, stream
from safelight.platform.storage.packs import Place
from safelight.platform.storage.record import RecordReader
from safelight.platform.storage.store import Reader, Store, Writer, store_for
from safelight.records.imaging.cards import Card, open_card
from safelight.records.imaging.models import Instance
from safelight.records.imaging.quarantine import require_sound


def store() -> Store:
    """Return the place where this instance's packs lie."""
    return store_for(settings.SAFELIGHT_DATA, settings.SAFELIGHT_STORE_URL)


def writer() -> Writer:
    """Return this process's pack writer."""
    return store().writer()


def reader() -> Reader:
    """Return this process's pack reader."""
    return store().reader()


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object, ready to be read: its card and a way to its original bytes."""

    card: Card
    layout: Layout
    record: RecordReader

    @property
    def size(self) -> int:
        """How many bytes came in."""
        return self.card.size

    def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` original bytes at `offset`, as a source does."""
        return self.read_range(min(offset, self.size), min(offset + length, self.size))

    def read_range(self, start: int, stop: int) -> bytes:
        """Return the original bytes [start, stop)."""
        return read(self.layout, self.record, start, stop)

    def stream(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the original bytes [start, stop) in pieces of at most 1 MiB."""
        return stream(self.layout, self.record, start, stop)

    def frame(self, number: int) -> bytes:
        """Return one frame's bytes as stored; frames count from 1 (PS3.18).

        Raises:
            IndexError: there is no such frame.
        """
        if not 1 <= number <= len(self.card.frames):
            raise IndexError(number)
        pieces = self.card.frames[number - 1]
        if transfer_syntax(self.card.transfer_syntax).deflated:
            inflated, _ = inflate(self, self.card.dataset_offset)
            return b"".join(inflated[offset : offset + length] for offset, length in pieces)
        return b"".join(self.read_range(offset, offset + length) for offset, length in pieces)


def wrapped_name(object_id: object) -> str:
    """Return what a wrapped object key is bound to."""
    return f"object|{object_id}"


def card_of(instance: Instance) -> Card:
    """Open the card of one filed object, without touching its bytes."""
    study_key = ring().study_key(instance.study_id)
    return open_card(bytes(instance.sealed_card), study_key=study_key, instance_id=instance.id)


def open_instance(instance: Instance) -> StoredObject:
    """Open one filed object for reading.

    Raises:
        KeyDestroyedError: the study was erased.
        SealBrokenError: the bytes are not what was stored.
        QuarantinedError: they were found damaged before.
    """
    require_sound(instance.id)
    study_key = ring().study_key(instance.study_id)
    card = open_card(bytes(instance.sealed_card), study_key=study_key, instance_id=instance.id)
    key = ring().unwrap(study_key, bytes(instance.wrapped_key), bound_to=wrapped_name(instance.id))
    place = Place(pack=instance.pack, offset=instance.offset, length=instance.length)
    return StoredObject(
        card=card,
        layout=Layout.from_bytes(card.layout),
        record=reader().record(place, object_id=instance.id, key=key),
    )
