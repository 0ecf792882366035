"""How is a deflated data set opened without trusting it? (PS3.5 section A.5)"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from safelight.dicom import limits
from safelight.dicom.reasons import Reason, UnreadableError

if TYPE_CHECKING:
    from safelight.dicom.source import Source

_CHUNK: Final = 64 * limits.KIB


def inflate(source: Source, offset: int) -> tuple[bytes, int]:
    """Return the inflated bytes of the stream at `offset`, and the stream's length.

    The output is counted while it grows; what the stream says of itself is not believed.

    Raises:
        UnreadableError: the stream is broken or opens to more than is allowed.
    """
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    pieces: list[bytes] = []
    size, position = 0, offset
    while not stream.eof:
        chunk = stream.unconsumed_tail or source.read(position, _CHUNK)
        if not stream.unconsumed_tail:
            position += len(chunk)
        if not chunk:
            raise UnreadableError(Reason.TRUNCATED)
        try:
            pieces.append(stream.decompress(chunk, limits.MIB))
        except zlib.error:
            raise UnreadableError(Reason.INFLATE_BROKEN) from None
        size += len(pieces[-1])
        if size > limits.INFLATED_BYTES:
            raise UnreadableError(Reason.INFLATE_TOO_LARGE)
    return b"".join(pieces), position - len(stream.unused_data) - offset
