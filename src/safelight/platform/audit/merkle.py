"""How does one hash stand for a whole trail, and prove its parts?

The Merkle tree of RFC 6962 section 2.1: a leaf is SHA-256(00 || data), a node is
SHA-256(01 || left || right). Only the frontier (the roots of the complete
subtrees, largest first) is needed to go on appending.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HASH_SIZE = 32
STRIDE = 4  # levels from one kept row of hashes to the next


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of one leaf's content."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node over two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class Frontier:
    """The right edge of a growing tree: `size` leaves, and one root for each bit set in it."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add one leaf hash; return the complete subtrees worth keeping: level, index, root.

        Those are all on each `STRIDE`th level: proofs of any size then take a few reads.
        """
        level, rest = 0, self.size
        complete = []
        while rest & 1:
            leaf = node_hash(self.peaks.pop(), leaf)
            rest >>= 1
            level += 1
            if level % STRIDE == 0:
                complete.append((level, rest, leaf))
        self.peaks.append(leaf)
        self.size += 1
        return complete

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root

    def to_bytes(self) -> bytes:
        """Write the peaks, largest first."""
        return b"".join(self.peaks)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Frontier:
        """Read what `to_bytes` wrote.

        Raises:
            ValueError: there is not one peak for each bit set in `size`.
        """
        if len(data) != size.bit_count() * HASH_SIZE:
            message = "the frontier does not fit its size"
            raise ValueError(message)
        peaks = [data[start : start + HASH_SIZE] for start in range(0, len(data), HASH_SIZE)]
        return cls(size, peaks)


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over the leaf hashes `leaves`."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def _split(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """Return whose roots are the audit path of leaf `index` (RFC 6962 section 2.1.1).

    A range (start, end) is that of the leaves from `start` up to `end`, without it.
    """
    start, end = 0, size
    path = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    return path[::-1]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the audit path of leaf `index` among leaves that are all at hand."""
    return [root_of(leaves[start:end]) for start, end in inclusion_ranges(index, len(leaves))]


def includes(root: bytes, size: int, leaf: bytes, index: int, proof: Sequence[bytes]) -> bool:
    """Say whether `proof` shows leaf `index` under `root` (RFC 9162 section 2.1.3.2)."""
    if index >= size:
        return False
    node, last, path = index, size - 1, list(proof)
    while path:
        step = path.pop(0)
        if last == 0:
            return False
        if node & 1 or node == last:
            leaf = node_hash(step, leaf)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            leaf = node_hash(leaf, step)
        node >>= 1
        last >>= 1
    return last == 0 and leaf == root


def consistency_ranges(earlier: int, size: int) -> list[tuple[int, int]]:
    """Return whose roots prove that the first `earlier` leaves are unchanged (section 2.1.2)."""
    start, end = 0, size
    path = []
    while earlier != end:
        middle = start + _split(end - start)
        if earlier <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    if start:
        path.append((start, end))
    return path[::-1]


def consistency_proof(leaves: Sequence[bytes], earlier: int) -> list[bytes]:
    """Return the consistency proof among leaves that are all at hand."""
    return [root_of(leaves[start:end]) for start, end in consistency_ranges(earlier, len(leaves))]


def extends(
    earlier_root: bytes, earlier: int, root: bytes, size: int, proof: Sequence[bytes]
) -> bool:
    """Say whether the tree of `size` leaves continues the earlier one (RFC 9162 2.1.4.2)."""
    if not 0 < earlier <= size:
        return False
    if earlier == size:
        return earlier_root == root and not proof
    path = list(proof)
    if earlier.bit_count() == 1:
        path.insert(0, earlier_root)
    if not path:
        return False
    node, last = earlier - 1, size - 1
    while node & 1:
        node >>= 1
        last >>= 1
    old = new = path.pop(0)
    for step in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            new = node_hash(new, step)
        node >>= 1
        last >>= 1
    return last == 0 and old == earlier_root and new == root
