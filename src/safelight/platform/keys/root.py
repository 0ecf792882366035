"""Where does trust begin? In one file of 32 random bytes, kept apart from the data.

The file holds them as one line of 64 hexadecimal digits, so that it can be
printed and typed in again. Its id and check value are derived from it and are
not secret: they let a key store say which root key it needs.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from safelight.platform.keys.cipher import KEY_SIZE, derive
from safelight.platform.keys.errors import RootKeyRefusedError

if TYPE_CHECKING:
    from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OWNER_READS = stat.S_IRUSR
_LARGEST_FILE = 4096


@dataclass(frozen=True, slots=True)
class RootKey:
    """The key that wraps all others. `id` is 16 hexadecimal digits, not secret."""

    id: str
    material: bytes = field(repr=False)

    @classmethod
    def of(cls, material: bytes) -> RootKey:
        """Make the root key of 32 bytes, with its id."""
        return cls(derive(material, "root-id", 8).hex(), material)

    @property
    def check_value(self) -> bytes:
        """32 bytes that only this root key makes, and that do not give it away."""
        return derive(self.material, "root-check")


def read_root_key(path: Path) -> RootKey:
    """Read the root key, if nobody but its owner can.

    Raises:
        RootKeyRefusedError: no such file, group or others may use it, or it is
            not 64 hexadecimal digits.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise RootKeyRefusedError(f"the root key file cannot be opened: {error.strerror}") from None
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise RootKeyRefusedError("the root key file is not a regular file")
        if mode & _OTHERS:
            raise RootKeyRefusedError(
                f"the root key file may be used by others (mode {stat.S_IMODE(mode):04o}); "
                "it must be 0400"
            )
        text = os.read(descriptor, _LARGEST_FILE).strip()
    finally:
        os.close(descriptor)
    if len(text) != 2 * KEY_SIZE:
        raise RootKeyRefusedError(f"the root key must be {2 * KEY_SIZE} hexadecimal digits")
    try:
        return RootKey.of(bytes.fromhex(text.decode("ascii")))
    except ValueError:
        raise RootKeyRefusedError("the root key is not hexadecimal") from None


def create_root_key(path: Path) -> RootKey:
    """Make a new root key in a new file, mode 0400, on stable storage before return.

    Raises:
        RootKeyRefusedError: the file exists already or cannot be made.
    """
    material = secrets.token_bytes(KEY_SIZE)
    try:
        descriptor = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OWNER_READS
        )
    except OSError as error:
        raise RootKeyRefusedError(f"the root key file cannot be made: {error.strerror}") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(material.hex().encode() + b"\n")
        file.flush()
        os.fsync(descriptor)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return RootKey.of(material)


def secret_for(path: Path, purpose: str) -> str:
    """Derive a text secret from the root key, or a random one when there is no key yet.

    Without a root key nothing that needs the secret to last can be done anyway
    (`init`, `--help`), so a value that lives as long as the process is enough.
    """
    if not path.is_file():
        return secrets.token_hex(32)
    return hmac.new(path.read_bytes(), purpose.encode(), hashlib.sha256).hexdigest()
