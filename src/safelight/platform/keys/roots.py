"""Where does this instance's root key come from, and where do its predecessor and successor lie?

A provider gives the current root key, and others that a row may name while it is
replaced. Beside a file lie `<file>.next`, made before a rotation, and
`<file>.old-<id>`, kept after it for as long as backups need it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, Protocol

from safelight.platform.keys.cipher import KEY_SIZE
from safelight.platform.keys.errors import RootKeyRefusedError
from safelight.platform.keys.kms import Kms
from safelight.platform.keys.root import (
    RootKey,
    create_root_key,
    read_private,
    read_root_key,
    root_from_text,
    strong_root,
    sync_folder,
    write_private,
)

VARIABLE: Final = "SAFELIGHT_ROOT_KEY"
_WRAPPED: Final = "safelight-root-wrapped-by-kms:"


class RootProvider(Protocol):
    """Gives the root key from wherever it is kept. Equal ones give the same."""

    @property
    def place(self) -> str:
        """Where it comes from, as said to an operator. Never a secret."""
        ...

    def current(self) -> RootKey:
        """Return the root key. Raises RootKeyRefusedError."""
        ...

    @property
    def next_place(self) -> str:
        """Where the next one is, or is to be put."""
        ...

    def others(self) -> list[RootKey]:
        """Return the next and the old ones that are at hand; what is refused is left out."""
        ...

    def successor(self) -> RootKey | None:
        """Return the next one, made where that can be done here. Raises RootKeyRefusedError."""
        ...

    def move_on(self) -> str:
        """Let the next one be the current one, or say what is to be done for it."""
        ...


def at_hand(provider: RootProvider) -> list[RootKey]:
    """Return every root key that the provider has at this moment."""
    found = provider.others()
    with suppress(RootKeyRefusedError):
        found.insert(0, provider.current())
    return found


@dataclass(frozen=True, slots=True)
class FileRoot:
    """The root key is a file outside the data folder `beside`."""

    path: Path
    beside: Path | None = None

    @property
    def place(self) -> str:
        """Name the file."""
        return f"the file {self.path}"

    @property
    def next_path(self) -> Path:
        """Where the next one lies while the root key is replaced."""
        return self.path.with_name(f"{self.path.name}.next")

    def old_paths(self) -> list[Path]:
        """Say where the old ones lie that are kept for older backups."""
        return sorted(self.path.parent.glob(f"{self.path.name}.old-*"))

    def current(self) -> RootKey:
        """Read the file."""
        return self.read(self.path)

    def others(self) -> list[RootKey]:
        """Read the files beside it; one cut off in a rotation may be the current one by now."""
        found = []
        for path in (self.next_path, *self.old_paths()):
            with suppress(RootKeyRefusedError):
                found.append(self.read(path))
        return found

    def read(self, path: Path) -> RootKey:
        """Read one of the files. Raises RootKeyRefusedError."""
        return read_root_key(path, beside=self.beside)

    @property
    def next_place(self) -> str:
        """Name the file."""
        return f"the file {self.next_path}"

    def make(self, path: Path) -> RootKey:
        """Make a new root key in a new file. Raises RootKeyRefusedError."""
        return create_root_key(path)

    def successor(self) -> RootKey | None:
        """Read the next file, made where there is none."""
        if self.next_path.exists():
            return self.read(self.next_path)
        return self.make(self.next_path)

    def move_on(self) -> str:
        """Let the next file be the current one and keep the old; say where that lies.

        At every moment there is a current file, and a cut at any can be repeated.
        """
        old = self.path.with_name(f"{self.path.name}.old-{self.current().id}")
        with suppress(FileExistsError):
            os.link(self.path, old)
        sync_folder(self.path.parent)
        self.next_path.replace(self.path)
        sync_folder(self.path.parent)
        return f"The old root key is {old}."


@dataclass(frozen=True, slots=True)
class KmsRoot(FileRoot):
    """The files hold the root keys wrapped by a key service, which opens them at the start."""

    kms: Kms = field(kw_only=True)

    @property
    def place(self) -> str:
        """Name the file and the service."""
        return f"the file {self.path}, wrapped by {self.kms.key} of {self.kms.url}"

    def read(self, path: Path) -> RootKey:
        """Have one of the files unwrapped, once in a process for each content."""
        text = read_private(path, "the wrapped root key", beside=self.beside)
        return _unwrapped(self.kms, text.strip())

    def make(self, path: Path) -> RootKey:
        """Make a new root key and keep it only wrapped."""
        root = RootKey.of(secrets.token_bytes(KEY_SIZE))
        self.keep(path, root)
        return root

    def keep(self, path: Path, root: RootKey) -> None:
        """Write a root key, wrapped, into a new file. Raises RootKeyRefusedError."""
        wrapped = base64.b64encode(self.kms.wrap(root.material)).decode()
        write_private(path, f"{_WRAPPED}{wrapped}\n")


def is_wrapped(path: Path) -> bool:
    """Say whether a file holds a root key that only a key service opens. Raises OSError."""
    with path.open("rb") as file:
        return file.read(len(_WRAPPED)) == _WRAPPED.encode()


@cache
def _unwrapped(kms: Kms, text: str) -> RootKey:
    if not text.startswith(_WRAPPED):
        raise RootKeyRefusedError("the file does not hold a wrapped root key: safelight keys wrap")
    try:
        wrapped = base64.b64decode(text.removeprefix(_WRAPPED), validate=True)
    except ValueError:
        raise RootKeyRefusedError("the wrapped root key is damaged") from None
    return strong_root(kms.unwrap(wrapped), "the root key that the key service returned")


@dataclass(frozen=True, slots=True)
class EnvironmentRoot:
    """The root key is a variable of the process, as a container's secrets are handed over."""

    variable: str = VARIABLE

    @property
    def place(self) -> str:
        """Name the variable."""
        return f"the variable {self.variable}"

    def current(self) -> RootKey:
        """Read the variable."""
        return self._read(self.variable)

    def others(self) -> list[RootKey]:
        """Read the variables that end in _NEXT and _OLD."""
        found = []
        for name in (f"{self.variable}_NEXT", f"{self.variable}_OLD"):
            with suppress(RootKeyRefusedError):
                found.append(self._read(name))
        return found

    @property
    def next_place(self) -> str:
        """Name the variable."""
        return f"the variable {self.variable}_NEXT"

    def successor(self) -> RootKey | None:
        """Read the variable, where it is set."""
        return self._read(name) if (name := f"{self.variable}_NEXT") in os.environ else None

    def move_on(self) -> str:
        """Say that nobody but the operator can change a process's variables."""
        return (
            f"Now set {self.variable} to the new root key and {self.variable}_OLD to the old one, "
            "and start again."
        )

    def _read(self, variable: str) -> RootKey:
        text = os.environ.get(variable)
        if text is None:
            raise RootKeyRefusedError(f"the variable {variable} is not set")
        return root_from_text(text, f"the root key in {variable}")


def secrets_for(provider: RootProvider, purpose: str) -> list[str]:
    """Derive a text secret from the root key, then from the others at hand.

    Without a root key nothing that needs the secret to last can be done anyway
    (`init`, `--help`), so a random one that lives as long as the process is enough.
    """
    try:
        roots = [provider.current(), *provider.others()]
    except RootKeyRefusedError:
        return [secrets.token_hex(32)]
    return [
        hmac.new(f"{root.material.hex()}\n".encode(), purpose.encode(), hashlib.sha256).hexdigest()
        for root in roots
    ]
