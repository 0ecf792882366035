"""Is a record that was cut or rewritten found, even where all its keys were at hand?

The witness is the product's own program in a process of its own. Whoever cuts the
record here holds the instance's keys: chain, tree, checkpoints and tip are made anew
and signed, so that the record alone verifies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import pytest
from django.db import transaction
from django.test import override_settings

from harming import past_triggers, sign_all_anew
from relay import Fault, Relay
from safelight.exchange.access.mode import Mode, mode_now, set_mode
from safelight.exchange.access.witnessing import ask_who_has_seen_more
from safelight.kernel import clock
from safelight.platform.audit.actions import record
from safelight.platform.audit.asking import Trouble
from safelight.platform.audit.checkpoints import signer
from safelight.platform.audit.entry import mac
from safelight.platform.audit.events import AuditEvent
from safelight.platform.audit.models import Checkpoint, Cosignature, Entry, Standing
from safelight.platform.audit.offline.keys import PublicKey
from safelight.platform.audit.sequencer import sequence_once
from safelight.platform.audit.verify import verify_trail
from safelight.platform.audit.witnesses import cosigned
from safelight.platform.keys.ring import ring
from stage import moved_clock
from witnessing import WitnessProcess

__all__ = ["moved_clock"]
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
Moved = Callable[[timedelta], datetime]
MINUTE = timedelta(seconds=61)


class Happened(StrEnum):
    """Events of a made-up room."""

    SEEN = "study.seen"


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[Path]:
    """Give the file that is kept apart from the database."""
    path = tmp_path / "elsewhere" / "mark"
    path.parent.mkdir()
    with override_settings(SAFELIGHT_HIGH_WATER_FILE=str(path)):
        yield path


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[WitnessProcess]:
    made = WitnessProcess(tmp_path / "witness", signer().verifier_key)
    made.start()
    with override_settings(SAFELIGHT_WITNESS_URLS=[made.url], SAFELIGHT_WITNESS_KEYS=[made.key]):
        yield made
    assert made.process is not None
    if made.process.poll() is None:
        made.end()


def a_minute_passes(moved: Moved, count: int = 5) -> None:
    """Let something happen, and the record's end be signed."""
    moved(MINUTE)
    for _ in range(count):
        with transaction.atomic():
            record(Happened.SEEN, actor="account/a1", at=clock.now())
    while sequence_once():
        pass


def sign_anew() -> None:
    """Do what somebody can who holds the database and the keys."""
    with past_triggers() as cursor:
        sign_all_anew(cursor)
    assert verify_trail().is_whole, verify_trail()


def cut(size: int) -> None:
    """Cut the record back, and make all that is left fit and be signed anew."""
    with past_triggers() as cursor:
        cursor.execute("DELETE FROM audit_entry WHERE seq > %s OR seq IS NULL", [size])
        cursor.execute("DELETE FROM audit_cosignature WHERE checkpoint_id > %s", [size])
        cursor.execute("DELETE FROM audit_checkpoint WHERE size > %s", [size])
    sign_anew()


def rewrite(seq: int) -> None:
    """Let an old entry say something else, and make everything fit and be signed anew."""
    entry = Entry.objects.get(seq=seq)
    text = entry.text.replace("account/a1", "account/a2")
    assert text != entry.text
    made = mac(ring().instance_key("audit-entry"), text)
    with past_triggers() as cursor:
        cursor.execute(
            "UPDATE audit_entry SET text = %s, actor = %s, mac = %s WHERE seq = %s",
            [text, "account/a2", made, seq],
        )
    sign_anew()


def test_each_minutes_checkpoint_is_signed_by_the_witness(
    witness: WitnessProcess, moved_clock: Moved
) -> None:
    key = PublicKey.parse(witness.key)
    for _ in range(3):
        a_minute_passes(moved_clock)
        assert ask_who_has_seen_more(at=clock.now()) == []
        newest = Checkpoint.objects.latest("size")
        assert key.open(cosigned(newest))[0] == newest.size
    assert Cosignature.objects.count() == 3
    # It is said once, not each minute: a record must not grow by being watched.
    assert Entry.objects.filter(kind=AuditEvent.WITNESSED).count() == 1
    assert verify_trail(witnesses=[cosigned(each) for each in Checkpoint.objects.all()]).is_whole


def test_a_cut_record_signed_anew_is_found(witness: WitnessProcess, moved_clock: Moved) -> None:
    for _ in range(3):
        a_minute_passes(moved_clock)
        ask_who_has_seen_more(at=clock.now())
    held = Checkpoint.objects.latest("size").size
    kept = Checkpoint.objects.order_by("size")[1].size
    cut(kept)

    [contest] = ask_who_has_seen_more(at=clock.now(), is_start=True)
    assert (contest.trouble, contest.held, contest.seq) == (Trouble.MISSING, held, kept + 1)
    assert mode_now() is Mode.RECOVERING
    told = Entry.objects.get(kind=AuditEvent.WITNESS_REFUSED)
    assert (told.subject, told.outcome) == (f"checkpoint/{held}", "failed")


