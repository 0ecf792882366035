"""By what is the patient known at the receiver, and how does an object look there?

What a receiver calls the patient and the exam is said with the order, shown before it is
given, and sealed. The originals travel along in each object.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import orjson

from safelight.dicom.reading.index import index
from safelight.dicom.writing.coercing import (
    ACCESSION,
    ISSUER,
    PATIENT_ID,
    Span,
    bytes_of,
    coerced,
)
from safelight.exchange.release.transfer.models import Transfer
from safelight.exchange.release.transfer.ways import File
from safelight.exchange.release.viewing.objects import Outgoing, outgoing
from safelight.kernel.errors import InvalidFieldError
from safelight.platform.keys.cipher import seal, unseal
from safelight.platform.keys.ring import ring
from safelight.records.imaging.store import StoredObject

_SYSTEM: Final = "SAFELIGHT"
_LONGEST: Final = {"patient_id": 64, "issuer": 64, "accession": 16}
_TAGS: Final = {"patient_id": PATIENT_ID, "issuer": ISSUER, "accession": ACCESSION}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the receiver calls the patient and the exam; empty where it stays as it is."""

    patient_id: str = ""
    issuer: str = ""
    accession: str = ""

    def values(self) -> dict[int, str]:
        """Return the attributes that change.

        Raises:
            InvalidFieldError: one is unfit for its attribute.
        """
        found = {}
        for name, text in asdict(self).items():
            fine = text.isascii() and text.isprintable() and "\\" not in text
            if not fine or len(text) > _LONGEST[name]:
                raise InvalidFieldError(name, f"Up to {_LONGEST[name]} plain letters and digits.")
            if text.strip():
                found[_TAGS[name]] = text.strip()
        return found


NO_WISH: Final = Wish()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One attribute, as it is and as it would be."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Coerced:
    """One object as a file with other names in it."""

    as_it_was: Outgoing
    spans: tuple[Span, ...]

    @property
    def stored(self) -> StoredObject:
        """The object that it is of."""
        return self.as_it_was.stored

    @property
    def size(self) -> int:
        """How many bytes the file has."""
        return len(self._head) + sum(each.size for each in self.spans)

    @property
    def data_set_at(self) -> int:
        """At which byte of the file its data set begins."""
        return self.as_it_was.data_set_at

    @property
    def _head(self) -> bytes:
        """What stands before the data set: preamble and file meta group."""
        card = self.stored.card
        until = card.dataset_offset - self.as_it_was.start
        rest = self.stored.read_range(self.as_it_was.start, card.dataset_offset) if until else b""
        return self.as_it_was.head + rest

    def pieces(self) -> Iterator[bytes]:
        """Yield the file."""
        yield self._head
        for span in self.spans:
            yield from bytes_of(span, self.stored)


def as_it_goes(stored: StoredObject, wish: Wish, when: datetime) -> File:
    """Return an object as the file that leaves: the same each time it is sent.

    Raises:
        UnreadableError: nothing can be changed in an object of this kind.
    """
    plain, values = outgoing(stored), wish.values()
    if not values:
        return plain
    said = when.astimezone(UTC).strftime("%Y%m%d%H%M%S+0000")
    spans = coerced(index(stored), stored, values, when=said, system=_SYSTEM)
    return Coerced(plain, tuple(spans))


def preview_of(stored: StoredObject, wish: Wish) -> list[Change]:
    """Say what would change in an object."""
    header, names = index(stored), {tag: name for name, tag in _TAGS.items()}
    return [
        Change(name=names[tag], old=header.text(tag) or "", new=value)
        for tag, value in wish.values().items()
    ]


def sealed(wish: Wish, vault_id: UUID, transfer_id: UUID) -> bytes | None:
    """Seal a wish to its transfer, if there is one."""
    if not wish.values():
        return None
    key = ring().ledger_key(vault_id)
    return seal(key, orjson.dumps(asdict(wish)), bound_to=f"transfer|{transfer_id}")


def wish_of(row: Transfer) -> Wish:
    """Open what was wished with an order."""
    if row.sealed_coercion is None:
        return NO_WISH
    key = ring().ledger_key(row.vault_id)
    return Wish(
        **orjson.loads(unseal(key, bytes(row.sealed_coercion), bound_to=f"transfer|{row.pk}"))
    )
