"""A served instance that a hospital's own scanner may call, in processes of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from acting import HOSPITAL
from dicom_peer import OURS, SCANNER
from server import PASSWORD, Server, free_port

_LET_IN = """
import sys
from pathlib import Path
from safelight.surfaces.cli.main import boot
boot(Path(sys.argv[1]))
from safelight.kernel import clock
from safelight.records.accounts.models import Organization
from safelight.records.partners.actions import add_connection, open_connection
from safelight.records.partners.wishes import ConnectionWish
wish = ConnectionWish(
    name="A scanner", called=sys.argv[3], calling=sys.argv[4], they_send=True, they_ask=True,
    is_plain=True, networks="127.0.0.1",
)
house, at = Organization.objects.get(same_name=sys.argv[2]).pk, clock.now()
row = add_connection(house, None, wish, by="operator/one", at=at)
open_connection(row.pk, by="operator/two", at=at)
"""


def calling(server: Server, *, processes: int = 1) -> int:
    """Let in a scanner, start the server, and return the port where it is called."""
    made = server.run(
        "account", "create", "--data", str(server.data), "--email", "carla@people.example",
        "--name", "Carla Clinician", "--kind", "provider", "--organization", HOSPITAL,
        "--password-stdin", "--accept-statement", input=PASSWORD + "\n",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    done = subprocess.run(
        [sys.executable, "-c", _LET_IN, str(server.data), HOSPITAL, OURS, SCANNER],
        capture_output=True,
        text=True,
        check=False,
        env=server._environment(),
    )
    assert done.returncode == 0, done.stderr
    port = free_port()
    server.more = ("--dimse", f"127.0.0.1:{port}", "--processes", str(processes))
    server.start()
    return port


def memory(server: Server, field: str = "VmRSS") -> int:
    """Return what all processes of a server hold, or with VmHWM have held at most, in bytes."""
    total = 0
    for process in server.processes():
        status = Path(f"/proc/{process}/status").read_text()
        if found := re.search(rf"{field}:\s+(\d+) kB", status):
            total += int(found[1]) * 1024
    return total


def callers_of(server: Server, port: int) -> dict[int, int]:
    """Say how many connections at a port each process of a server has taken."""
    taken: dict[int, int] = {}
    here = f":{port:04X}"
    established = {
        fields[9]
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
        if (fields := line.split())[1].endswith(here) and fields[3] == "01"
    }
    for process in server.processes():
        for each in Path(f"/proc/{process}/fd").iterdir():
            try:
                name = str(each.readlink())
            except OSError:
                continue
            if name.startswith("socket:[") and name[8:-1] in established:
                taken[process] = taken.get(process, 0) + 1
    return taken
