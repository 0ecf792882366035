"""Does every entry get its one place, and does the trail's end get signed?"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from safelight.kernel import clock
from safelight.platform.audit.actions import record, record_denial
from safelight.platform.audit.checkpoints import signer
from safelight.platform.audit.errors import TipBrokenError
from safelight.platform.audit.events import AuditEvent
from safelight.platform.audit.models import Checkpoint, Entry, Tip
from safelight.platform.audit.offline.keys import PublicKey
from safelight.platform.audit.sequencer import BATCH, sequence_once
from safelight.platform.audit.verify import verify_trail

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


class Happened(StrEnum):
    """Events of a made-up room."""

    SEEN = "study.seen"


@pytest.fixture(autouse=True)
def _movable_clock() -> Iterator[None]:
    clock.allow_moving()
    yield
    clock.reset()


def write(count: int) -> None:
    for _ in range(count):
        record(Happened.SEEN, actor="account/a1", at=clock.now())


def settle() -> None:
    while sequence_once():
        pass


def test_an_empty_trail_is_whole_and_needs_no_work() -> None:
    assert sequence_once() == 0
    assert not Tip.objects.exists()
    assert verify_trail().is_whole


def test_places_have_no_gaps_and_follow_the_order_of_writing() -> None:
    write(3)
    assert sequence_once() == 3
    write(4)
    settle()
    assert list(Entry.objects.order_by("row").values_list("seq", flat=True)) == [*range(1, 9)]
    assert verify_trail().is_whole


def test_a_checkpoint_is_signed_each_minute_in_which_something_happened() -> None:
    write(5)
    settle()
    first = Checkpoint.objects.get()
    assert first.size == 5
    settle()
    assert Checkpoint.objects.count() == 1

    clock.move(timedelta(seconds=61))
    settle()
    assert Checkpoint.objects.count() == 1  # its own entry is no reason for another
    write(1)
    settle()
    assert list(Checkpoint.objects.values_list("size", flat=True)) == [5, 7]
    assert Entry.objects.filter(kind=AuditEvent.CHECKPOINT_SIGNED).count() == 2
    assert verify_trail().is_whole


def test_a_checkpoint_is_signed_after_a_thousand_entries() -> None:
    write(1)
    settle()
    write(BATCH)
    settle()
    assert list(Checkpoint.objects.values_list("size", flat=True)) == [1, 1002]


def test_a_checkpoint_is_a_note_that_its_public_key_opens() -> None:
    write(2)
    settle()
    note = Checkpoint.objects.get().note
    size, root = PublicKey.parse(signer().verifier_key).open(note)
    assert size == 2
    assert len(root) == 32
    assert note.startswith(f"{signer().name}\n2\n")
    with pytest.raises(ValueError, match="not signed"):
        PublicKey.parse(signer().verifier_key).open(note.replace("\n2\n", "\n3\n"))


def test_an_entry_from_elsewhere_gets_no_place() -> None:
    write(1)
    settle()
    real = Entry.objects.order_by("row").first()
    assert real is not None
    write(1)
    Entry.objects.create(
        entry_id="00000000-0000-0000-0000-000000000001",
        at=real.at,
        kind=real.kind,
        outcome=real.outcome,
        actor=real.actor,
        subject=real.subject,
        text=real.text.replace("account/a1", "account/a2"),
        mac=real.mac,
    )
    write(1)
    settle()
    assert Entry.objects.filter(seq__isnull=True).count() == 1
    finding = verify_trail()
    assert (finding.seq, finding.problem) == (5, "not written by this instance")


def test_nothing_is_added_to_a_tip_that_was_changed() -> None:
    write(3)
    settle()
    tip = Tip.objects.get()
    Tip.objects.update(frontier=bytes(len(tip.frontier)))
    write(1)
    with pytest.raises(TipBrokenError):
        sequence_once()


def test_an_entry_that_waits_too_long_is_a_finding() -> None:
    write(1)
    assert verify_trail().is_whole
    clock.move(timedelta(seconds=11))
    finding = verify_trail()
    assert (finding.seq, finding.problem) == (1, "an entry has waited too long for its place")


@pytest.mark.parametrize(("back", "seq"), [(59, 0), (61, 2)])
def test_a_clock_that_went_back_is_a_finding_and_a_little_disorder_is_not(
    back: int, seq: int
) -> None:
    at = clock.now()
    record(Happened.SEEN, actor="system", at=at)
    record(Happened.SEEN, actor="system", at=at - timedelta(seconds=back))
    settle()
    assert verify_trail().seq == seq


def test_folded_denials_are_written_when_their_minute_is_over() -> None:
    for _ in range(3):
        record_denial(Happened.SEEN, actor="account/a1", at=clock.now(), subject="study/s1")
    settle()
    assert Entry.objects.filter(outcome="denied").count() == 1
    clock.move(timedelta(seconds=120))
    settle()
    assert Entry.objects.filter(outcome="denied").count() == 2
    assert verify_trail().is_whole


def test_a_missing_trigger_is_a_finding() -> None:
    write(1)
    settle()
    on_table = " ON audit_entry" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER audit_entry_not_deleted{on_table}")
    assert verify_trail().problem == "triggers are missing: audit_entry_not_deleted"
