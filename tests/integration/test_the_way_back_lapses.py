"""Backups lapse, are late, and a drill can fail: each is put on record."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from kept_elsewhere import Elsewhere, served
from safelight.governance.recovery.events import RecoveryEvent
from safelight.governance.recovery.reminding import say_what_is_late
from safelight.kernel import clock
from safelight.platform.audit.models import Entry

_TESTS = Path(__file__).parents[1]
_YEARS = timedelta(days=800)


@pytest.fixture
def place(tmp_path: Path) -> Elsewhere:
    return served(tmp_path / "clinic")


def recorded(place: Elsewhere) -> list[str]:
    """Return the kinds of entry of an instance, in order."""
    with closing(sqlite3.connect(place.server.data / "safelight.sqlite3")) as record:
        return [kind for (kind,) in record.execute("SELECT kind FROM audit_entry ORDER BY row")]


@pytest.mark.sqlite_files
def test_what_is_kept_no_longer_is_let_go_and_that_is_on_record(
    place: Elsewhere, tmp_path: Path
) -> None:
    old = place.back_up()
    assert RecoveryEvent.BACKUP_PRUNED.value not in recorded(place)
    ahead = tmp_path / "ahead"
    ahead.write_text(str(_YEARS.total_seconds()))
    place.server.program = (str(_TESTS / "skewed.py"), str(ahead))
    new = place.back_up()
    assert recorded(place)[-1] == RecoveryEvent.BACKUP_PRUNED
    for folder in (place.data, place.keys):
        names = [path.as_posix() for path in folder.rglob("*") if path.is_file()]
        assert [each for each in names if old in each] == []
        assert [each for each in names if new in each] != []


@pytest.mark.sqlite_files
def test_a_drill_that_cannot_read_a_backup_fails_and_says_so(place: Elsewhere) -> None:
    place.back_up()
    for each in (path for path in place.data.rglob("*") if path.is_file()):
        each.write_bytes(each.read_bytes()[:-1] + b"\0")
    data = str(place.server.data)
    done = place.server.run("drill", "--data", data, "--backup-key", str(place.key))
    assert done.returncode != 0
    assert recorded(place)[-1] == RecoveryEvent.DRILL_FAILED


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_a_late_backup_and_a_drill_that_is_due_are_said_once_a_day() -> None:
    begun = clock.now()
    assert say_what_is_late(at=begun) == [RecoveryEvent.DRILL_DUE]
    late = begun + timedelta(hours=27)
    assert set(say_what_is_late(at=late)) == {RecoveryEvent.BACKUP_LATE, RecoveryEvent.DRILL_DUE}
    assert say_what_is_late(at=late + timedelta(hours=23)) == []
    kinds = list(Entry.objects.order_by("row").values_list("kind", flat=True))
    assert kinds.count(RecoveryEvent.BACKUP_LATE) == 1
