"""If the power fails at any moment, what was acknowledged before is still there.

A model in place of a power switch: the calls of a real server are recorded and
replayed up to a moment, and what was not synced by then is lost, kept in part or torn.
On each disk that may be left, the product starts and gives out all that it acknowledged.
"""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from cast import multipart
from forked import Nursery
from killing import Killing
from objects import a_file, uid
from powerfail import Disk, Luck, Recording, options, read_record
from server import Server, copied

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]

_NAMES = re.compile(rb'"00081155":\{"vr":"UI","Value":\["([0-9.]+)"\]\}')


@dataclass
class Failed:
    """A run that was recorded, the disk it was made on, and who starts on what is left."""

    killing: Killing
    disk: Disk
    acknowledged: list[tuple[int, str]] = field(default_factory=list)

    def look_after(self, at: int, luck: Luck, chance: random.Random) -> int:
        """Let the power fail, start the product, and return how much had to be there."""
        self.disk.fail(at, luck, chance)
        for name in ("safelight", "keys"):
            database = sqlite3.connect(self.disk.folder / f"{name}.sqlite3")
            (said,) = database.execute("PRAGMA integrity_check").fetchone()
            database.close()
            assert said == "ok", (at, luck, name, said)
        nursery = self.killing.nursery
        nursery.serve()
        wanted = {instance for when, instance in self.acknowledged if when < at}
        try:
            for instance in wanted:
                self.killing._expect_one(instance)
        finally:
            nursery.kill()
        return len(wanted)


@pytest.fixture(scope="module")
def recorded(template: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Failed]:
    """Record a server that stores a few studies, large and small, one request after another."""
    work = tmp_path_factory.mktemp("power")
    server = copied(template, work)
    nursery = Nursery.open(server)
    killing = Killing(nursery, work, 0)
    record, before = work / "record", work / "before"
    nursery.serve(watch=options(record))
    shutil.copytree(server.data, before)
    for turn in range(1, 9):
        files = {
            uid(turn % 3 + 1, 1, turn * 10 + each): a_file(
                turn * 10 + each, study=turn % 3 + 1, Rows=side, Columns=side,
                PixelData=random.Random(turn).randbytes(side * side * 2),  # noqa: S311
            )
            for each, side in enumerate([16, 200] if turn % 2 else [16])
        }  # fmt: skip
        killing.ledger.send(files)
        body, headers = multipart(*files.values())
        assert server.request("POST", "/dicomweb/studies", body, headers).status == 200
    nursery.kill()
    recording = read_record(record, server.data)
    record.unlink()
    yield Failed(killing, Disk(before, server.data, recording), list(_acknowledged(recording)))
    nursery.close()


def _acknowledged(recording: Recording) -> Iterator[tuple[int, str]]:
    for at, said in recording.said:
        for name in _NAMES.findall(said):
            yield at, name.decode()


def fail_often(recorded: Failed, times: int, *, seed: int) -> int:
    """Let the power fail at moments spread over the run, in each of the ways in turn."""
    chance = random.Random(seed)  # noqa: S311 (repeatable, guards nothing)
    end = recorded.disk.recording.end
    looked_at = 0
    for number in range(times):
        at = chance.randrange(end * number // times, end * (number + 1) // times + 1)
        looked_at += recorded.look_after(at, list(Luck)[number % len(Luck)], chance)
    return looked_at


def test_the_recording_has_what_the_model_needs(recorded: Failed) -> None:
    recording = recorded.disk.recording
    assert len(recorded.acknowledged) == 12
    assert {instance for _, instance in recorded.acknowledged} == set(recorded.killing.ledger.sent)
    assert any(change.path.endswith(".pack") for change in recording.changes)
    assert any(change.path.endswith("safelight.sqlite3-wal") for change in recording.changes)
    assert any(sync.path.endswith("keys.sqlite3-wal") for sync in recording.syncs)


def test_power_failing_at_any_moment_loses_nothing_acknowledged(recorded: Failed) -> None:
    assert fail_often(recorded, 20, seed=1) > 20


@pytest.mark.long
@pytest.mark.parametrize("piece", range(1, 5))
def test_power_failing_two_hundred_times_loses_nothing(recorded: Failed, piece: int) -> None:
    looked_at = fail_often(recorded, 50, seed=piece + 1)
    print(f"50 power failures, {looked_at} acknowledged objects looked at, 0 lost")  # noqa: T201
    assert looked_at > 100


@pytest.mark.parametrize("forgotten", [".pack", "safelight.sqlite3-wal", "packs"])
def test_a_forgotten_sync_would_be_noticed(recorded: Failed, forgotten: str) -> None:
    """The model has teeth: without one kind of sync it finds a loss."""
    disk = recorded.disk
    syncs = [sync for sync in disk.recording.syncs if not _is_of(sync.path, forgotten)]
    assert len(syncs) < len(disk.recording.syncs)
    weak = Recording(
        disk.recording.changes, syncs, disk.recording.made, disk.recording.gone,
        disk.recording.said, disk.recording.end,
    )  # fmt: skip
    failed = Failed(recorded.killing, Disk(disk.before, disk.folder, weak), recorded.acknowledged)
    with pytest.raises(AssertionError):
        failed.look_after(weak.end, Luck.NOTHING, random.Random(1))  # noqa: S311


def _is_of(path: str, forgotten: str) -> bool:
    if forgotten == "packs":
        return "/packs" in path and not path.endswith(".pack")
    return path.endswith(forgotten)
