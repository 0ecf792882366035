"""How does this instance sign something that strangers verify without it?

With Ed25519 keys, one line of them for each purpose, so that what is signed under one name
is worth nothing under another. The first of a line descends from the root key; each later
one is endorsed by the one before (succession.py). A public key is told as text (C2SP vkey):
name+hash+key; the name follows from the key, and says nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from safelight.kernel import clock
from safelight.platform.keys.ring import ring

_ED25519: Final = b"\x01"
_KEY_HASH_SIZE: Final = 4
_DASH: Final = "\N{EM DASH}"


@dataclass(frozen=True, slots=True)
class Signer:
    """A signing key of the instance and the sort of name it signs under.

    `origin` is the name of the first of its line, where it is another's.
    """

    sort: str
    private: Ed25519PrivateKey = field(repr=False)
    public: bytes
    origin: str = ""

    @property
    def name(self) -> str:
        """The key's name, e.g. "safelight-audit-" and 16 digits of the key's digest."""
        return _name(self.sort, self.public)

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

    def line_under(self, body: str) -> str:
        """Return the line that signs the body of a note."""
        signature = base64.b64encode(self.key_hash + self.sign(body.encode())).decode()
        return f"{_DASH} {self.name} {signature}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """What may be told of a key that followed another."""

    version: int
    name: str
    since: datetime
    endorsement: str


def signer_for(purpose: str, sort: str, *, after: str = "") -> Signer:
    """Return the instance's signer for one purpose, e.g. "audit-signing".

    `after` is a note that was signed last: no older key signs after a newer one, also where
    the clocks of two hosts differ.
    """
    origin = first_signer(purpose, sort)
    now, version = clock.now(), 1
    for each in later_keys(purpose, sort):
        if each.since <= now or f"\n{_DASH} {each.name} " in after:
            version = each.version
    if version == 1:
        return origin
    return signer_of_version(purpose, sort, version)


def signer_of_version(purpose: str, sort: str, version: int) -> Signer:
    """Return one signer of a line. Raises KeyUnknownError where it can sign no more."""
    origin = first_signer(purpose, sort)
    if version == 1:
        return origin
    private = Ed25519PrivateKey.from_private_bytes(ring().signing_key(purpose, version))
    return Signer(sort, private, private.public_key().public_bytes_raw(), origin.name)


def first_signer(purpose: str, sort: str) -> Signer:
    """Return the first signer of a line, which is the one that verifiers are told."""
    private = Ed25519PrivateKey.from_private_bytes(ring().signing_key(purpose, 1))
    return Signer(sort, private, private.public_key().public_bytes_raw())


def later_keys(purpose: str, sort: str) -> list[Later]:
    """Return those that followed the first, also one that is to sign in a moment."""
    return [
        Later(
            version=each["version"],
            name=_name(sort, bytes.fromhex(each["public"])),
            since=datetime.fromisoformat(each["since"]),
            endorsement=each["endorsement"],
        )
        for each in orjson.loads(ring().signing_line(purpose))
    ]


def list_of_keys(purpose: str, sort: str) -> str:
    """Return all keys of a line as text, each endorsed by the one before. It is public."""
    first = first_signer(purpose, sort).verifier_key
    return "\n\n".join(
        [first, *(each.endorsement.rstrip("\n") for each in later_keys(purpose, sort))]
    )


def keys_beside(purpose: str, sort: str) -> str:
    """Return the list of keys where there is more than one: it goes along with what is signed."""
    return list_of_keys(purpose, sort) if later_keys(purpose, sort) else ""


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether an Ed25519 signature is good."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _name(sort: str, public: bytes) -> str:
    return f"{sort}-{hashlib.sha256(public).hexdigest()[:16]}"
