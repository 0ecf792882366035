"""A full disk is said so, nothing is acknowledged that was not kept, and reading goes on."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from cast import multipart
from objects import a_file, uid
from server import Server, copied

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]

STORED, FAILED, REASON = "00081199", "00081198", "00081197"
OUT_OF_RESOURCES = 0xA700
SIDE = 1024
RESERVE = 64 << 20
OURS_TO_FILL = 24 << 20


def large(number: int) -> bytes:
    """Return an object of 2 MiB that does not compress."""
    return a_file(number, Rows=SIDE, Columns=SIDE, PixelData=os.urandom(SIDE * SIDE * 2))


def address(number: int) -> str:
    return f"/dicomweb/studies/{uid(1)}/series/{uid(1, 1)}/instances/{uid(1, 1, number)}"


def fill(server: Server) -> dict[int, bytes]:
    """Store until there is no room; return what was acknowledged, and check what was refused."""
    kept: dict[int, bytes] = {}
    for number in range(1, 60):
        data = large(number)
        body, headers = multipart(data)
        answer = server.request("POST", "/dicomweb/studies", body, headers)
        if answer.status == 200:
            kept[number] = data
            continue
        assert answer.status == 507, answer.body
        said = orjson.loads(answer.body)
        if FAILED in said:
            (failure,) = said[FAILED]["Value"]
            assert failure[REASON]["Value"] == [OUT_OF_RESOURCES]
            assert "no room" in failure["00080119"]["Value"][0]
        assert STORED not in said
        return kept
    raise AssertionError("the disk was never full")


def expect_kept(server: Server, kept: dict[int, bytes]) -> None:
    for number, data in kept.items():
        got = server.get(address(number), accept="application/dicom")
        assert got.status == 200
        assert got.body == data
    found = orjson.loads(server.get(f"/dicomweb/studies/{uid(1)}/instances").body)
    assert len(found) == len(kept)


@pytest.fixture
def small_disk(template: Server, tmp_path: Path) -> Iterator[Server]:
    """Yield an instance on a file system with little room above the reserve."""
    disk = tmp_path / "disk"
    disk.mkdir()
    size = RESERVE + OURS_TO_FILL + (4 << 20)
    mount = shutil.which("mount")
    done = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)],
        check=False,
        capture_output=True,
    )
    if not done or done.returncode:
        pytest.skip("only an administrator can make a small disk; the other test uses a quota")
    made = copied(template, disk)
    try:
        yield made
    finally:
        made.stop()
        subprocess.run([shutil.which("umount") or "umount", "-l", str(disk)], check=True)


def test_a_full_disk_refuses_and_recovers_by_itself(small_disk: Server) -> None:
    ballast = small_disk.data.parent / "ballast"
    ballast.write_bytes(bytes(4 << 20))
    small_disk.start()
    kept = fill(small_disk)
    assert kept
    expect_kept(small_disk, kept)
    # A small one is refused too: the reserve is for the record of what happens.
    body, headers = multipart(large(98))
    assert small_disk.request("POST", "/dicomweb/studies", body, headers).status == 507
    ballast.unlink()
    body, headers = multipart(fresh := large(99))
    assert small_disk.request("POST", "/dicomweb/studies", body, headers).status == 200
    expect_kept(small_disk, kept | {99: fresh})


def test_a_disk_without_any_room_breaks_nothing(small_disk: Server) -> None:
    small_disk.start()
    body, headers = multipart(data := large(1))
    assert small_disk.request("POST", "/dicomweb/studies", body, headers).status == 200
    ballast = small_disk.data.parent / "ballast"
    with ballast.open("wb") as file:
        try:
            while True:
                file.write(bytes(1 << 20))
        except OSError:
            pass
    body, headers = multipart(large(2))
    answer = small_disk.request("POST", "/dicomweb/studies", body, headers)
    assert answer.status == 507, answer.body
    # With no room for the record, a look is refused rather than not recorded.
    assert small_disk.get(address(1)).status in {200, 503, 507}
    ballast.unlink()
    expect_kept(small_disk, {1: data})
    assert small_disk.request("POST", "/dicomweb/studies", body, headers).status == 200


def test_a_quota_refuses_and_recovers_when_it_is_lifted(server: Server) -> None:
    server.start()
    limit = 12 << 20
    for pid in server.processes():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    kept = fill(server)
    expect_kept(server, kept)
    for pid in server.processes():
        without = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, without)
    body, headers = multipart(fresh := large(99))
    assert server.request("POST", "/dicomweb/studies", body, headers).status == 200
    expect_kept(server, kept | {99: fresh})
