"""Bytes are synced before the row that names them, and the row before the answer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cast import multipart
from objects import a_file
from server import Server

pytestmark = pytest.mark.server

CALLS = "trace=fsync,fdatasync,pwritev,pwritev2,pwrite64,write,writev,sendto,sendmsg"
DATABASE = r"safelight\.sqlite3(-wal)?"
KEYS = r"keys\.sqlite3(-wal)?"


def test_the_pack_is_synced_before_the_database_and_the_database_before_the_answer(
    server: Server, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    server.start(wrapper=["strace", "-D", "-f", "-y", "-s", "24", "-e", CALLS, "-o", str(trace)])
    body, headers = multipart(a_file())
    before = len(trace.read_text().splitlines())
    assert server.request("POST", "/dicomweb/studies", body, headers).status == 200
    server.stop()
    lines = trace.read_text().splitlines()[before:]

    def last(pattern: str, until: int) -> int:
        found = [at for at, line in enumerate(lines[:until]) if re.search(pattern, line)]
        assert found, pattern
        return found[-1]

    answered = next(at for at, line in enumerate(lines) if "HTTP/1.1 200" in line)
    database = last(rf"f(data)?sync\(\d+<[^>]*/{DATABASE}>\) += 0", answered)
    packed = last(r"fdatasync\(\d+<[^>]*\.pack>\) += 0", answered)
    folder = last(r"fsync\(\d+<[^>]*/packs(/\w\w){0,2}>\) += 0", answered)
    written = last(r"pwritev?2?(64)?\(\d+<[^>]*\.pack>", answered)
    keys = last(rf"f(data)?sync\(\d+<[^>]*/{KEYS}>\) += 0", answered)
    assert written < packed < folder < database < answered
    assert keys < packed
    assert not any(".pack" in line and "write" in line for line in lines[packed + 1 : answered])
