"""Who signed this note? A public key as text (C2SP vkey), and those that follow one another.

A key is replaced by a note that the old key and the new one both sign:

    name of the old key
    safelight-key-line/1
    next: the new key
    since: 2026-01-31T12:00:00Z

A list of keys is the first of them, and these notes, with an empty line before each. Whoever
holds one key of it needs to trust no other: each has signed for its neighbours.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from safelight.platform.audit.offline.curve import ed25519_is_signed

if TYPE_CHECKING:
    from collections.abc import Callable

FOLLOWS = "safelight-key-line/1"
OVERLAP = timedelta(seconds=60)  # what began under the old key is signed a little later
_COSIGNS = 4  # the sort of a witness's key; a trail's is 1
_SORTS = (1, _COSIGNS)
_NAME_DIGITS = 16


@dataclass(frozen=True)
class PublicKey:
    """The key of a trail, or of a witness of it (C2SP vkey), and how to check with it.

    `others` are those that it followed and those that followed it, `number` is its place
    among them, `until` when it was replaced.
    """

    name: str
    key_hash: bytes
    public: bytes
    is_signed: Callable[[bytes, bytes, bytes], bool]
    is_witness: bool = False
    number: int = 0
    until: datetime | None = None
    others: tuple[PublicKey, ...] = ()

    @classmethod
    def parse(
        cls, text: str, is_signed: Callable[[bytes, bytes, bytes], bool] | None = None
    ) -> PublicKey:
        """Read "name+hash+key", or a list of keys. Raises ValueError where it is neither."""
        first, _, notes = text.strip().partition("\n\n")
        name, _, rest = first.partition("+")
        key_hash, _, key = rest.partition("+")
        raw = base64.b64decode(key, validate=True)
        expected = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
        if len(raw) != 33 or raw[0] not in _SORTS or bytes.fromhex(key_hash) != expected:  # noqa: PLR2004
            message = "this is not an Ed25519 verifier key"
            raise ValueError(message)
        known = cls(name, expected, raw[1:], is_signed or ed25519_is_signed, raw[0] == _COSIGNS)
        return known.joined(text) if notes else known

    @property
    def line(self) -> tuple[PublicKey, ...]:
        """All keys of the line that are known, the first one first."""
        return tuple(sorted((self, *self.others), key=lambda key: key.number))

    def joined(self, text: str) -> PublicKey:
        """Return this key with all those of a list, which need not be trusted.

        Raises:
            ValueError: one of them is not endorsed by its neighbour, this key is not in
                the list, or it is known to have been followed by another.
        """
        first, *notes = text.strip().split("\n\n")
        found = [PublicKey.parse(first, self.is_signed)]
        for body, signatures in zip(notes[::2], notes[1::2], strict=True):
            followed, following = _followed(found[-1], body, signatures)
            found = [*found[:-1], followed, following]
        held = self.line if self.others else ()
        fork = any(one.name != other.name for one, other in zip(held, found, strict=False))
        names = [each.name for each in found]
        if fork or self.name not in names:
            message = "a list of keys that are not endorsed by this one"
            raise ValueError(message)
        line = list(held) if len(held) > len(found) else found
        place = [each.name for each in line].index(self.name)
        return replace(line[place], others=(*line[:place], *line[place + 1 :]))

    def signer(self, message: bytes, signature: bytes, *, at: str = "") -> PublicKey | None:
        """Return which key of the line signed a message that says it is of the moment `at`."""
        for key in self.line:
            if key.is_signed(key.public, message, signature) and not key.is_over(at):
                return key
        return None

    def named(self, name: str) -> PublicKey | None:
        """Return the key of this name in the line."""
        return next((key for key in self.line if key.name == name), None)

    def is_over(self, at: str) -> bool:
        """Say whether this key had been replaced at a moment: it vouches for nothing later."""
        return bool(at and self.until and datetime.fromisoformat(at) > self.until + OVERLAP)

    def open(self, note: str) -> tuple[int, bytes]:
        """Return the size and root that a note states. Raises ValueError if not signed so."""
        self.signed_at(note)
        _name, size, root, *_extensions = note.rpartition("\n\n")[0].split("\n")
        return int(size), base64.b64decode(root, validate=True)

    def signed_at(self, note: str) -> int:
        """Return when a witness signed a note, in seconds since 1970; 0 for the trail's own.

        Raises:
            ValueError: no key of the line signed it.
        """
        return self._signed(note)[1]

    def signer_of(self, note: str) -> PublicKey:
        """Return which key of the line signed a note. Raises ValueError."""
        return self._signed(note)[0]

    def _signed(self, note: str) -> tuple[PublicKey, int]:
        body, _, signatures = note.rpartition("\n\n")
        is_of_line = self.is_witness or self.named(body.partition("\n")[0]) is not None
        for key in self.line if is_of_line else ():
            at = _signed_when(key, body, signatures)
            if at is not None:
                return key, at
        message = "the note is not signed by this key"
        raise ValueError(message)


def _signed_when(key: PublicKey, body: str, signatures: str) -> int | None:
    """Return when a witness's key signed a note, 0 for another's key; None if it did not."""
    for line in signatures.splitlines():
        dash, _, signed = line.partition(" ")
        name, _, encoded = signed.partition(" ")
        if dash != "\N{EM DASH}" or name != key.name:
            continue
        raw = base64.b64decode(encoded, validate=True)
        if raw[:4] != key.key_hash:
            continue
        at, text = 0, f"{body}\n"
        if key.is_witness:
            at = int.from_bytes(raw[4:12], "big")
            text = f"cosignature/v1\ntime {at}\n{text}"
        if key.is_signed(key.public, text.encode(), raw[12 if key.is_witness else 4 :]):
            return at
    return None


def _followed(old: PublicKey, body: str, signatures: str) -> tuple[PublicKey, PublicKey]:
    """Return a key as it was replaced and the one that follows it. Raises ValueError."""
    name, form, following, since = body.split("\n")
    new = PublicKey.parse(following.removeprefix("next: "), old.is_signed)
    are_signed = all(_signed_when(key, body, signatures) is not None for key in (old, new))
    is_ours = (name, form) == (old.name, FOLLOWS) and not (new.is_witness or old.is_witness)
    digits = hashlib.sha256(new.public).hexdigest()[:_NAME_DIGITS]
    if not (are_signed and is_ours and new.name == f"{old.name[:-_NAME_DIGITS]}{digits}"):
        message = "a key is not endorsed by the one before"
        raise ValueError(message)
    at = datetime.fromisoformat(since.removeprefix("since: "))
    return replace(old, until=at), replace(new, number=old.number + 1)
