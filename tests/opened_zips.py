"""A sealed zip (AE-2), opened by the words of its format."""

from __future__ import annotations

import hashlib
import hmac
import struct
import zipfile
from io import BytesIO

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def opened(data: bytes, word: str) -> dict[str, bytes]:
    """Open a sealed zip by its format's words, block by block."""
    found = {}
    with zipfile.ZipFile(BytesIO(data)) as held:
        for entry in held.infolist():
            assert (entry.CRC, entry.compress_type, entry.flag_bits) == (0, 99, 1)
            names, extra = struct.unpack_from("<HH", data, entry.header_offset + 26)
            start = entry.header_offset + 30 + names + extra
            body = data[start : start + entry.compress_size]
            keys = hashlib.pbkdf2_hmac("sha1", word.encode(), body[:16], 1000, 66)
            assert keys[64:] == body[16:18], "not the passphrase"
            hidden = body[18:-10]
            assert hmac.digest(keys[32:64], hidden, "sha1")[:10] == body[-10:]
            cipher = Cipher(algorithms.AES(keys[:32]), modes.ECB()).encryptor()  # noqa: S305 (what counter mode is made of)
            blocks = (n.to_bytes(16, "little") for n in range(1, len(hidden) // 16 + 2))
            stream = b"".join(map(cipher.update, blocks))
            plain = bytes(one ^ other for one, other in zip(hidden, stream, strict=False))
            assert len(plain) == entry.file_size
            found[entry.filename] = plain
    return found