def test_a_cut_record_that_grew_again_is_found(witness: WitnessProcess, moved_clock: Moved) -> None:
    for _ in range(3):
        a_minute_passes(moved_clock)
        ask_who_has_seen_more(at=clock.now())
    kept = Checkpoint.objects.order_by("size")[1].size
    cut(kept)
    for _ in range(3):
        a_minute_passes(moved_clock, 9)

    [contest] = ask_who_has_seen_more(at=clock.now())
    assert (contest.trouble, contest.seq) == (Trouble.FORKED, kept + 1)
    assert mode_now() is Mode.RECOVERING


@pytest.mark.parametrize("since", [1, 2, 3])
def test_a_rewritten_past_is_found_between_two_signatures(
    witness: WitnessProcess, moved_clock: Moved, since: int
) -> None:
    sizes = [0]
    for _ in range(3):
        a_minute_passes(moved_clock)
        ask_who_has_seen_more(at=clock.now())
        sizes.append(Checkpoint.objects.latest("size").size)
    seen = Entry.objects.filter(kind=Happened.SEEN, seq__gt=sizes[since - 1])
    rewrite(seen.earliest("seq").seq or 0)

    a_minute_passes(moved_clock)
    [contest] = ask_who_has_seen_more(at=clock.now())
    assert (contest.trouble, contest.seq) == (Trouble.FORKED, sizes[since - 1] + 1)


def test_an_operator_who_looked_into_it_can_open_again(
    witness: WitnessProcess, moved_clock: Moved
) -> None:
    for _ in range(2):
        a_minute_passes(moved_clock)
        ask_who_has_seen_more(at=clock.now())
    cut(Checkpoint.objects.earliest("size").size)
    assert ask_who_has_seen_more(at=clock.now())
    set_mode(Mode.NORMAL, "Restored from the backup of today", actor="operator", at=clock.now())
    assert ask_who_has_seen_more(at=clock.now())
    assert mode_now() is Mode.NORMAL  # still said, and not shut at each minute
    assert Entry.objects.filter(kind=AuditEvent.WITNESS_REFUSED).count() == 1
    ask_who_has_seen_more(at=clock.now(), is_start=True)
    assert mode_now() is Mode.RECOVERING


def test_a_silent_witness_is_said_once_and_asked_again(
    witness: WitnessProcess, moved_clock: Moved
) -> None:
    a_minute_passes(moved_clock)
    ask_who_has_seen_more(at=clock.now())
    witness.end()
    for _ in range(3):
        a_minute_passes(moved_clock)
        assert ask_who_has_seen_more(at=clock.now()) == []
    assert Entry.objects.filter(kind=AuditEvent.WITNESS_SILENT).count() == 1
    assert Standing.objects.get().trouble == Trouble.SILENT
    assert mode_now() is Mode.NORMAL

    witness.start()
    ask_who_has_seen_more(at=clock.now())
    assert Standing.objects.get().trouble == ""
    assert Entry.objects.filter(kind=AuditEvent.WITNESSED).count() == 2


def test_a_witness_whose_answer_is_cut_off_is_silent_and_refuses_nothing(
    witness: WitnessProcess, moved_clock: Moved
) -> None:
    relay = Relay(("127.0.0.1", 0), ("127.0.0.1", witness.port))
    with override_settings(SAFELIGHT_WITNESS_URLS=[f"http://127.0.0.1:{relay.place[1]}"]):
        for fault in (Fault.CUT, Fault.REFUSED):
            relay.set(fault)
            a_minute_passes(moved_clock)
            assert ask_who_has_seen_more(at=clock.now()) == []
            assert Standing.objects.get().trouble == Trouble.SILENT
        relay.set(Fault.NONE)
        # It signed what we never heard of, so it holds more than we believe.
        a_minute_passes(moved_clock)
        assert ask_who_has_seen_more(at=clock.now()) == []
        assert Standing.objects.get().size == Checkpoint.objects.latest("size").size
    relay.close()
    assert not Entry.objects.filter(kind=AuditEvent.WITNESS_REFUSED).exists()


def test_the_file_kept_apart_finds_the_same(apart: Path, moved_clock: Moved) -> None:
    for _ in range(2):
        a_minute_passes(moved_clock)
        assert ask_who_has_seen_more(at=clock.now()) == []
    kept = apart.read_text()
    assert kept == Checkpoint.objects.latest("size").note
    size = Checkpoint.objects.earliest("size").size
    cut(size)
    [contest] = ask_who_has_seen_more(at=clock.now())
    assert (contest.trouble, contest.seq) == (Trouble.MISSING, size + 1)
    assert apart.read_text() == kept  # what was seen is not forgotten
    assert mode_now() is Mode.RECOVERING


def test_a_file_kept_apart_that_somebody_changed_is_no_reassurance(
    apart: Path, moved_clock: Moved
) -> None:
    a_minute_passes(moved_clock)
    ask_who_has_seen_more(at=clock.now())
    apart.write_text(apart.read_text().replace("\n5\n", "\n1\n"))
    [contest] = ask_who_has_seen_more(at=clock.now())
    assert contest.trouble is Trouble.FORKED
