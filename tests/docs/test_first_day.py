"""Does the first day go as the tutorial says? Its commands are run, in order, for real."""

from __future__ import annotations

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

import pytest

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "tutorials" / "first-day.md"
BLOCK = re.compile(r"(?:<!-- (?P<note>.+?) -->\n)?```sh\n(?P<commands>.+?)```", re.DOTALL)
STEP_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Step:
    """One block of commands, and what is said about it."""

    note: str
    commands: str


def steps(port: int) -> list[Step]:
    """Read the tutorial, with a port that is free here."""
    text = TUTORIAL.read_text().replace("8443", str(port))
    return [Step(each["note"] or "", each["commands"]) for each in BLOCK.finditer(text)]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def wait_until_ready(home: Path, port: int, server: subprocess.Popen[bytes]) -> None:
    trusted = ssl.create_default_context(cafile=str(home / "safelight-keys" / "tls.crt"))
    for _ in range(600):
        assert server.poll() is None, "the server ended"
        with suppress(URLError, OSError):
            with urllib.request.urlopen(
                f"https://localhost:{port}/readyz", context=trusted
            ) as page:
                assert page.status == 200
            return
        time.sleep(0.1)
    pytest.fail("the server did not become ready")


@pytest.mark.server
def test_the_first_day_goes_as_written(tmp_path: Path) -> None:
    port = free_port()
    surroundings = {
        name: value for name, value in os.environ.items() if not name.startswith("SAFELIGHT_")
    }
    surroundings |= {
        "HOME": str(tmp_path),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    surroundings.pop("DJANGO_SETTINGS_MODULE", None)
    server: subprocess.Popen[bytes] | None = None
    said = ""
    try:
        for step in steps(port):
            if step.note.startswith("done already"):
                continue
            command = ["bash", "-euo", "pipefail", "-c", step.commands]
            if step.note == "in a second terminal":
                with (tmp_path / "served.txt").open("wb") as log:
                    server = subprocess.Popen(
                        command, cwd=ROOT, env=surroundings, start_new_session=True, stdout=log
                    )
                wait_until_ready(tmp_path, port, server)
                continue
            done = subprocess.run(
                command,
                cwd=ROOT,
                env=surroundings,
                capture_output=True,
                text=True,
                timeout=STEP_SECONDS,
                check=False,
            )
            assert done.returncode == 0, f"{step.commands}\n{done.stdout}\n{done.stderr}"
            said += done.stdout
    finally:
        if server is not None:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=60)
    assert (tmp_path / "served.txt").read_text() == f"ready https://127.0.0.1:{port}\n"
    assert "whom to ask about privacy" in said
    assert "pages do not name" not in said
    assert "1 new" in said
    assert "study of 20040119" in said
    assert "The record is whole" in said
    assert "whole: " in said
    assert (tmp_path / "safelight-keys" / "root.key").stat().st_mode & 0o077 == 0
    assert "Maria" not in (tmp_path / "trail.jsonl").read_text()
