"""Where does trust begin? In one file of 32 random bytes, kept apart from the data.

The file holds them as one line of 64 hexadecimal digits, so that it can be
printed and typed in again. Its id and check value are derived from it and are
not secret: they let a key store say which root key it needs.
"""

from __future__ import annotations

import os
import secrets
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from safelight.platform.keys.cipher import KEY_SIZE, derive
from safelight.platform.keys.errors import RootKeyRefusedError
from safelight.platform.keys.weak import weakness

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


def root_from_text(text: str, place: str) -> RootKey:
    """Read the root key from what stands in `place`, which a refusal names.

    Raises:
        RootKeyRefusedError: it is not 64 hexadecimal digits, or could be guessed.
    """
    digits = text.strip()
    if len(digits) != 2 * KEY_SIZE:
        raise RootKeyRefusedError(f"{place} must be {2 * KEY_SIZE} hexadecimal digits")
    try:
        if not digits.isascii():
            raise ValueError  # noqa: TRY301 (the one sentence for both)
        material = bytes.fromhex(digits)
    except ValueError:
        raise RootKeyRefusedError(f"{place} is not hexadecimal") from None
    return strong_root(material, place)


def strong_root(material: bytes, place: str) -> RootKey:
    """Make the root key of what stands in `place`.

    Raises:
        RootKeyRefusedError: it is not of 32 bytes, or could be guessed.
    """
    if len(material) != KEY_SIZE:
        raise RootKeyRefusedError(f"{place} must be {KEY_SIZE} bytes")
    if weak := weakness(material):
        raise RootKeyRefusedError(
            f"{place} {weak}; whoever guesses it reads everything. Make one with: safelight init"
        )
    return RootKey.of(material)


def read_root_key(path: Path, *, beside: Path | None = None) -> RootKey:
    """Read the root key, if nobody but its owner can.

    Its owner is who runs this program, root, or who owns the data folder (`beside`).

    Raises:
        RootKeyRefusedError: no such file, somebody else may use or change it, it lies
            behind a link that leads into the data, or it is not a root key.
    """
    return root_from_text(read_private(path, "the root key file", beside=beside), "the root key")


def read_private(path: Path, what: str, *, beside: Path | None = None) -> str:
    """Read a small file that only its owner can use. Raises like `read_root_key`."""
    if path.is_symlink() and beside and path.resolve().is_relative_to(beside.resolve()):
        raise RootKeyRefusedError(
            f"{what} is a link into the data folder; whoever takes one would have both"
        )
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise RootKeyRefusedError(f"{what} cannot be opened: {error.strerror}") from None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise RootKeyRefusedError(f"{what} is not a regular file")
        _refuse_others(found, what, beside)
        return os.read(descriptor, _LARGEST_FILE).decode("utf-8", "replace")
    finally:
        os.close(descriptor)


def _refuse_others(found: os.stat_result, what: str, beside: Path | None) -> None:
    if found.st_mode & _OTHERS:
        who = "everybody" if found.st_mode & stat.S_IRWXO else "a whole group"
        raise RootKeyRefusedError(
            f"{what} may be used by others, by {who} "
            f"(mode {stat.S_IMODE(found.st_mode):04o}); it must be 0400"
        )
    owners = {0, os.geteuid()}
    if beside is not None and beside.exists():
        owners.add(beside.stat().st_uid)
    if found.st_uid not in owners:
        raise RootKeyRefusedError(
            f"{what} belongs to user {found.st_uid}, who could change it; "
            "give it to the user that runs Safelight"
        )


def create_root_key(path: Path) -> RootKey:
    """Make a new root key in a new file, mode 0400, on stable storage before return.

    Raises:
        RootKeyRefusedError: the file exists already or cannot be made.
    """
    root = RootKey.of(secrets.token_bytes(KEY_SIZE))
    write_private(path, root.material.hex() + "\n")
    return root


def write_private(path: Path, text: str) -> None:
    """Write a new file that only its owner can read, on stable storage before return.

    Raises:
        RootKeyRefusedError: the file exists already or cannot be made.
    """
    try:
        descriptor = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OWNER_READS
        )
    except OSError as error:
        raise RootKeyRefusedError(f"the root key file cannot be made: {error.strerror}") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(descriptor)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Bring a folder's names to stable storage."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
