#!/usr/bin/env python3
r"""How does one read what Safelight sealed, without Safelight?

One file that follows docs/reference/sealed-format.md and imports nothing of the
product: only the standard library, cryptography and zstandard. It opens one
record of one pack, given its object key, or the root key file, the key store
and the object key as its row keeps it:

    read_sealed.py DATA/packs/ab/cd/....pack --offset 0 --length 534321 \
        --object-id 0b8f... --object-key 64-hex-digits --out object.bin

    read_sealed.py ....pack --offset 0 --length 534321 --object-id 0b8f... \
        --root-key-file root.key --key-store DATA/keys.sqlite3 \
        --study-key-id 77aa... --wrapped-key 122-hex-digits --out object.bin

With `--layout` (the object's layout in hexadecimal digits) the original bytes
are written, without it the stored ones. Exit 0 done, 1 refused, 2 usage.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import sqlite3
import sys
from pathlib import Path
from uuid import UUID

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV

MAGIC = bytes.fromhex("89534c520d0a1a0a")
RAW, ZSTD, ZSTD_SPLIT = 0, 1, 2


class RefusedError(Exception):
    """The bytes are not what they should be."""


def hkdf(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869 with SHA-256, written out."""
    start = hmac.new(salt or bytes(32), key, hashlib.sha256).digest()
    out = block = b""
    number = 1
    while len(out) < length:
        block = hmac.new(start, block + info + bytes([number]), hashlib.sha256).digest()
        out += block
        number += 1
    return out[:length]


def derive(key: bytes, purpose: str, length: int = 32) -> bytes:
    """Derive a key of the hierarchy."""
    return hkdf(key, b"", f"safelight/{length}/{purpose}".encode(), length)


