"""How do files become a zip that opens with a passphrase alone? As AE-2 with AES-256.

Sizes are known, so it is written from its beginning to its end and nothing is held (WinZip's
"AES Encryption Information", APPNOTE.TXT 6.3.10). The zip's list of names is not sealed.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime
from struct import pack
from typing import Final

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from safelight.dicom.media.iso9660 import DiscFile, UnfitFileError

_SALT, _KEY, _CHECK, _PROOF = 16, 32, 2, 10
_ROUNDS: Final = 1000
_BLOCK: Final = 16
_AES_256: Final = pack("<HHH2sBH", 0x9901, 7, 2, b"AE", 3, 0)
_VERSION: Final = 51
_SEALED: Final = 1
_METHOD: Final = 99
_LONG: Final = 0xFFFFFFFF
_MANY: Final = 0xFFFF


def sealed_zip(files: Sequence[DiscFile], *, passphrase: str, at: datetime) -> Iterator[bytes]:
    """Yield a zip of files, each sealed with a passphrase.

    Raises:
        UnfitFileError: a file is not as long as was said.
    """
    day = (at.year - 1980) << 9 | at.month << 5 | at.day
    stamp = pack("<HH", at.hour << 11 | at.minute << 5 | at.second // 2, day)
    directory: list[bytes] = []
    offset = 0
    for each in files:
        name = "/".join(each.place).encode()
        size = each.size + _SALT + _CHECK + _PROOF
        long = pack("<HHQQ", 1, 16, each.size, size) + _AES_256
        head = pack("<HHH", _VERSION, _SEALED, _METHOD) + stamp + pack("<III", 0, _LONG, _LONG)
        local = b"PK\3\4" + head + pack("<HH", len(name), len(long)) + name + long
        yield local
        yield from _sealed(each, passphrase.encode())
        longer = pack("<HHQQQ", 1, 24, each.size, size, offset) + _AES_256
        directory.append(
            b"PK\1\2"
            + pack("<H", _VERSION)
            + head
            + pack("<HHHHHII", len(name), len(longer), 0, 0, 0, 0, _LONG)
            + name
            + longer
        )
        offset += len(local) + size
    yield from directory
    yield _end(len(directory), sum(map(len, directory)), offset)


def _sealed(file: DiscFile, passphrase: bytes) -> Iterator[bytes]:
    salt = secrets.token_bytes(_SALT)
    keys = hashlib.pbkdf2_hmac("sha1", passphrase, salt, _ROUNDS, 2 * _KEY + _CHECK)
    running = hmac.new(keys[_KEY : 2 * _KEY], digestmod="sha1")
    stream = _KeyStream(keys[:_KEY])
    yield salt + keys[2 * _KEY :]
    size = 0
    for piece in file.pieces():
        size += len(piece)
        if size > file.size:
            raise UnfitFileError
        hidden = stream.over(piece)
        running.update(hidden)
        yield hidden
    if size != file.size:
        raise UnfitFileError
    yield running.digest()[:_PROOF]


class _KeyStream:
    """AES in counter mode as zips count: from one, the lowest byte first."""

    def __init__(self, key: bytes) -> None:
        # Blocks of a counter, each used once: this is counter mode, not a codebook.
        self._cipher = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305
        self._next = 1
        self._left = b""

    def over(self, piece: bytes) -> bytes:
        """Return the piece, sealed."""
        blocks = -(-max(0, len(piece) - len(self._left)) // _BLOCK)
        counters = np.zeros((blocks, 2), "<u8")
        counters[:, 0] = np.arange(self._next, self._next + blocks, dtype="<u8")
        self._next += blocks
        stream = self._left + self._cipher.update(counters.tobytes())
        self._left = stream[len(piece) :]
        used = np.frombuffer(stream, np.uint8, count=len(piece))
        return (np.frombuffer(piece, np.uint8) ^ used).tobytes()


def _end(count: int, length: int, offset: int) -> bytes:
    """Return the records that close a zip, with long numbers whatever they are."""
    long = pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 51, 51, 0, 0, count, count, length, offset)
    where = pack("<4sIQI", b"PK\6\7", 0, offset + length, 1)
    few = min(count, _MANY)
    return long + where + pack("<4sHHHHIIH", b"PK\5\6", 0, 0, few, few, _LONG, _LONG, 0)
