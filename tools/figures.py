"""What was counted, for the release report that `make report` writes?

A test or a tool that counts something a stranger may want to check calls `figure` once it has
passed its own assertions. Each call is one line of `.report/figures.jsonl`, with the commit and the
machine that it is true of; the report takes the newest line of each name.
"""

from __future__ import annotations

import fcntl
import functools
import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".report"


def figure(name: str, value: float, unit: str = "") -> None:
    """Keep one count for the report; `name` as in `tools/write_report.py`, such as `tampers.found`.

    Values are numbers only, so nothing that a test made up about a person can get in.
    """
    FOLDER.mkdir(exist_ok=True)
    line = {
        "name": name,
        "value": value,
        "unit": unit,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "machine": _machine(),
    }
    with (FOLDER / "figures.jsonl").open("a") as kept:
        fcntl.flock(kept, fcntl.LOCK_EX)  # tests write from several processes
        kept.write(json.dumps(line) + "\n")


@functools.cache
def _commit() -> str:
    """Name the commit; with a plus where the working tree says something else."""
    asked = ["git", "-C", str(ROOT), "describe", "--always", "--abbrev=12", "--dirty=+"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 (our words)
    return said.stdout.strip() or "unknown"


@functools.cache
def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return f"{platform.machine()}, {os.cpu_count()} cores, {memory} GiB"
