"""Do the proofs from kept hashes prove, at every size, and from a few reads?"""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from harming import past_triggers
from safelight.kernel import clock
from safelight.platform.audit.actions import record
from safelight.platform.audit.errors import TreeBrokenError
from safelight.platform.audit.merkle import (
    consistency_proof,
    extends,
    includes,
    inclusion_proof,
    leaf_hash,
    root_of,
)
from safelight.platform.audit.models import Entry, Node
from safelight.platform.audit.sequencer import sequence_once
from safelight.platform.audit.tree import Tree
from safelight.platform.audit.verify import verify_trail

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
SIZE = 300


class Happened(StrEnum):
    """Events of a made-up room."""

    SEEN = "study.seen"


@pytest.fixture
def leaves() -> list[bytes]:
    """Write a trail in uneven batches and return its leaf hashes."""
    for count in (1, 14, 1, 40, 3, 200, 41):
        for _ in range(count):
            record(Happened.SEEN, actor="account/a1", at=clock.now())
        while sequence_once():
            pass
    texts = Entry.objects.order_by("seq").values_list("text", flat=True)
    made = [leaf_hash(text.encode()) for text in texts]
    assert len(made) > SIZE
    return made


def test_every_proof_is_that_of_the_whole_tree(leaves: list[bytes]) -> None:
    for size in (1, 2, 15, 16, 17, 31, 64, 255, 256, 257, SIZE):
        tree, root = Tree(size), root_of(leaves[:size])
        assert tree.root() == root
        for seq in {1, 2, size // 2 + 1, max(1, size - 1), size} - ({2} if size == 1 else set()):
            proof = tree.inclusion(seq)
            assert proof == inclusion_proof(leaves[:size], seq - 1)
            assert includes(root, size, leaves[seq - 1], seq - 1, proof)
        for earlier in {1, max(1, size // 3), max(1, size - 1), size}:
            proof = tree.consistency(earlier)
            assert proof == consistency_proof(leaves[:size], earlier)
            assert extends(root_of(leaves[:earlier]), earlier, root, size, proof)


def test_a_proof_takes_few_reads(leaves: list[bytes]) -> None:
    with CaptureQueriesContext(connection) as asked:
        Tree(len(leaves)).inclusion(7)
        Tree(len(leaves)).consistency(201)
    # A read for each hash of a path, and one for each peak of its ragged side.
    assert len(asked) <= 4 * len(leaves).bit_length()


def test_no_more_is_kept_than_a_fifteenth_of_the_entries(leaves: list[bytes]) -> None:
    assert Node.objects.count() == len(leaves) // 16 + len(leaves) // 256


def test_entries_from_before_get_their_hashes(leaves: list[bytes]) -> None:
    kept = list(Node.objects.order_by("place").values_list("place", "hash"))
    with past_triggers() as cursor:
        cursor.execute("DELETE FROM audit_node")
    assert not Node.objects.exists()
    with pytest.raises(TreeBrokenError):
        Tree(SIZE).root()

    migration = import_module("safelight.platform.audit.migrations.0002_node")
    migration.keep_those_of_what_is_there(apps, SimpleNamespace(connection=connection))
    assert list(Node.objects.order_by("place").values_list("place", "hash")) == kept
    assert verify_trail().is_whole


@pytest.mark.parametrize(
    ("harm", "seq"),
    [
        ("DELETE FROM audit_node WHERE place % 281474976710656 = 3", 49),
        ("UPDATE audit_node SET hash = %s WHERE place % 281474976710656 = 2", 33),
        ("UPDATE audit_node SET place = place + 5 WHERE place % 281474976710656 = 16", 257),
        ("INSERT INTO audit_node (place, hash) VALUES (281474976710656 * 4 + 700, %s)", 0),
    ],
)
def test_a_kept_hash_that_was_changed_is_found_and_placed(
    leaves: list[bytes], harm: str, seq: int
) -> None:
    with past_triggers() as cursor:
        told = harm.replace(" % ", " %% ")
        cursor.execute(told, [bytes(32)] if "%s" in harm else [])
    finding = verify_trail()
    assert finding.seq == (seq or len(leaves) + 1)
    assert "kept over" in finding.problem


@pytest.mark.parametrize("change", ["DELETE FROM audit_node", "UPDATE audit_node SET place = 1"])
def test_the_database_refuses_to_change_a_kept_hash(leaves: list[bytes], change: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
