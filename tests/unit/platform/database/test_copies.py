"""The way back from a migration: whole, sealed as it was, and not for long."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connections

from safelight.platform.database.copies import NotCopiedError, behind, copy_files, forget_copies

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOTH = ["keys", "default"]


def test_databases_of_this_version_wait_for_no_migration() -> None:
    assert behind() == []


@pytest.mark.sqlite_files
def test_a_copy_has_what_was_committed_and_stands_alone(tmp_path: Path) -> None:
    copied = copy_files(tmp_path, BOTH, at=AT)
    assert copied == tmp_path / "before-upgrade" / "20260301T120000Z"
    names = {alias: Path(str(connections[alias].settings_dict["NAME"])).name for alias in BOTH}
    assert {path.name for path in copied.iterdir()} == set(names.values())
    for alias, name in names.items():
        with closing(sqlite3.connect(copied / name)) as opened:
            assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            rows = opened.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall()
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations ORDER BY id")
            assert cursor.fetchall() == rows


@pytest.mark.sqlite_files
def test_three_copies_are_kept_and_none_for_more_than_thirty_days(tmp_path: Path) -> None:
    copies = [copy_files(tmp_path, BOTH, at=AT + timedelta(days=day)) for day in range(5)]
    folder = tmp_path / "before-upgrade"
    assert sorted(folder.iterdir()) == copies[2:]
    forget_copies(tmp_path, at=AT + timedelta(days=33, seconds=1))
    assert sorted(folder.iterdir()) == copies[4:]


@pytest.mark.sqlite_files
def test_where_nothing_can_be_copied_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "before-upgrade").write_text("in the way")
    with pytest.raises(NotCopiedError, match="Nothing was changed"):
        copy_files(tmp_path, BOTH, at=AT)


@pytest.mark.postgres_server
def test_the_databases_of_a_server_are_left_to_its_own_tools(tmp_path: Path) -> None:
    assert copy_files(tmp_path, BOTH, at=AT) is None
    assert list(tmp_path.iterdir()) == []
