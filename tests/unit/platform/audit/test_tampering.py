"""Is every change of the record found, and the place of the first one named?

A thousand random ones of rows and checkpoints, in pieces of a hundred; the first piece runs
always. What happens to packs is in tests/integration/test_tampered_packs.py.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction
from django.test import override_settings

from figures import figure
from harming import past_triggers
from safelight.kernel import clock
from safelight.platform.audit.actions import record
from safelight.platform.audit.cosignatures import Cosigner
from safelight.platform.audit.models import Checkpoint, Cosignature, Tip
from safelight.platform.audit.sequencer import sequence_once
from safelight.platform.audit.verify import Finding, verify_trail
from tampering import HARMS, WITH_KEYS, Harm, Target

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
A_PIECE = 100
ENTRIES = 270
WITNESS = Cosigner(Ed25519PrivateKey.from_private_bytes(bytes(31) + b"w"))


class Happened(StrEnum):
    """Events of a made-up room."""

    SEEN = "study.seen"


@pytest.fixture(autouse=True)
def _movable_clock() -> Iterator[None]:
    clock.allow_moving()
    with override_settings(
        SAFELIGHT_WITNESS_URLS=["https://witness.example"],
        SAFELIGHT_WITNESS_KEYS=[WITNESS.verifier_key],
    ):
        yield
    clock.reset()


def make_trail() -> tuple[str, ...]:
    """Write a record with a checkpoint each minute, and return every third as signed outside."""
    for number in range(ENTRIES):
        record(
            Happened.SEEN,
            actor=f"account/a{number}",
            at=clock.now(),
            subject=f"study/s{number}",
            detail={"n": number} if number % 3 == 0 else None,
        )
        if number % 20 == 19:
            clock.move(timedelta(seconds=61))
            sequence_once()
    while sequence_once():
        pass
    for checkpoint in Checkpoint.objects.all():
        Cosignature.objects.create(
            checkpoint=checkpoint,
            witness=WITNESS.name,
            at=clock.now(),
            line=WITNESS.line(checkpoint.note, at=1),
        )
    # The newest is among them: the witness is asked each minute.
    return tuple(Checkpoint.objects.order_by("-size").values_list("note", flat=True)[::3])


def harmed(harm: Harm, dice: random.Random, notes: tuple[str, ...]) -> tuple[int | None, Finding]:
    """Do one harm, verify, and take it back: the place that must be named, and the finding."""
    sizes = tuple(int(note.split("\n")[1]) for note in notes)
    size = Tip.objects.get().size
    highest = max(sizes) - 2 if harm in WITH_KEYS else size
    with transaction.atomic():
        with past_triggers() as cursor:
            expected = harm(Target(cursor, dice, size, dice.randint(1, highest), sizes))
        finding = verify_trail(witnesses=notes)
        transaction.set_rollback(True)
    return expected, finding


@pytest.mark.parametrize(
    "piece", [0, *(pytest.param(piece, marks=pytest.mark.long) for piece in range(1, 10))]
)
def test_each_of_a_hundred_changes_is_found_and_named(piece: int) -> None:
    dice = random.Random(20_261_123 + piece)  # noqa: S311 (which harm comes next is no secret)
    notes = make_trail()
    assert verify_trail(witnesses=notes) == Finding(Tip.objects.get().size)
    missed, misplaced = [], []
    done: Counter[str] = Counter()
    for _ in range(A_PIECE):
        harm = dice.choice(HARMS)
        expected, finding = harmed(harm, dice, notes)
        done[harm.__name__] += 1
        if finding.is_whole:
            missed.append(harm.__name__)
        elif expected is not None and finding.seq != expected:
            misplaced.append((harm.__name__, expected, finding))
    assert missed == []
    assert misplaced == []
    assert len(done) >= 14
    assert verify_trail(witnesses=notes).is_whole
    figure(f"tampers.made.record.{piece}", A_PIECE, "tampers")
    figure(f"tampers.found.record.{piece}", A_PIECE, "tampers")
    figure(f"tampers.located.record.{piece}", A_PIECE, "tampers")


def test_a_changed_signature_of_a_witness_is_found() -> None:
    make_trail()
    second = Checkpoint.objects.order_by("size")[1]
    with past_triggers() as cursor:
        cursor.execute(
            "UPDATE audit_cosignature SET line = %s WHERE checkpoint_id = %s",
            [WITNESS.line(Checkpoint.objects.latest("size").note, at=1), second.size],
        )
    finding = verify_trail()
    assert (finding.seq, finding.problem) == (second.size, "what a witness signed was changed")
