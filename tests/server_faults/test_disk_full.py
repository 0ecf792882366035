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
from figures import figure
from filling import FAILED, OUT_OF_RESOURCES, REASON, SENDERS, SIDE, STORED, Filling
from objects import a_file, uid
from server import Server, copied

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]

A_PIECE = 10  # of the fifty times that the disk is full
IN_CI = 5
RESERVE = 64 << 20
OURS = 160 << 20
# How much is left in turn: nothing, less than the reserve, and room for some objects above it.
LEFT = (RESERVE + (6 << 20), 0, RESERVE + (2 << 20), RESERVE - (8 << 20), RESERVE + (9 << 20))


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
def disk(template: Server, tmp_path: Path) -> Iterator[Server]:
    """Yield an instance on a file system of its own, with some room above the reserve."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    done = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={RESERVE + OURS}", "tmpfs", str(disk)],
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


def full_again_and_again(server: Server, times: int, *, seed: int) -> Filling:
    filling = Filling(server)
    server.start()
    for number in range(times):
        filling.again(seed * 100 + number + 1, LEFT[number % len(LEFT)])
    filling.look_at_all()
    server.stop()
    done = server.run("audit", "verify", "--data", str(server.data))
    assert done.returncode == 0, done.stdout + done.stderr
    print(  # noqa: T201 (the figures to report)
        f"full {times} times, {len(filling.kept)} acknowledged, {filling.refused} refused, 0 lost"
    )
    assert filling.refused >= times * SENDERS
    return filling


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


def test_a_disk_that_is_full_again_and_again_costs_nothing_acknowledged(disk: Server) -> None:
    full_again_and_again(disk, IN_CI, seed=0)
    figure("faults.made.disk-full", IN_CI, "faults")
    figure("faults.lost.disk-full", 0, "objects")


@pytest.mark.long
@pytest.mark.parametrize("piece", range(1, 6))
def test_fifty_times_with_a_full_disk(disk: Server, piece: int) -> None:
    full_again_and_again(disk, A_PIECE, seed=piece)
    figure(f"faults.made.disk-full-50.{piece}", A_PIECE, "faults")
    figure(f"faults.lost.disk-full-50.{piece}", 0, "objects")
