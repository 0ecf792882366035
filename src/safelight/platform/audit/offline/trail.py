"""Is a trail whole and in order, entry by entry, and does each checkpoint fit?"""

from __future__ import annotations

import binascii
import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from safelight.platform.audit.offline.keys import PublicKey

CLOCK_SLACK = timedelta(seconds=60)  # acts commit a little out of the order they began in
NO_CHAIN = bytes(32)
SIGNED = "checkpoint.signed"


class BrokenTrailError(Exception):
    """The trail is not what was signed, from `seq` on."""

    def __init__(self, seq: int, reason: str) -> None:
        super().__init__(f"sequence {seq}: {reason}")
        self.seq = seq
        self.reason = reason


@dataclass
class Trail:
    """What has been read so far. Feed it entries and checkpoints in order."""

    key: PublicKey
    size: int = 0
    chain: bytes = NO_CHAIN
    peaks: list[bytes] = field(default_factory=list)
    good: int = 0
    witnessed: dict[int, bytes] = field(default_factory=dict)
    witness_key: PublicKey | None = None
    cosigned: int = 0  # the newest size that the witness signed
    on_subtree: Callable[[int, int, bytes], None] | None = None  # level, index, root
    _number: int = 0  # of the key that signed last, in its line
    _latest: str = ""
    _sure: int = 0
    _roots: dict[int, bytes] = field(default_factory=dict)

    def entry(self, seq: int, text: str, chain: bytes) -> dict[str, Any]:
        """Take the next entry and return what it says. Raises BrokenTrailError."""
        expected = self.size + 1
        if seq != expected:
            raise BrokenTrailError(expected, "missing" if seq > expected else "out of order")
        leaf = hashlib.sha256(b"\x00" + text.encode()).digest()
        if hashlib.sha256(self.chain + leaf).digest() != chain:
            raise BrokenTrailError(seq, "changed")
        self.size, self.chain = seq, chain
        self._append(leaf)
        try:
            said: dict[str, Any] = json.loads(text)
            self._check_clock(said["at"])
            if said["kind"] == SIGNED:
                self._check_claim(said["subject"], said["reason"])
        except (ValueError, KeyError, TypeError):
            raise BrokenTrailError(seq, "not an entry") from None
        witness = self.witnessed.pop(seq, None)
        if witness is not None and witness != self.root():
            raise BrokenTrailError(self._sure + 1, "not the trail that was witnessed")
        if witness is not None:
            self._sure = seq
        return said

    def checkpoint(self, note: str) -> None:
        """Take a checkpoint over all entries so far. Raises BrokenTrailError."""
        size, root = self._opened(note)
        if size != self.size:
            raise BrokenTrailError(min(size, self.size) + 1, "missing before a checkpoint")
        if self.witness_key is not None and is_cosigned(note, self.witness_key):
            self.cosigned = size
        if root != self.root():
            raise BrokenTrailError(self.good + 1, "rewritten since the last good checkpoint")
        self.good = size
        self._roots[size] = root

    def end(self, note: str) -> None:
        """Take the last checkpoint. Raises BrokenTrailError where the end is missing."""
        size, _ = self._opened(note)
        if size < self.size:
            raise BrokenTrailError(size + 1, "added after the trail was signed")
        self.checkpoint(note)
        for missing in sorted(self.witnessed):
            raise BrokenTrailError(min(missing, self.size + 1), "a witnessed part is missing")

    def root(self) -> bytes:
        """Return the RFC 6962 root over the entries so far."""
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = hashlib.sha256(b"\x01" + peak + root).digest()
        return root

    def _append(self, leaf: bytes) -> None:
        level, merges = 0, self.size - 1
        while merges & 1:
            leaf = hashlib.sha256(b"\x01" + self.peaks.pop() + leaf).digest()
            level, merges = level + 1, merges >> 1
            if self.on_subtree is not None:
                self.on_subtree(level, merges, leaf)
        self.peaks.append(leaf)

    def _check_clock(self, at: str) -> None:
        if at < self._latest:
            if datetime.fromisoformat(self._latest) - datetime.fromisoformat(at) > CLOCK_SLACK:
                raise BrokenTrailError(self.size, "the clock went back")
        else:
            self._latest = at

    def _check_claim(self, subject: str, root: str) -> None:
        size = int(subject.partition("/")[2])
        if self._roots.pop(size, b"").hex() != root:
            raise BrokenTrailError(size, "its checkpoint is missing or another")

    def _opened(self, note: str) -> tuple[int, bytes]:
        try:
            number = self.key.signer_of(note).number
            opened = self.key.open(note)
        except (ValueError, binascii.Error):
            raise BrokenTrailError(self.size, "a checkpoint is not signed by this key") from None
        if number < self._number:
            raise BrokenTrailError(self.size, "a checkpoint is signed by a key that was replaced")
        self._number = number
        return opened


def verify_lines(lines: Iterable[str], trail: Trail) -> None:
    """Read an exported trail to its end. Raises BrokenTrailError."""
    for line in lines:
        try:
            said = json.loads(line)
            kind = said["type"]
            if kind == "trail" and "keys" in said:
                trail.key = joined(trail.key, said["keys"])
            if kind == "entry":
                trail.entry(int(said["seq"]), said["entry"], bytes.fromhex(said["chain"]))
            elif kind == "checkpoint":
                trail.checkpoint(said["note"])
            elif kind == "end":
                trail.end(said["note"])
                return
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BrokenTrailError(trail.size + 1, "not a line of a trail") from None
    raise BrokenTrailError(trail.size + 1, "the end is missing")


def joined(key: PublicKey, text: str) -> PublicKey:
    """Return a key with those of a list that goes along. Raises BrokenTrailError."""
    try:
        return key.joined(text)
    except (ValueError, AttributeError):
        raise BrokenTrailError(0, "its list of keys is not endorsed by this one") from None


def is_cosigned(note: str, witness: PublicKey) -> bool:
    """Say whether a witness signed a checkpoint."""
    try:
        return witness.signed_at(note) > 0
    except (ValueError, binascii.Error):
        return False
