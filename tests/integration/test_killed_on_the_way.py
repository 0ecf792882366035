"""A backup or a restore that is killed goes on with the next run, and nothing half done is used."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cast import multipart
from kept_elsewhere import Elsewhere, served
from objects import a_file
from server import Server

# Eight kills take a while; the daily run proves the whole ways already.
pytestmark = pytest.mark.long

PATIENCE = 120.0


def killed_once(server: Server, arguments: list[str], is_time: Callable[[], bool]) -> bool:
    """Run a command and kill it at a moment; say whether it was still running then."""
    kept = {name: value for name, value in os.environ.items() if "SAFELIGHT" not in name}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    running = subprocess.Popen(
        [sys.executable, "-m", "safelight.surfaces.cli", *arguments],
        env=kept | server.env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + PATIENCE
    while running.poll() is None and not is_time():
        assert time.monotonic() < deadline
    running.send_signal(signal.SIGKILL)
    return running.wait(PATIENCE) == -signal.SIGKILL


def any_in(folder: Path, below: str) -> Callable[[], bool]:
    return lambda: next((folder / below).rglob("*"), None) is not None


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Elsewhere:
    made = served(tmp_path_factory.mktemp("killed"))
    made.server.start()
    try:
        body, headers = multipart(*(a_file(number, study=3) for number in range(1, 9)))
        assert made.server.request("POST", "/dicomweb/studies", body, headers).status == 200
    finally:
        made.server.stop()
    return made


@pytest.mark.sqlite_files
def test_a_killed_backup_is_none_and_the_next_one_goes_on(place: Elsewhere) -> None:
    command = ["backup", "--data", str(place.server.data)]
    killed = 0
    for where, below in ((place.keys, "manifests"), (place.data, "packs")):
        killed += killed_once(place.server, command, any_in(where, below))
        if not list(place.data.glob("manifests/*.json")):
            done = place.server.run(*place.arguments(place.folder / "nowhere", journal=False))
            assert done.returncode == 1
            assert "there is no such backup" in done.stderr
    assert killed
    place.back_up()
    verified = place.server.run("backup", "--verify", "--data", str(place.server.data))
    assert verified.returncode == 0, verified.stderr
    assert not list(place.server.data.glob("backup/staging/*"))


@pytest.mark.sqlite_files
def test_a_killed_restore_serves_nothing_and_goes_on(place: Elsewhere, tmp_path: Path) -> None:
    if not list(place.data.glob("manifests/*.json")):
        place.back_up()
    to = tmp_path / "again"
    again = place.restored(to)
    killed = 0
    for mark in ("restoring", "packs", "keys.sqlite3", "safelight.toml"):
        killed += killed_once(again, place.arguments(to, journal=False), (to / mark).exists)
        if (to / "safelight.toml").exists() and (to / "restoring").exists():
            assert "is being restored" in again.refusal()
    assert killed >= 2
    done = again.run(*place.arguments(to, journal=False))
    if (to / "restore-report.json").exists() and done.returncode == 1:
        assert "is an instance already" in done.stderr  # the last one was too fast to be killed
        return
    assert done.returncode == 0, done.stdout + done.stderr
    assert "damaged: 0" in done.stdout
    assert not (to / "restoring").exists()
