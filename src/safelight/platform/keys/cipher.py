"""How is a small value sealed, so that it is noise to whoever lacks the key?

Three ways, each with a version byte in front of what it makes:

* `seal`: AES-256-GCM under a random 96-bit nonce. Equal values differ sealed.
  One key may seal 2**32 values before a nonce may repeat (NIST SP 800-38D 8.3).
* `seal_same`: AES-SIV (RFC 5297). Equal values are equal sealed, so that a
  column can be unique and looked up; whoever reads it learns which are equal.
* `token`: HMAC-SHA256 cut to 16 bytes, for a search index. Never opened again.

Every seal is bound to a name of where it belongs ("table|column"), so that a
value moved elsewhere does not open. The layout is docs/reference/sealed-format.md.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from safelight.platform.keys.errors import SealBrokenError

if TYPE_CHECKING:
    from collections.abc import Sequence

KEY_SIZE = 32
SAME_KEY_SIZE = 64
TOKEN_SIZE = 16

_RANDOM = b"\x01"
_SAME = b"\x02"
_NONCE_SIZE = 12
_TAG_SIZE = 16


class KeyWithPast(bytes):
    """A key that seals, and others that still open what they sealed while it is rotated."""

    past: tuple[bytes, ...]

    def __new__(cls, key: bytes, past: Sequence[bytes]) -> Self:
        """Make a key of its bytes and those of the others, the likeliest first."""
        made = super().__new__(cls, key)
        made.past = tuple(past)
        return made


def seal(key: bytes, plaintext: bytes, *, bound_to: str) -> bytes:
    """Seal `plaintext` under a 32-byte key; 29 bytes longer than what went in."""
    nonce = secrets.token_bytes(_NONCE_SIZE)
    return (
        _RANDOM + nonce + AESGCM(_sized(key, KEY_SIZE)).encrypt(nonce, plaintext, bound_to.encode())
    )


def unseal(key: bytes, sealed: bytes, *, bound_to: str) -> bytes:
    """Open what `seal` made, under `key` or, where it has one, its past.

    Raises:
        SealBrokenError: other bytes, another key, or another `bound_to`.
    """
    start = 1 + _NONCE_SIZE
    if sealed[:1] != _RANDOM or len(sealed) < start + _TAG_SIZE:
        raise SealBrokenError
    for each in (key, *key.past) if isinstance(key, KeyWithPast) else (key,):
        try:
            return AESGCM(_sized(each, KEY_SIZE)).decrypt(
                sealed[1:start], sealed[start:], bound_to.encode()
            )
        except InvalidTag:
            continue
    raise SealBrokenError


def seal_same(key: bytes, plaintext: bytes, *, bound_to: str) -> bytes:
    """Seal `plaintext` under a 64-byte key so that equal values look equal; 17 bytes longer."""
    return _SAME + AESSIV(_sized(key, SAME_KEY_SIZE)).encrypt(plaintext, [bound_to.encode()])


def unseal_same(key: bytes, sealed: bytes, *, bound_to: str) -> bytes:
    """Open what `seal_same` made.

    Raises:
        SealBrokenError: other bytes, another key, or another `bound_to`.
    """
    if sealed[:1] != _SAME or len(sealed) < 1 + _TAG_SIZE:
        raise SealBrokenError
    try:
        return AESSIV(_sized(key, SAME_KEY_SIZE)).decrypt(sealed[1:], [bound_to.encode()])
    except InvalidTag:
        raise SealBrokenError from None


def token(key: bytes, value: bytes) -> bytes:
    """Return the 16-byte search token of an already normalised `value`."""
    return hmac.new(_sized(key, KEY_SIZE), value, hashlib.sha256).digest()[:TOKEN_SIZE]


def derive(key: bytes, purpose: str, length: int = KEY_SIZE) -> bytes:
    """Derive a key for one purpose (HKDF-SHA256, RFC 5869, no salt: `key` is uniform).

    The length is part of what is derived, so that a short key is never the
    beginning of a longer one.
    """
    info = f"safelight/{length}/{purpose}".encode()
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(key)


def _sized(key: bytes, size: int) -> bytes:
    # AES would take 16 bytes as well, and quietly be weaker.
    if len(key) != size:
        raise ValueError(f"a key of {size} bytes is needed, not {len(key)}")
    return key