def unseal(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    """Open a seal of version 1 (AES-256-GCM)."""
    if sealed[:1] != b"\x01":
        raise RefusedError("not a seal of version 1")
    try:
        return AESGCM(key).decrypt(sealed[1:13], sealed[13:], bound_to.encode())
    except InvalidTag:
        raise RefusedError("the seal does not open under this key and name") from None


def unseal_same(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    """Open a seal of version 2 (AES-SIV)."""
    if sealed[:1] != b"\x02":
        raise RefusedError("not a seal of version 2")
    try:
        return AESSIV(key).decrypt(sealed[1:], [bound_to.encode()])
    except InvalidTag:
        raise RefusedError("the seal does not open under this key and name") from None


def open_record(stored: bytes, key: bytes, object_id: UUID) -> bytes:
    """Return the whole plaintext of a record."""
    if len(stored) < 112 + 16 or stored[:8] != MAGIC:
        raise RefusedError("not a record")
    version, algorithm, bits, flags = stored[8:12]
    if (version, algorithm, flags) != (1, 1, 0) or not 14 <= bits <= 22:
        raise RefusedError("a record of another kind")
    if stored[12:16] != bytes(4) or stored[32:48] != bytes(16):
        raise RefusedError("the reserved bytes are in use")
    if stored[16:32] != object_id.bytes:
        raise RefusedError("the record of another object")
    made = hkdf(key, stored[48:80], b"safelight/slr1\x00" + stored[:48], 64)
    if not hmac.compare_digest(made[32:], stored[80:112]):
        raise RefusedError("another key")
    cipher = AESGCM(made[:32])
    step = (1 << bits) + 16
    starts = range(112, len(stored), step)
    if len(starts) > 1 and len(stored) - starts[-1] <= 16:
        raise RefusedError("an empty last chunk")
    plain = []
    for number, start in enumerate(starts):
        final = number == len(starts) - 1
        nonce = bytes(3) + number.to_bytes(8, "big") + bytes([final])
        try:
            plain.append(cipher.decrypt(nonce, stored[start : start + step], None))
        except InvalidTag:
            raise RefusedError(f"chunk {number} is not genuine") from None
    return b"".join(plain)


def read_layout(compact: bytes) -> list[tuple[int, int, int]]:
    """Return (length, stored, codec) of each segment."""
    if compact[:1] != b"\x01":
        raise RefusedError("a layout of another version")
    numbers = []
    number = shift = 0
    for byte in compact[1:]:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(number)
            number = shift = 0
    segments = []
    while numbers:
        first = numbers.pop(0)
        length, codec = first >> 2, first & 3
        segments.append((length, length if codec == RAW else numbers.pop(0), codec))
    return segments


def restore(stored: bytes, segments: list[tuple[int, int, int]]) -> bytes:
    """Return the original bytes of an object from the plaintext of its record."""
    out = []
    position = 0
    for length, size, codec in segments:
        part = stored[position : position + size]
        position += size
        if codec != RAW:
            part = zstandard.ZstdDecompressor().decompress(part, max_output_size=length)
        if codec == ZSTD_SPLIT:
            joined = bytearray(length)
            joined[0::2], joined[1::2] = part[: length // 2], part[length // 2 :]
            part = bytes(joined)
        if len(part) != length:
            raise RefusedError("a segment of another length")
        out.append(part)
    if position != len(stored):
        raise RefusedError("bytes that no segment names")
    return b"".join(out)


def study_key(key_store: Path, root: bytes, study_key_id: UUID) -> bytes:
    """Open a study's key from the key store (SQLite) with the root key."""
    root_id = derive(root, "root-id", 8).hex()
    store = sqlite3.connect(f"file:{key_store}?mode=ro", uri=True)
    try:
        check = store.execute("SELECT root_id, check_value FROM keys_instance").fetchone()
        if check != (root_id, derive(root, "root-check")):
            raise RefusedError("another root key")
        find = (
            "SELECT vault_id, wrapped, version, above FROM keys_wrappedkey "
            "WHERE kind = ? AND subject_id = ?"
        )
        current = f"{find} AND standing = 'current'"
        study = store.execute(current, ("study", study_key_id.hex)).fetchone()
        if study is None:
            raise RefusedError("no such study key: never made, or destroyed")
        vault = store.execute(f"{find} AND version = ?", ("vault", study[0], study[3])).fetchone()
        if vault is None:
            raise RefusedError("no such vault key: never made, or destroyed")
    finally:
        store.close()
    vault_name = f"vault-key|{study[0]}|{study[0]}|{root_id}"
    vault_key = unseal(root, vault[1], vault_name + later(vault[2]))
    study_name = f"study-key|{study_key_id.hex}|{study[0]}"
    return unseal(vault_key, study[1], study_name + later(study[2]))


def later(version: int) -> str:
    """Return what a version of a key adds to its name; the first adds nothing."""
    return f"|{version}" if version > 1 else ""


def object_key(asked: argparse.Namespace) -> bytes:
    """Return the object's key, from the command line or through the hierarchy."""
    if asked.object_key:
        return bytes.fromhex(asked.object_key)
    root = bytes.fromhex(asked.root_key_file.read_text().strip())
    above = study_key(asked.key_store, root, asked.study_key_id)
    name = asked.bound_to or f"object|{asked.object_id}"
    return unseal(above, bytes.fromhex(asked.wrapped_key), name)


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Open one sealed record of Safelight.")
    parser.add_argument("pack", type=Path)
    parser.add_argument("--offset", type=int, default=0)
    parser.add_argument("--length", type=int, required=True)
    parser.add_argument("--object-id", type=UUID, required=True)
    parser.add_argument("--object-key")
    parser.add_argument("--root-key-file", type=Path)
    parser.add_argument("--key-store", type=Path)
    parser.add_argument("--study-key-id", type=UUID)
    parser.add_argument("--wrapped-key")
    parser.add_argument("--bound-to", help="what the wrapped key is bound to")
    parser.add_argument("--layout", help="hexadecimal digits")
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args(arguments)
    chain = (asked.root_key_file, asked.key_store, asked.study_key_id, asked.wrapped_key)
    if not asked.object_key and not all(chain):
        parser.error(
            "give --object-key, or the root key file, key store, study key and wrapped key"
        )
    return asked


def main(arguments: list[str]) -> int:
    """Open the record that the command line names."""
    asked = parse(arguments)
    try:
        with asked.pack.open("rb") as pack:
            pack.seek(asked.offset)
            stored = pack.read(asked.length)
        plain = open_record(stored, object_key(asked), asked.object_id)
        if asked.layout:
            plain = restore(plain, read_layout(bytes.fromhex(asked.layout)))
    except (RefusedError, OSError, ValueError, zstandard.ZstdError) as error:
        print(f"refused: {error}", file=sys.stderr)
        return 1
    asked.out.write_bytes(plain)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
