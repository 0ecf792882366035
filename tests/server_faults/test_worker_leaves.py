"""A worker never outlives the server that started it, however early that one was killed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from server import Server

pytestmark = pytest.mark.server


def test_a_worker_whose_server_is_gone_before_it_looks_ends(server: Server) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()

    done = server.run("worker", "--data", str(server.data), "--parent", str(gone.pid))

    assert done.returncode != 0
    assert "Traceback" not in done.stderr
