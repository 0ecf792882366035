"""How does a witness say that it saw a checkpoint, and when?

With a line under the note that is a C2SP cosignature/v1: the witness's own Ed25519
key over the time and the note's body. It signs only what continues all it signed
before, so two histories cannot both have its name under them.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_SORT = b"\x04"  # Ed25519, used for cosignatures


@dataclass(frozen=True, slots=True)
class Cosigner:
    """A witness's key."""

    private: Ed25519PrivateKey = field(repr=False)

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public key."""
        return self.private.public_key().public_bytes_raw()

    @property
    def name(self) -> str:
        """The name that the lines begin with; it follows from the key."""
        return f"safelight-witness-{hashlib.sha256(self.public).hexdigest()[:16]}"

    @property
    def key_hash(self) -> bytes:
        """The first 4 bytes of SHA-256(name || 0A || 04 || public key)."""
        return hashlib.sha256(self.name.encode() + b"\n" + _SORT + self.public).digest()[:4]

    @property
    def verifier_key(self) -> str:
        """The public key as text (C2SP vkey)."""
        key = base64.b64encode(_SORT + self.public).decode()
        return f"{self.name}+{self.key_hash.hex()}+{key}"

    def line(self, note: str, *, at: int) -> str:
        """Return the line to put under a note; `at` counts seconds since 1970."""
        body = note.rpartition("\n\n")[0]
        signed = self.private.sign(f"cosignature/v1\ntime {at}\n{body}\n".encode())
        raw = self.key_hash + at.to_bytes(8, "big") + signed
        return f"\N{EM DASH} {self.name} {base64.b64encode(raw).decode()}\n"
