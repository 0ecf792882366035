"""What ended is elsewhere seconds later, sealed, in order, and nothing of it can go unnoticed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import transaction
from django.test import override_settings

from safelight.exchange.consent.events import ConsentEvent
from safelight.governance.recovery.acts import KEY_DESTROYED
from safelight.governance.recovery.errors import JournalBrokenError
from safelight.governance.recovery.jobs import keep_journal
from safelight.governance.recovery.journal import begin_anew, read_journal, write_on
from safelight.governance.recovery.manifest import known_signers
from safelight.governance.recovery.places import FolderPlace
from safelight.governance.recovery.sealing import make_key, read_private
from safelight.kernel.ids import new_id
from safelight.platform.audit.actions import record
from safelight.platform.audit.models import Entry
from safelight.platform.audit.sequencer import sequence_once
from safelight.platform.keys.ring import ring

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    make_key(tmp_path / "backup.key")
    with override_settings(
        SAFELIGHT_JOURNAL_TO=str(tmp_path / "elsewhere"),
        SAFELIGHT_BACKUP_PUBLIC_KEY_FILE=str(tmp_path / "backup.key.pub"),
    ):
        write_on(at=AT)
        yield tmp_path


def read(place: Path):  # type: ignore[no-untyped-def]  # noqa: ANN201 (a Read)
    return read_journal(
        FolderPlace(place / "elsewhere"),
        read_private(place / "backup.key"),
        signers=known_signers(),
    )


def revoke() -> UUID:
    consent_id = new_id()
    with transaction.atomic():
        record(
            ConsentEvent.REVOKED,
            actor="account/7",
            subject=f"consent/{consent_id}",
            consent_id=consent_id,
            reason="giver",
            at=AT,
        )
    sequence_once()
    return consent_id


def segments(place: Path) -> list[Path]:
    return sorted(each for each in place.glob("elsewhere/journal/*/*") if each.name != "head")


def test_what_ended_is_there_with_when_and_why_and_cannot_be_read_without_the_key(
    place: Path,
) -> None:
    consent_id = revoke()
    assert write_on(at=AT + timedelta(seconds=5)) == 1
    (act,) = read(place).acts
    assert (act.kind, act.subject) == ("consent.revoked", f"consent/{consent_id}")
    assert (act.moment, act.reason) == (AT, "giver")
    (segment,) = segments(place)
    assert str(consent_id).encode() not in segment.read_bytes()
    assert b"revoked" not in segment.read_bytes()


def test_a_destroyed_key_is_there_though_the_trail_does_not_name_it(place: Path) -> None:
    vault, study = new_id(), new_id()
    ring().create_vault_key(vault)
    ring().create_study_key(vault, study)
    ring().destroy_study_key(study, at=AT)
    write_on(at=AT + timedelta(seconds=5))
    assert [(act.kind, act.subject) for act in read(place).acts] == [
        (KEY_DESTROYED, f"study/{study}")
    ]


def test_what_happened_otherwise_is_nobodys_business_there(place: Path) -> None:
    with transaction.atomic():
        record(ConsentEvent.GRANTED, actor="account/7", subject="consent/1", at=AT)
    sequence_once()
    assert write_on(at=AT + timedelta(seconds=5)) == 0
    assert segments(place) == []


def test_the_head_says_each_minute_how_long_the_trail_is(place: Path) -> None:
    revoke()
    write_on(at=AT + timedelta(seconds=5))
    with transaction.atomic():
        record(ConsentEvent.GRANTED, actor="account/7", subject="consent/1", at=AT)
    sequence_once()
    write_on(at=AT + timedelta(seconds=30))
    assert read(place).until == AT + timedelta(seconds=5)
    write_on(at=AT + timedelta(seconds=90))
    found = read(place)
    assert found.until == AT + timedelta(seconds=90)
    assert found.trail == Entry.objects.filter(seq__isnull=False).count()


def test_a_segment_that_is_missing_changed_or_exchanged_is_noticed(place: Path) -> None:
    for number in range(3):
        revoke()
        write_on(at=AT + timedelta(seconds=5 + number))
    first, second, third = segments(place)
    for path in (first, second, third):
        kept = path.read_bytes()
        path.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
        with pytest.raises(JournalBrokenError):
            read(place)
        path.unlink()
        with pytest.raises(JournalBrokenError):
            read(place)
        path.write_bytes(kept)
    one, two = first.read_bytes(), second.read_bytes()
    first.write_bytes(two)
    second.write_bytes(one)
    with pytest.raises(JournalBrokenError):
        read(place)


def test_a_tail_that_was_cut_off_is_noticed_by_the_head(place: Path) -> None:
    revoke()
    write_on(at=AT + timedelta(seconds=5))
    revoke()
    write_on(at=AT + timedelta(seconds=10))
    segments(place)[-1].unlink()
    with pytest.raises(JournalBrokenError):
        read(place)


def test_a_head_that_somebody_else_wrote_is_refused(place: Path) -> None:
    (head,) = place.glob("elsewhere/journal/*/head")
    head.write_bytes(head.read_bytes().replace(b'"number":0', b'"number":1'))
    with pytest.raises(JournalBrokenError):
        read(place)


def test_a_new_run_begins_beside_the_old_one(place: Path) -> None:
    revoke()
    write_on(at=AT + timedelta(seconds=5))
    begin_anew(at=AT + timedelta(days=1))
    revoke()
    write_on(at=AT + timedelta(days=1, seconds=5))
    found = read(place)
    assert len(found.acts) == 2
    assert found.begun == AT


def test_a_journal_that_cannot_be_written_is_on_record_once_an_hour(place: Path) -> None:
    revoke()
    (place / "elsewhere").rename(place / "gone")
    (place / "elsewhere").write_text("a file, where a folder was")
    keep_journal.run({})
    keep_journal.run({})
    assert Entry.objects.filter(kind="journal.failed").count() == 1
    (place / "elsewhere").unlink()
    (place / "gone").rename(place / "elsewhere")
    keep_journal.run({})
    assert len(read(place).acts) == 1
