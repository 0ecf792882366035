"""Where does the data set start, and how is it encoded? (PS3.10 section 7)"""

from __future__ import annotations

from struct import unpack_from
from typing import TYPE_CHECKING, Final, NamedTuple

from safelight.dicom.elements.charsets import DEFAULT
from safelight.dicom.elements.fields import looks_explicit
from safelight.dicom.elements.values import text_values
from safelight.dicom.reading.scanner import Scanner
from safelight.dicom.reasons import Reason, UnreadableError
from safelight.dicom.registry import tags, transfer_syntaxes

if TYPE_CHECKING:
    from safelight.dicom.elements.element import Element

PREAMBLE: Final = 128
PREFIX: Final = b"DICM"
_META_GROUP: Final = 0x0002
_FIRST_GROUP: Final = 0x0008
_ELEMENT_HEADER: Final = 8


class Prologue(NamedTuple):
    """What comes before the data set: the file meta group and where it ends."""

    meta: dict[int, Element]
    dataset_offset: int
    transfer_syntax: str


def read_prologue(scanner: Scanner, size: int) -> Prologue:
    """Read preamble and file meta group, either of which old files may lack.

    Raises:
        UnreadableError: this is no DICOM file, or its file meta group is broken.
    """
    start = PREAMBLE + len(PREFIX) if scanner.peek(PREAMBLE, len(PREFIX)) == PREFIX else 0
    if not start and not _could_be_dicom(scanner.peek(0, _ELEMENT_HEADER)):
        raise UnreadableError(Reason.NOT_DICOM)
    meta, offset = scanner.meta_group(start, size)
    stated = meta.get(tags.TRANSFER_SYNTAX_UID)
    named = text_values(stated, DEFAULT, little_endian=True) if stated else []
    return Prologue(meta, offset, named[0] if named else _guessed(scanner, offset))


def _could_be_dicom(head: bytes) -> bool:
    if len(head) < _ELEMENT_HEADER:
        return False
    little, big = unpack_from("<H", head)[0], unpack_from(">H", head)[0]
    return little in {_META_GROUP, _FIRST_GROUP} or big == _FIRST_GROUP


def _guessed(scanner: Scanner, offset: int) -> str:
    """Return the uncompressed transfer syntax that the first element looks like."""
    head = scanner.peek(offset, _ELEMENT_HEADER)
    if len(head) < _ELEMENT_HEADER:
        raise UnreadableError(Reason.TRUNCATED)
    if not looks_explicit(head[4:6]):
        return transfer_syntaxes.IMPLICIT_LITTLE
    if unpack_from("<H", head)[0] >= 0x0400:  # noqa: PLR2004  (0004 with its bytes swapped)
        return transfer_syntaxes.EXPLICIT_BIG
    return transfer_syntaxes.EXPLICIT_LITTLE
