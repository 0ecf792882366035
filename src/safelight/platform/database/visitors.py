"""Who is in the database beside the program?

On PostgreSQL every session says its program's name and its user; on SQLite the machine
says which process holds the file open. A visitor who is gone before the next look is not
seen here: PostgreSQL's own log of connections is for those (docs/how-to/runbooks.md).
Whoever takes our name on purpose is not seen either; what they change, the record shows.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

PROGRAM: Final = "safelight"
_OTHERS: Final = """
    SELECT pid, usename, application_name, backend_start FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend'
      AND (application_name <> %s OR usename <> current_user)
"""
_BESIDE: Final = ("", "-wal", "-shm")
_MODULE: Final = b"safelight.surfaces.cli"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """One connection that is not ours: in which store, as which process, what it calls itself."""

    store: str
    process: int
    since: str
    who: str


def visitors() -> list[Visitor]:
    """Return the connections to both stores that are not this program's."""
    return [found for alias in ("default", "keys") for found in _in_store(alias)]


def _in_store(alias: str) -> Iterator[Visitor]:
    connection = connections[alias]
    if connection.vendor == "postgresql":
        yield from _in_server(alias, connection)
    else:
        yield from _at_file(alias, str(connection.settings_dict["NAME"]))


def _in_server(alias: str, connection: BaseDatabaseWrapper) -> Iterator[Visitor]:
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS, [PROGRAM])
        for process, user, program, since in cursor.fetchall():
            yield Visitor(store=alias, process=process, since=str(since), who=f"{user} ({program})")


def _at_file(alias: str, name: str) -> Iterator[Visitor]:
    files = {os.path.realpath(f"{name}{end}") for end in _BESIDE}
    for process in _processes():
        if process == os.getpid() or not _holds(process, files) or _is_ours(process):
            continue
        yield Visitor(store=alias, process=process, since=_began(process), who=_called(process))


def _processes() -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            yield int(entry.name)


def _holds(process: int, files: set[str]) -> bool:
    try:
        held = Path(f"/proc/{process}/fd").iterdir()
        return any(str(each.readlink()) in files for each in held)
    except OSError:
        return False  # it is gone, or another user's: only root sees into those


def _is_ours(process: int) -> bool:
    """Say whether a process is of our family, or another of our commands."""
    family = {os.getpid(), os.getppid()}
    if process in family or _parent(process) in family:
        return True
    try:
        said = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    if not Path(os.fsdecode(said[0])).name.startswith("python"):
        return False
    return _MODULE in said or (len(said) > 1 and said[1].endswith(b"/safelight"))


def _parent(process: int) -> int:
    fields = _stat(process)
    return int(fields[1]) if fields else 0


def _began(process: int) -> str:
    fields = _stat(process)
    return fields[19] if fields else ""


def _called(process: int) -> str:
    try:
        return Path(f"/proc/{process}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return "unknown"


def _stat(process: int) -> list[str]:
    """Return what the machine says of a process, from its state on (proc_pid_stat(5))."""
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except OSError:
        return []
    return text.rpartition(")")[2].split()
