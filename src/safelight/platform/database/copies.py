"""What way back is there from a migration? A copy of the files as they were before it.

Only SQLite files are copied; a server's databases are for its own tools. A copy holds
the wrapped keys of exams that may be erased after it was made, so no copy stays long.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from safelight.kernel.errors import ExpectedError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_FOLDER: Final = "before-upgrade"
_FORM: Final = "%Y%m%dT%H%M%SZ"
_NAME: Final = re.compile(r"\d{8}T\d{6}Z")
_KEPT: Final = 3
_KEPT_FOR: Final = timedelta(days=30)


class NotCopiedError(ExpectedError):
    """The databases cannot be copied as they are: no room, or no right to. Nothing was changed."""

    code = "not_copied"


def behind() -> list[str]:
    """Name the databases for which a migration waits, in the order in which they migrate."""
    found = []
    for alias in ("keys", DEFAULT_DB_ALIAS):
        executor = MigrationExecutor(connections[alias])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            found.append(alias)
    return found


def copy_files(data: Path, aliases: Sequence[str], *, at: datetime) -> Path | None:
    """Copy those of the databases that are files, and let older copies go but for the last two.

    Returns the folder of the copies, which are synced; None where there was no file.

    Raises:
        NotCopiedError: see there; a copy that was begun is removed.
    """
    files = [_file_of(alias) for alias in aliases if connections[alias].vendor == "sqlite"]
    if not files:
        return None
    to = data / _FOLDER / at.astimezone(UTC).strftime(_FORM)
    try:
        to.mkdir(mode=0o700, parents=True)
        for name in files:
            _copy(name, to / name.rpartition("/")[2])
        for folder in (to, to.parent, data):
            _sync(folder)
    except (OSError, sqlite3.OperationalError) as error:
        shutil.rmtree(to, ignore_errors=True)
        raise NotCopiedError from error
    for old in _copies(data)[:-_KEPT]:
        shutil.rmtree(old)
    return to


def forget_copies(data: Path, *, at: datetime) -> None:
    """Remove the copies that were made thirty days ago: they outlive keys that were destroyed."""
    before = (at - _KEPT_FOR).astimezone(UTC).strftime(_FORM)
    for old in _copies(data):
        if old.name < before:
            shutil.rmtree(old)


def _copies(data: Path) -> list[Path]:
    """Return the folders of copies, the oldest first."""
    return sorted(each for each in data.glob(f"{_FOLDER}/*") if _NAME.fullmatch(each.name))


def _file_of(alias: str) -> str:
    return str(connections[alias].settings_dict["NAME"])


def _copy(source: str, to: Path) -> None:
    """Copy a database as one file, whoever else is using it."""
    descriptor = os.open(to, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(to)) as written:
            read.backup(written)
            # Its log must not lie beside it: whoever puts it back moves one file.
            written.execute("PRAGMA journal_mode=DELETE")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
