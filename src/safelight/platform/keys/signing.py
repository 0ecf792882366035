"""How does this instance sign something that strangers verify without it?

With Ed25519 keys that descend from the root key, one for each purpose, so that what
is signed under one name is worth nothing under another. A public key is told as text
(C2SP vkey): name+hash+key; the name follows from the key, and says nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from safelight.platform.keys.ring import ring

_ED25519 = b"\x01"
_KEY_HASH_SIZE = 4


@dataclass(frozen=True, slots=True)
class Signer:
    """A signing key of the instance and the sort of name it signs under."""

    sort: str
    private: Ed25519PrivateKey = field(repr=False)
    public: bytes

    @property
    def name(self) -> str:
        """The key's name, e.g. "safelight-audit-" and 16 digits of the key's digest."""
        return f"{self.sort}-{hashlib.sha256(self.public).hexdigest()[:16]}"

    @property
    def key_hash(self) -> bytes:
        """The first 4 bytes of SHA-256(name || 0A || 01 || public key)."""
        named = self.name.encode() + b"\n" + _ED25519 + self.public
        return hashlib.sha256(named).digest()[:_KEY_HASH_SIZE]

    @property
    def verifier_key(self) -> str:
        """The public key as text (C2SP vkey), for whoever verifies."""
        key = base64.b64encode(_ED25519 + self.public).decode()
        return f"{self.name}+{self.key_hash.hex()}+{key}"

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature."""
        return self.private.sign(message)


def signer_for(purpose: str, sort: str) -> Signer:
    """Return the instance's signer for one purpose, e.g. "audit-signing"."""
    private = Ed25519PrivateKey.from_private_bytes(ring().instance_key(purpose))
    return Signer(sort, private, private.public_key().public_bytes_raw())


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether an Ed25519 signature is good."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True
