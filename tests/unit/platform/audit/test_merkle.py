"""Does the tree follow RFC 6962, and do its proofs prove?"""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.platform.audit.merkle import (
    Frontier,
    consistency_proof,
    extends,
    includes,
    inclusion_proof,
    leaf_hash,
    root_of,
)

# The leaves and roots that Certificate Transparency's own tests use.
LEAVES = [
    leaf_hash(bytes.fromhex(data))
    for data in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


@pytest.mark.parametrize(("size", "root"), ROOTS.items())
def test_the_root_is_that_of_certificate_transparency(size: int, root: str) -> None:
    assert root_of(LEAVES[:size]).hex() == root


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert Frontier().root() == hashlib.sha256(b"").digest()


@given(st.integers(1, 70))
def test_a_frontier_goes_on_where_it_was_written(size: int) -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(size + 1)]
    frontier = Frontier()
    for leaf in leaves[:-1]:
        frontier.append(leaf)
    again = Frontier.from_bytes(frontier.size, frontier.to_bytes())
    again.append(leaves[-1])
    assert again.root() == root_of(leaves)


def test_a_frontier_that_does_not_fit_its_size_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        Frontier.from_bytes(3, bytes(32))


@given(st.integers(1, 40), st.data())
def test_a_leaf_is_proved_and_another_is_not(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(leaves, index), root_of(leaves)
    assert includes(root, size, leaves[index], index, proof)
    assert not includes(root, size, leaf_hash(b"other"), index, proof)
    assert not includes(root, size, leaves[index], index, [*proof, bytes(32)])
    assert not includes(root, size, leaves[index], size, proof)


@given(st.integers(1, 40), st.data())
def test_an_extended_tree_is_proved_and_a_rewritten_one_is_not(
    size: int, data: st.DataObject
) -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(size)]
    earlier = data.draw(st.integers(1, size))
    proof = consistency_proof(leaves, earlier)
    before, now = root_of(leaves[:earlier]), root_of(leaves)
    assert extends(before, earlier, now, size, proof)
    rewritten = root_of([leaf_hash(b"other"), *leaves[1:]])
    assert not extends(before, earlier, rewritten, size, proof)
    assert not extends(bytes(32), earlier, now, size, proof)
