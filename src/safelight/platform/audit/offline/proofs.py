"""Is an entry in the record that a checkpoint signs? The hashes from the one to the other say."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from safelight.platform.audit.offline.trail import BrokenTrailError, is_cosigned, joined

if TYPE_CHECKING:
    from safelight.platform.audit.offline.keys import PublicKey

_PROOF = {"type", "v", "checkpoint", "entries"}
_PROVED = {"seq", "entry", "hashes"}


def verify_proof(text: str, key: PublicKey, witness: PublicKey | None) -> tuple[int, int]:
    """Verify a proof file and return how many entries it proves, and the record's size.

    Raises:
        BrokenTrailError: an entry is not in the record that the checkpoint signs, or it
            is not signed.
    """
    try:
        said = json.loads(text)
        if (said["type"], said["v"], set(said) - {"keys"}) == ("proof", 1, _PROOF):
            return _proved(said, key, witness)
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise BrokenTrailError(0, "not a proof that is signed by this key")


def _proved(said: dict[str, Any], key: PublicKey, witness: PublicKey | None) -> tuple[int, int]:
    if "keys" in said:
        key = joined(key, said["keys"])
    size, root = signed_root(said["checkpoint"], key, witness)
    check_entries(said["entries"], size, root)
    return len(said["entries"]), size


def signed_root(note: str, key: PublicKey, witness: PublicKey | None) -> tuple[int, bytes]:
    """Return the size and root of a checkpoint. Raises BrokenTrailError, ValueError."""
    size, root = key.open(note)
    if witness is not None and not is_cosigned(note, witness):
        raise BrokenTrailError(size, "the checkpoint is not signed by the witness")
    return size, root


def check_entries(entries: list[dict[str, Any]], size: int, root: bytes) -> None:
    """Compare entries with the record's root. Raises BrokenTrailError."""
    for each in entries:
        leaf = hashlib.sha256(b"\x00" + each["entry"].encode()).digest()
        hashes = [bytes.fromhex(one) for one in each["hashes"]]
        if set(each) != _PROVED or _root_from(leaf, each["seq"] - 1, size, hashes) != root:
            raise BrokenTrailError(each["seq"], "not in the record that was signed")


def _root_from(leaf: bytes, index: int, size: int, hashes: list[bytes]) -> bytes:
    """Climb from a leaf to the root (RFC 9162 section 2.1.3.2); empty where that is not the way."""
    node, last = index, size - 1
    if not 0 <= node <= last:
        return b""
    for step in hashes:
        if last == 0:
            return b""
        if node & 1 or node == last:
            leaf = hashlib.sha256(b"\x01" + step + leaf).digest()
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            leaf = hashlib.sha256(b"\x01" + leaf + step).digest()
        node, last = node >> 1, last >> 1
    return leaf if last == 0 else b""
