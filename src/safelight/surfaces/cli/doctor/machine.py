"""Is the machine beneath it as it should be: who owns what, as whom it runs, what time it is?"""

from __future__ import annotations

import ctypes
import os
import stat
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from safelight.surfaces.cli.doctor.checked import Checked
from safelight.surfaces.cli.standing import standing_of

_APART = timedelta(seconds=2)
_OTHERS = 0o077
_THE_WORLD = 0o007
_UNSYNCHRONISED = 0x0040  # STA_UNSYNC of adjtimex(2)
_MOST_NAMED = 3


def examine(data: Path) -> Iterator[Checked]:
    """Look at permissions, the user, the sandbox around it, and the clocks."""
    yield from _permissions(data)
    yield _user(data)
    yield _privileges(data)
    yield from _clocks()


def _permissions(data: Path) -> Iterator[Checked]:
    from django.conf import settings

    open_ones = [
        path
        for path in (
            *(data / name for name in ("safelight.toml", "serving.json", "doctor.json")),
            *data.glob("*.sqlite3*"),
            *(data / name for name in ("packs", "uploads", "mail", "backups", "slots")),
        )
        if path.exists() and _is_open(path) and data.stat().st_mode & _OTHERS
    ]
    named = ", ".join(str(path) for path in open_ones[:_MOST_NAMED])
    yield Checked(
        "nobody else reads what is in the data folder", not open_ones, f"chmod go-rwx {named}"
    )
    key = Path(settings.SAFELIGHT_ROOT_KEY_FILE)
    if key.exists():
        found = key.stat()
        yield Checked(
            "only its owner reads the root key", not found.st_mode & _OTHERS, f"chmod 400 {key}"
        )
        yield Checked(
            "the folder of the root key is not open to others",
            not key.parent.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH),
            f"chmod go-w {key.parent}",
        )
    umask = os.umask(0o077)
    os.umask(umask)
    yield Checked(
        f"new files are closed to others (umask {umask:03o})",
        umask & _THE_WORLD == _THE_WORLD or not data.stat().st_mode & _OTHERS,
        "set umask 077 (systemd: UMask=0077)",
    )


def _is_open(path: Path) -> bool:
    return bool(path.stat().st_mode & _OTHERS)


def _user(data: Path) -> Checked:
    standing = standing_of(data)
    user = _status(standing.pid, "Uid") if standing else str(os.geteuid())
    return Checked(
        "it does not run as root" if user.split()[:1] != ["0"] else "it runs as root",
        user.split()[:1] != ["0"],
        "give it a user of its own: deploy/systemd or deploy/compose.yaml",
    )


def _privileges(data: Path) -> Checked:
    standing = standing_of(data)
    pid = standing.pid if standing else os.getpid()
    fixed = _status(pid, "NoNewPrivs") == "1"
    held = int(_status(pid, "CapEff") or "0", 16)
    return Checked(
        "it can gain no privileges and holds none" if fixed and not held else "its privileges",
        fixed and not held,
        "start it with NoNewPrivileges and without capabilities, as deploy/ does",
    )


def _status(pid: int, name: str) -> str:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def _clocks() -> Iterator[Checked]:
    from django.db import connection

    from safelight.kernel import clock
    from safelight.platform.audit.models import Entry

    before = time.time() - time.monotonic()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            server = cursor.fetchone()[0]
        yield Checked(
            "this clock and the database server's agree",
            abs(server - clock.now()) < _APART,
            "synchronise both machines (chrony, systemd-timesyncd)",
        )
    last = Entry.objects.order_by("-pk").values_list("at", flat=True).first()
    yield Checked(
        "the clock is not behind the record of what happened",
        last is None or last <= clock.now() + _APART,
        "somebody set it back: synchronise it, then look at the record",
    )
    step = abs((time.time() - time.monotonic()) - before)
    yield Checked("the clock does not jump", step < 1, "something else sets it; stop that")
    if (synchronised := _is_synchronised()) is not None:
        yield Checked(
            "the clock follows a time server",
            synchronised,
            "start chrony or systemd-timesyncd; consents and links end by this clock",
        )


def _is_synchronised() -> bool | None:
    """Ask the kernel; None where it cannot be asked."""
    buffer = ctypes.create_string_buffer(512)  # struct timex, all zero: only read
    try:
        state = ctypes.CDLL(None).adjtimex(buffer)
    except (AttributeError, OSError):
        return None
    if state < 0:
        return None
    status = int.from_bytes(buffer.raw[40:44], "little")
    return not status & _UNSYNCHRONISED
