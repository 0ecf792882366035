"""Who signed this note? A public key as text (C2SP vkey), and how it checks a signed note."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from safelight.platform.audit.offline.curve import ed25519_is_signed

if TYPE_CHECKING:
    from collections.abc import Callable

_COSIGNS = 4  # the sort of a witness's key; a trail's is 1
_SORTS = (1, _COSIGNS)


@dataclass(frozen=True)
class PublicKey:
    """The key of a trail, or of a witness of it (C2SP vkey), and how to check with it."""

    name: str
    key_hash: bytes
    public: bytes
    is_signed: Callable[[bytes, bytes, bytes], bool]
    is_witness: bool = False

    @classmethod
    def parse(
        cls, text: str, is_signed: Callable[[bytes, bytes, bytes], bool] | None = None
    ) -> PublicKey:
        """Read "name+hash+key". Raises ValueError where it is not one."""
        name, _, rest = text.strip().partition("+")
        key_hash, _, key = rest.partition("+")
        raw = base64.b64decode(key, validate=True)
        expected = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
        if len(raw) != 33 or raw[0] not in _SORTS or bytes.fromhex(key_hash) != expected:  # noqa: PLR2004
            message = "this is not an Ed25519 verifier key"
            raise ValueError(message)
        return cls(name, expected, raw[1:], is_signed or ed25519_is_signed, raw[0] == _COSIGNS)

    def open(self, note: str) -> tuple[int, bytes]:
        """Return the size and root that a note states. Raises ValueError if not signed so."""
        self.signed_at(note)
        _name, size, root, *_extensions = note.rpartition("\n\n")[0].split("\n")
        return int(size), base64.b64decode(root, validate=True)

    def signed_at(self, note: str) -> int:
        """Return when a witness signed a note, in seconds since 1970; 0 for the trail's own.

        Raises:
            ValueError: this key did not sign it.
        """
        body, _, signatures = note.rpartition("\n\n")
        for line in signatures.splitlines():
            dash, _, signed = line.partition(" ")
            signer, _, encoded = signed.partition(" ")
            if dash != "\N{EM DASH}" or signer != self.name:
                continue
            raw = base64.b64decode(encoded, validate=True)
            if raw[:4] != self.key_hash:
                continue
            at, text = 0, f"{body}\n"
            if self.is_witness:
                at = int.from_bytes(raw[4:12], "big")
                text = f"cosignature/v1\ntime {at}\n{text}"
            elif body.partition("\n")[0] != self.name:
                continue
            if self.is_signed(self.public, text.encode(), raw[12 if self.is_witness else 4 :]):
                return at
        message = "the note is not signed by this key"
        raise ValueError(message)
