"""How does the serving host seal a backup that it cannot open itself?

For a public key: each object has a fresh X25519 key of its own, and what that and the
public key agree on seals it, bound to its name (layout: docs/reference/sealed-format.md).
Only the private key opens it, and that lies nowhere near the data.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from safelight.governance.recovery.errors import BackupBrokenError, BackupKeyRefusedError
from safelight.platform.storage.errors import RecordBrokenError
from safelight.platform.storage.record import RecordReader, seal_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_MAGIC: Final = b"SLBK\x01"
_PUBLIC_SIZE: Final = 32
HEADER: Final = len(_MAGIC) + _PUBLIC_SIZE
_INFO: Final = b"safelight/backup/1\x00"
_PUBLIC_WORD: Final = "safelight-backup-public"
_PRIVATE_WORD: Final = "safelight-backup-private"
_PIECE: Final = 1 << 20
_OTHERS: Final = 0o077


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The half that seals; it is no secret."""

    material: bytes

    @property
    def text(self) -> str:
        """The line of its file."""
        return f"{_PUBLIC_WORD} {self.material.hex()}"

    def seal(self, name: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Seal `pieces` under their `name`, as they come."""
        once = X25519PrivateKey.generate()
        public = once.public_key().public_bytes_raw()
        agreed = once.exchange(X25519PublicKey.from_public_bytes(self.material))
        yield _MAGIC + public
        key = _derived(agreed, public + self.material, name)
        # Large chunks: a backup is read from its beginning to its end.
        yield from seal_record(key, _id_of(name), pieces, chunk_bits=20)


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """The half that opens."""

    material: bytes = field(repr=False)

    @property
    def public(self) -> PublicKey:
        """The other half."""
        made = X25519PrivateKey.from_private_bytes(self.material).public_key()
        return PublicKey(made.public_bytes_raw())

    def open(self, name: str, read_at: Callable[[int, int], bytes], size: int) -> Iterator[bytes]:
        """Yield the bytes that were sealed under `name`, of `size` sealed bytes.

        Raises:
            BackupBrokenError: it is not whole, not this object, or for another key.
        """
        head = read_at(0, HEADER) if size > HEADER else b""
        if head[: len(_MAGIC)] != _MAGIC:
            raise BackupBrokenError
        public = head[len(_MAGIC) :]
        mine = X25519PrivateKey.from_private_bytes(self.material)
        try:
            agreed = mine.exchange(X25519PublicKey.from_public_bytes(public))
            key = _derived(agreed, public + self.public.material, name)
            record = RecordReader(
                lambda offset, length: read_at(HEADER + offset, length),
                size - HEADER,
                key,
                _id_of(name),
            )
            for start in range(0, record.size, _PIECE):
                yield record.read(start, min(start + _PIECE, record.size))
        except (RecordBrokenError, ValueError):
            raise BackupBrokenError from None


def make_key(path: Path) -> PublicKey:
    """Make a backup key: the private half in `path`, mode 0400, the public one beside it.

    Raises:
        BackupKeyRefusedError: a file of this name is there already, or cannot be made.
    """
    private = PrivateKey(secrets.token_bytes(32))
    beside = path.with_name(path.name + ".pub")
    try:
        _write(path, f"{_PRIVATE_WORD} {private.material.hex()}\n", 0o400)
        _write(beside, private.public.text + "\n", 0o444)
    except OSError as error:
        raise BackupKeyRefusedError(f"the key cannot be made: {error.strerror}") from None
    return private.public


def read_public(path: Path) -> PublicKey:
    """Read the public half. Raises BackupKeyRefusedError."""
    return PublicKey(_material(path, _PUBLIC_WORD))


def read_private(path: Path) -> PrivateKey:
    """Read the private half, if nobody but its owner can.

    Raises:
        BackupKeyRefusedError: there is none, others may read it, or it is something else.
    """
    material = _material(path, _PRIVATE_WORD)
    if path.stat().st_mode & _OTHERS:
        raise BackupKeyRefusedError("the backup key may be read by others; it must be 0400")
    return PrivateKey(material)


def _material(path: Path, word: str) -> bytes:
    try:
        said, _, digits = path.read_text().strip().partition(" ")
        material = bytes.fromhex(digits)
    except (OSError, ValueError):
        raise BackupKeyRefusedError(f"{path} cannot be read as a backup key") from None
    if said != word or len(material) != _PUBLIC_SIZE:
        raise BackupKeyRefusedError(f"{path} does not hold a {word}")
    return material


def _write(path: Path, text: str, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)


def _derived(agreed: bytes, publics: bytes, name: str) -> bytes:
    info = _INFO + name.encode()
    return HKDF(algorithm=SHA256(), length=32, salt=publics, info=info).derive(agreed)


def _id_of(name: str) -> UUID:
    return UUID(bytes=hashlib.sha256(_INFO + name.encode()).digest()[:16])
