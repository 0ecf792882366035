"""Memory stays flat however much is sent or fetched."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from objects import a_file, uid
from server import Server

pytestmark = pytest.mark.server

SIDE = 5600
PARTS = 4
MIB = 1 << 20
GATE = 110 * MIB


def peak(server: Server) -> int:
    """Return the most memory the server has held so far, in bytes."""
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) * 1024


def parts(files: list[bytes]) -> Iterator[bytes]:
    for data in files:
        yield b"--tests-boundary\r\nContent-Type: application/dicom\r\n\r\n"
        yield data
        yield b"\r\n"
    yield b"--tests-boundary--\r\n"


def test_large_parts_pass_through_without_being_held(server: Server) -> None:
    server.start()
    small = list(parts([a_file(99, study=2)]))
    headers = {
        "Content-Type": 'multipart/related; type="application/dicom"; boundary=tests-boundary'
    }
    assert server.request("POST", "/dicomweb/studies", b"".join(small), headers).status == 200
    before = peak(server)
    files = [
        a_file(number, Rows=SIDE, Columns=SIDE, PixelData=bytes([number, 1]) * (SIDE * SIDE))
        for number in range(1, PARTS + 1)
    ]
    assert len(files[0]) > 59 * MIB
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=280)
    connection.request(
        "POST", "/dicomweb/studies", parts(files),
        headers | {"Authorization": f"Bearer {server.token}"}, encode_chunked=True,
    )  # fmt: skip
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    connection.close()
    study = f"/dicomweb/studies/{uid(1)}"
    got = server.get(study)
    assert got.status == 200
    assert all(data in got.body for data in files)
    pixels = f"{study}/series/{uid(1, 1)}/instances/{uid(1, 1, 1)}/bulkdata/7fe00010"
    assert len(server.get(pixels).body) == SIDE * SIDE * 2
    assert peak(server) - before < GATE
