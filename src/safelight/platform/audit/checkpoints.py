"""How does the trail's end get signed, so that anyone may keep it as a witness?

A checkpoint is a C2SP signed note (tlog-checkpoint, signed-note):

    origin
    size
    base64(root)

    (em dash) origin base64(key hash || Ed25519 signature)

The key hash is the first 4 bytes of SHA-256(origin || 0A || 01 || public key).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from safelight.platform.keys.ring import ring

_ED25519 = b"\x01"
_KEY_HASH_SIZE = 4


@dataclass(frozen=True, slots=True)
class Signer:
    """The instance's audit signing key and the name it signs under."""

    private: Ed25519PrivateKey
    public: bytes

    @property
    def origin(self) -> str:
        """The log's name: it follows from the key, and says nothing else."""
        return f"safelight-audit-{hashlib.sha256(self.public).hexdigest()[:16]}"

    @property
    def verifier_key(self) -> str:
        """The public key as text (C2SP vkey), for whoever verifies."""
        key = base64.b64encode(_ED25519 + self.public).decode()
        return f"{self.origin}+{self._key_hash().hex()}+{key}"

    def note(self, size: int, root: bytes) -> str:
        """Sign the statement that the trail has `size` entries under `root`."""
        body = f"{self.origin}\n{size}\n{base64.b64encode(root).decode()}\n"
        signature = self._key_hash() + self.private.sign(body.encode())
        return f"{body}\n\N{EM DASH} {self.origin} {base64.b64encode(signature).decode()}\n"

    def _key_hash(self) -> bytes:
        named = self.origin.encode() + b"\n" + _ED25519 + self.public
        return hashlib.sha256(named).digest()[:_KEY_HASH_SIZE]


def signer() -> Signer:
    """Return this instance's signer."""
    private = Ed25519PrivateKey.from_private_bytes(ring().instance_key("audit-signing"))
    return Signer(private, private.public_key().public_bytes_raw())


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether an Ed25519 signature is good; faster than the verifier's own."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True
