"""Are these the same bytes, and what leaves with them?

The digest covers the data set alone: not the preamble or the file meta group,
which differ between doors, nor trailing padding. A preamble can hide a program
(CVE-2019-11687), so one that is not a TIFF header is zeroed on the way out.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from safelight.dicom.reading.prologue import PREAMBLE, PREFIX
from safelight.dicom.reasons import Reason, UnreadableError
from safelight.dicom.registry import tags
from safelight.dicom.source import streamed

if TYPE_CHECKING:
    from safelight.dicom.reading.header import Header
    from safelight.dicom.source import Source

_PADDING_TAGS: Final = (b"\xfc\xff\xfc\xff", b"\xff\xfc\xff\xfc")
_LONG_HEADER: Final = 12
_SHORT_HEADER: Final = 8
_TIFF: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def dataset_digest(header: Header, source: Source) -> bytes:
    """Return the SHA-256 of the data set's bytes as they stand in the source.

    A deflated data set is taken as it is stored, deflated.

    Raises:
        UnreadableError: the source ends before the data set does.
    """
    digest = hashlib.sha256()
    start, end = header.dataset_offset, _end(header, source)
    read = 0
    for piece in streamed(source, start, end):
        digest.update(piece)
        read += len(piece)
    if read < end - start:
        raise UnreadableError(Reason.TRUNCATED)
    return digest.digest()


def _end(header: Header, source: Source) -> int:
    """Return where the data set ends, trailing padding left out."""
    padding = header.elements.get(tags.DATA_SET_TRAILING_PADDING)
    end = header.dataset_offset + header.data_size
    if padding is None or header.dataset is not None or padding.offset + padding.length != end:
        return end
    start = padding.offset - _LONG_HEADER
    if source.read(start, 4) in _PADDING_TAGS:
        return start
    return padding.offset - _SHORT_HEADER


def disarm(first_bytes: bytes) -> bytes:
    """Return a file's first bytes with the preamble zeroed unless it is a TIFF header.

    Bytes that do not start a Part 10 file are returned as they are.
    """
    has_preamble = first_bytes[PREAMBLE : PREAMBLE + len(PREFIX)] == PREFIX
    if not has_preamble or first_bytes.startswith(_TIFF):
        return first_bytes
    return bytes(PREAMBLE) + first_bytes[PREAMBLE:]
