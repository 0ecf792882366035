"""Could a process of this instance talk to a host that nobody listed?

A child stands where the instance's processes stand (in their network namespace, where we may
enter it) and knocks at addresses of the internet, of a cloud's metadata service and of a name
server. None of them may answer, not even with a refusal that came from there.
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from safelight.surfaces.cli.doctor.checked import Checked
from safelight.surfaces.cli.standing import standing_of

ELSEWHERE: Final = (
    ("1.1.1.1", 443),
    ("8.8.8.8", 53),
    ("169.254.169.254", 80),
    ("192.0.2.1", 80),
    ("2606:4700:4700::1111", 443),
)
_PATIENCE: Final = 3.0  # seconds
_CLONE_NEWNET: Final = 0x40000000


def examine(data: Path) -> Iterator[Checked]:
    """Knock, and say who answered."""
    standing = standing_of(data)
    told = subprocess.run(  # noqa: S603 (our own interpreter and module, and a number)
        [sys.executable, "-m", __name__, str(standing.pid if standing else os.getpid())],
        capture_output=True,
        check=False,
        timeout=(len(ELSEWHERE) + 1) * _PATIENCE + 30,
    )
    try:
        answered = json.loads(told.stdout)
    except ValueError:
        yield Checked("the way out", False, "the child that tries it failed")
        return
    yield Checked(
        "no host but the listed ones can be reached"
        if not answered
        else f"hosts that nobody listed answer: {', '.join(answered)}",
        not answered,
        "deny the way out, by internal networks (deploy/compose.yaml) or IPAddressDeny (systemd)",
    )


def knock() -> list[str]:
    """Return which of the addresses answered, if only to refuse."""
    return [f"{host} port {port}" for host, port in ELSEWHERE if _answers(host, port)]


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=_PATIENCE).close()
    except ConnectionRefusedError:
        return True  # the packet came there and back
    except OSError:
        return False
    return True


def _stand_beside(pid: int) -> None:
    """Enter a process's network namespace; where that is not allowed, stay in our own."""
    try:
        descriptor = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
        ctypes.CDLL(None).setns(descriptor, _CLONE_NEWNET)
        os.close(descriptor)
    except (AttributeError, OSError):
        return


if __name__ == "__main__":
    if sys.argv[1] != "self":
        _stand_beside(int(sys.argv[1]))
    print(json.dumps(knock()))
