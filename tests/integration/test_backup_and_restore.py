"""A backup that was made while people worked is put back on an empty machine, whole."""

from __future__ import annotations

import fcntl
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import bases
from kept_elsewhere import Elsewhere, fetched, files_below, journal_is_there, served, store


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Elsewhere]:
    made = served(tmp_path / "first", in_bucket=bases.ON_POSTGRES)
    yield made
    made.server.kill()


def test_what_was_stored_while_it_was_backed_up_is_put_back_byte_for_byte(
    place: Elsewhere, tmp_path: Path
) -> None:
    place.server.start()
    before = store(place.server, *range(1, 6))
    ended = threading.Event()
    during: dict[str, bytes] = {}

    def go_on_storing() -> None:
        number = 100
        while not ended.is_set():
            during.update(store(place.server, number, study=8))
            number += 1

    storing = threading.Thread(target=go_on_storing)
    storing.start()
    place.back_up()
    ended.set()
    storing.join()
    assert during
    journal_is_there(place)
    place.server.kill()

    again = place.restored(tmp_path / "second")
    done = again.run(*place.arguments(again.data))
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((again.data / "restore-report.json").read_text())
    assert report["trail_problem"] == ""
    assert report["exams_bad"] == 0
    assert report["open"], report
    again.start()
    try:
        for instance, data in before.items():
            assert fetched(again, instance) == data
        store(again, 200, study=9)
        verified = again.run("audit", "verify", "--data", str(again.data))
        assert verified.returncode == 0, verified.stdout
    finally:
        again.kill()


@pytest.mark.sqlite_files
def test_a_second_backup_sends_only_what_is_new(place: Elsewhere) -> None:
    place.server.start()
    store(place.server, 1)
    place.back_up()
    first = {name for name in files_below(place.data) if name.startswith("packs/")}
    place.back_up()
    assert {name for name in files_below(place.data) if name.startswith("packs/")} == first
    store(place.server, 2)
    place.back_up()
    assert len({name for name in files_below(place.data) if name.startswith("packs/")}) > len(first)
    verified = place.server.run("backup", "--verify", "--data", str(place.server.data))
    assert verified.returncode == 0, verified.stderr


def test_a_backup_begins_after_the_one_that_is_under_way(place: Elsewhere) -> None:
    folder = place.server.data / "backup"
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        threading.Timer(6, fcntl.flock, (other, fcntl.LOCK_UN)).start()
        began = time.monotonic()
        done = place.server.run("backup", "--data", str(place.server.data))
        assert time.monotonic() - began > 6
    assert done.returncode == 0, done.stderr
    assert "Another backup is under way" in done.stderr
    assert done.stdout.startswith("Backup ")
