"""How is one object sealed so that any part of it can be read, and none of it forged?

A record ("SLR1") is a header of 112 bytes and chunks of AES-256-GCM. The header
is bound into the key by HKDF, together with a commitment to that key; the nonce
of a chunk is its number and whether it is the last. So no chunk can be moved,
dropped, repeated or cut off, and a range costs only the chunks that hold it.
The layout is docs/reference/sealed-format.md.
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from safelight.platform.storage.errors import RecordBrokenError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from uuid import UUID

MAGIC = b"\x89SLR\r\n\x1a\n"
KEY_SIZE = 32
TAG_SIZE = 16
DEFAULT_CHUNK_BITS = 16  # 64 KiB: the knee between speed and what one frame drags along

_VERSION = 1
_AES_256_GCM = 1
_CHUNK_BITS = range(14, 23)
_BOUND = 48  # the part of the header that HKDF binds: all that precedes the salt
_SALT_SIZE = 32
_COMMIT_SIZE = 32
HEADER_SIZE = _BOUND + _SALT_SIZE + _COMMIT_SIZE
_INFO = b"safelight/slr1\x00"
_SMALL = 128 << 10  # a record up to this long is read at once


def new_object_key() -> bytes:
    """Return a fresh random key for one object."""
    return secrets.token_bytes(KEY_SIZE)


def sealed_size(size: int, *, chunk_bits: int = DEFAULT_CHUNK_BITS) -> int:
    """Say how long the record of `size` bytes is."""
    chunks = max(1, -(-size >> chunk_bits)) if size else 1
    return HEADER_SIZE + size + chunks * TAG_SIZE


def seal_record(
    key: bytes,
    object_id: UUID,
    pieces: Iterable[bytes],
    *,
    chunk_bits: int = DEFAULT_CHUNK_BITS,
    salt: bytes | None = None,
) -> Iterator[bytes]:
    """Seal `pieces` as the record of `object_id`, as they come.

    `salt` is random; only a test vector may give it.
    """
    header = MAGIC + bytes([_VERSION, _AES_256_GCM, chunk_bits, 0]) + bytes(4)
    header += object_id.bytes + bytes(16)
    salt = secrets.token_bytes(_SALT_SIZE) if salt is None else salt
    cipher, commitment = _opened(key, header, salt)
    yield header + salt + commitment
    for number, (chunk, final) in enumerate(_chunks(pieces, 1 << chunk_bits)):
        yield cipher.encrypt(_nonce(number, final=final), chunk, None)


def _chunks(
    pieces: Iterable[bytes], size: int
) -> Iterator[tuple[bytes | bytearray | memoryview, bool]]:
    """Cut `pieces` into chunks of `size`, saying of each whether it is the last."""
    held: bytes | bytearray | memoryview | None = None
    pending = bytearray()
    for piece in pieces:
        view = memoryview(piece)
        while view:
            if not pending and len(view) >= size:
                chunk: bytes | bytearray | memoryview = view[:size]
                view = view[size:]
            else:
                taken = size - len(pending)
                pending += view[:taken]
                view = view[taken:]
                if len(pending) < size:
                    break
                chunk, pending = pending, bytearray()
            if held is not None:
                yield held, False
            held = chunk
    if held is not None and pending:
        yield held, False
        held = None
    yield (held if held is not None else pending), True


class RecordReader:
    """One record, opened: the header, the commitment and the last chunk have been checked."""

    __slots__ = ("_chunk_bits", "_cipher", "_last", "_last_number", "_read_at", "size")

    def __init__(
        self, read_at: Callable[[int, int], bytes], length: int, key: bytes, object_id: UUID
    ) -> None:
        """Open the record of `length` stored bytes that `read_at(offset, length)` reads.

        Raises:
            RecordBrokenError: not a whole and genuine record of this object.
        """
        self._read_at = read_at
        if length < HEADER_SIZE + TAG_SIZE:
            raise RecordBrokenError
        # A small record costs one read, not two.
        head = self._exactly(0, length if length <= _SMALL else HEADER_SIZE)
        self._cipher, self._chunk_bits = _checked(head[:HEADER_SIZE], key, object_id)
        stored_chunk = (1 << self._chunk_bits) + TAG_SIZE
        chunks = -(-(length - HEADER_SIZE) // stored_chunk)
        self.size = length - HEADER_SIZE - chunks * TAG_SIZE
        self._last_number = chunks - 1
        start = HEADER_SIZE + self._last_number * stored_chunk
        # The last chunk may be empty only where the whole object is.
        if length - start < TAG_SIZE + (self._last_number > 0):
            raise RecordBrokenError
        last = head[start:] if len(head) == length else self._exactly(start, length - start)
        self._last = self._decrypted(memoryview(last), self._last_number)

    def read(self, start: int, stop: int) -> bytes:
        """Return the original bytes [start, stop).

        Raises:
            ValueError: the range is not within the object.
            RecordBrokenError: a chunk that holds it is not genuine.
        """
        if not 0 <= start <= stop <= self.size:
            raise ValueError("the range is not within the object")
        if start == stop:
            return b""
        bits = self._chunk_bits
        first, last = start >> bits, (stop - 1) >> bits
        parts: list[bytes | memoryview] = []
        if first < self._last_number:
            stored_chunk = (1 << bits) + TAG_SIZE
            until = min(last, self._last_number - 1)
            stored = memoryview(
                self._exactly(
                    HEADER_SIZE + first * stored_chunk, (until - first + 1) * stored_chunk
                )
            )
            parts = [
                self._decrypted(stored[place : place + stored_chunk], first + index)
                for index, place in enumerate(range(0, len(stored), stored_chunk))
            ]
        if last == self._last_number:
            parts.append(self._last)
        end = stop - (last << bits)
        if end < len(parts[-1]):
            parts[-1] = memoryview(parts[-1])[:end]
        skipped = start - (first << bits)
        if skipped:
            parts[0] = memoryview(parts[0])[skipped:]
        return b"".join(parts)

    def _decrypted(self, chunk: memoryview, number: int) -> bytes:
        try:
            return self._cipher.decrypt(
                _nonce(number, final=number == self._last_number), chunk, None
            )
        except InvalidTag:
            raise RecordBrokenError from None

    def _exactly(self, offset: int, length: int) -> bytes:
        read = self._read_at(offset, length)
        if len(read) != length:
            raise RecordBrokenError
        return read


def _checked(header: bytes, key: bytes, object_id: UUID) -> tuple[AESGCM, int]:
    bound, salt = header[:_BOUND], header[_BOUND : _BOUND + _SALT_SIZE]
    chunk_bits = bound[10]
    expected = MAGIC + bytes([_VERSION, _AES_256_GCM, chunk_bits, 0]) + bytes(4)
    expected += object_id.bytes + bytes(16)
    if bound != expected or chunk_bits not in _CHUNK_BITS:
        raise RecordBrokenError
    cipher, commitment = _opened(key, bound, salt)
    if not hmac.compare_digest(commitment, header[_BOUND + _SALT_SIZE :]):
        raise RecordBrokenError
    return cipher, chunk_bits


def _opened(key: bytes, bound: bytes, salt: bytes) -> tuple[AESGCM, bytes]:
    if len(key) != KEY_SIZE or len(salt) != _SALT_SIZE or bound[10] not in _CHUNK_BITS:
        raise ValueError("a record needs a key and a salt of 32 bytes and a known chunk size")
    length = KEY_SIZE + _COMMIT_SIZE
    made = HKDF(algorithm=SHA256(), length=length, salt=salt, info=_INFO + bound).derive(key)
    return AESGCM(made[:KEY_SIZE]), made[KEY_SIZE:]


def _nonce(number: int, *, final: bool) -> bytes:
    return b"\x00\x00\x00" + number.to_bytes(8, "big") + (b"\x01" if final else b"\x00")
