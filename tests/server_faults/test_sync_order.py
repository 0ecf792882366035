"""Bytes are synced before the row that names them, and the row before the answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from cast import multipart
from objects import a_file
from powerfail import options, read_record
from server import Server

pytestmark = pytest.mark.server


def test_the_pack_is_synced_before_the_database_and_the_database_before_the_answer(
    server: Server, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    server.start(wrapper=["strace", "-D", "-f", *options(trace)])
    body, headers = multipart(a_file())
    assert server.request("POST", "/dicomweb/studies", body, headers).status == 200
    server.stop()
    found = read_record(trace, server.data)
    # Of a sync counts when it began and when it had returned, whoever else spoke in between.
    (answered,) = [at for at, said in found.said if b"00081199" in said]

    def last_sync(*names: str, until: int) -> tuple[int, int]:
        return max(
            (sync.began, sync.ended)
            for sync in found.syncs
            if sync.ended < until and sync.path.endswith(names)
        )

    database = last_sync("safelight.sqlite3", "safelight.sqlite3-wal", until=answered)
    packed = last_sync(".pack", until=database[0])
    written = max(each.ended for each in found.changes if each.path.endswith(".pack"))
    keys = last_sync("keys.sqlite3", "keys.sqlite3-wal", until=packed[0])
    pack = next(each.path for each in found.changes if each.path.endswith(".pack"))
    for depth in range(1, 4):
        folder = pack.rsplit("/", depth)[0]
        named = last_sync(folder, until=database[0])
        assert packed[1] < named[0]
    assert keys[1] < packed[0]
    assert written < packed[0]
    assert packed[1] < database[0]
    assert database[1] < answered
