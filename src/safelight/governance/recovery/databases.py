"""How is a database taken as it was at one moment while others write, and put back?

SQLite by its online backup, PostgreSQL by pg_dump under a snapshot that we also read in: so
what the rows of the copy need of each pack is known exactly, whatever happens meanwhile.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.db import connections, transaction

from safelight.governance.recovery.errors import BackupFailedError, DatabaseToolError
from safelight.records.imaging.upkeep.shelved import ENDS

_TIP: Final = "SELECT size, note FROM audit_tip"
_VERSION: Final = re.compile(r"(\d+)[.\d]*")
_TOOLS: Final = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True)
class Dumped:
    """A copy of a database, and what the main one said: how far it needs each pack."""

    vendor: str
    path: Path
    ends: dict[str, int] = field(default_factory=dict)
    audit_size: int = 0
    audit_note: str = ""


def dump(alias: str, to: Path) -> Dumped:
    """Copy a database into a file, as of one moment.

    Raises:
        DatabaseToolError: pg_dump is missing, or older than the server.
        BackupFailedError: it did not come to its end.
    """
    if connections[alias].vendor == "sqlite":
        return _dump_file(alias, to)
    return _dump_server(alias, to)


def _dump_file(alias: str, to: Path) -> Dumped:
    source = str(connections[alias].settings_dict["NAME"])
    to.touch(mode=0o600)
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(to)) as written:
        written.execute("PRAGMA synchronous=OFF")
        read.backup(written)
        # One file, without a log beside it.
        written.execute("PRAGMA journal_mode=DELETE")
        if alias == "keys":
            return Dumped("sqlite", to)
        size, note = written.execute(_TIP).fetchone() or (0, "")
        return Dumped("sqlite", to, dict(written.execute(ENDS).fetchall()), size, note)


def _dump_server(alias: str, to: Path) -> Dumped:
    connection = connections[alias]
    connection.ensure_connection()
    tool = tool_for("pg_dump", connection.pg_version)  # type: ignore[attr-defined]  # PostgreSQL's own
    to.touch(mode=0o600)
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        run_tool(
            [
                tool,
                *("--format=custom", "--no-owner", "--no-privileges"),
                f"--snapshot={snapshot}",
                f"--file={to}",
            ],
            connection.settings_dict,
        )
        if alias == "keys":
            return Dumped("postgresql", to)
        cursor.execute(_TIP)
        size, note = cursor.fetchone() or (0, "")
        cursor.execute(ENDS)
        return Dumped("postgresql", to, dict(cursor.fetchall()), size, note)


def load_server(alias: str, dumped: Path) -> None:
    """Put a dump back into an empty PostgreSQL database.

    Raises:
        DatabaseToolError, BackupFailedError.
    """
    connection = connections[alias]
    connection.ensure_connection()
    tool = tool_for("pg_restore", connection.pg_version)  # type: ignore[attr-defined]  # PostgreSQL's own
    settings = connection.settings_dict
    connection.close()
    run_tool(
        [
            tool,
            *("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"),
            f"--dbname={settings['NAME']}",
            str(dumped),
        ],
        settings,
    )


def is_empty(alias: str) -> bool:
    """Say whether a database has no table."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        return not connection.introspection.table_names(cursor)


def tool_for(name: str, server: int) -> str:
    """Find one of PostgreSQL's tools that is as new as the server (150004 is 15.4).

    Raises:
        DatabaseToolError: there is none.
    """
    wanted = server // 10000
    found = [shutil.which(name), *sorted(map(str, _TOOLS.glob(f"*/bin/{name}")), reverse=True)]
    for each in found:
        if each is None:
            continue
        said = subprocess.run(  # noqa: S603 (a program found on this machine)
            [each, "--version"], capture_output=True, text=True, check=False
        )
        version = _VERSION.search(said.stdout)
        if version is not None and int(version[1]) >= wanted:
            return each
    raise DatabaseToolError(
        f"{name} of PostgreSQL {wanted} or newer is needed (apt-get install postgresql-client)"
    )


def run_tool(command: list[str], settings: dict[str, Any]) -> None:
    """Run one of PostgreSQL's tools against a database, its password in no argument.

    Raises:
        BackupFailedError: it failed; what it said of the server is passed on.
    """
    options = settings.get("OPTIONS", {})
    named = {
        "PGHOST": settings["HOST"],
        "PGPORT": settings["PORT"],
        "PGUSER": settings["USER"],
        "PGPASSWORD": settings["PASSWORD"],
        "PGDATABASE": settings["NAME"],
        "PGSSLMODE": options.get("sslmode", ""),
        "PGSSLROOTCERT": options.get("sslrootcert", ""),
    }
    environment = os.environ | {name: str(value) for name, value in named.items() if value}
    done = subprocess.run(  # noqa: S603 (the same, and arguments of ours)
        command, env=environment, capture_output=True, check=False
    )
    if done.returncode:
        raise BackupFailedError(f"{Path(command[0]).name} ended with {done.returncode}")
