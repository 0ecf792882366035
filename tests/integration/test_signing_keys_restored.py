"""Does a backup of before or after the keys were replaced come back, and go on being trusted?"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import bases
from kept_elsewhere import Elsewhere, fetched, journal_is_there, served, store
from safelight.platform.audit import verify_audit
from safelight.platform.audit.offline.one_file import one_file
from server import Server


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Elsewhere]:
    made = served(tmp_path / "first", in_bucket=bases.ON_POSTGRES)
    yield made
    made.server.kill()


def verify_offline(server: Server, folder: Path, key: str) -> str:
    folder.mkdir()
    made = server.run("audit", "export", "--data", str(server.data), str(folder / "trail.jsonl"))
    assert made.returncode == 0, made.stderr
    (folder / "verify_audit.py").write_text(one_file(verify_audit))
    done = subprocess.run(
        [sys.executable, "-I", "-S", "verify_audit.py", "trail.jsonl", "--key", key],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return made.stdout.strip()


def test_backups_from_before_and_after_are_restored_and_the_record_verifies_offline(
    place: Elsewhere, tmp_path: Path
) -> None:
    server = place.server
    server.start()
    kept = store(server, 1, 2)
    place.back_up()
    (tmp_path / "unused").mkdir()
    told = server.run("consent", "key", "--data", str(server.data)).stdout
    key = server.run("audit", "export", "--data", str(server.data), str(tmp_path / "unused/it"))
    key_of_before = key.stdout.strip()
    done = server.run("keys", "rotate", "signing", "--data", str(server.data))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(" signs from ") == 4
    time.sleep(7)
    kept |= store(server, 3)
    assert fetched(server, next(iter(kept)))
    time.sleep(3)
    after = server.run("consent", "key", "--data", str(server.data)).stdout
    assert after.startswith(told.strip())
    assert "next: safelight-consents-" in after
    place.back_up()
    journal_is_there(place)
    server.kill()

    again = place.restored(tmp_path / "second")
    done = again.run(*place.arguments(again.data))
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((again.data / "restore-report.json").read_text())
    assert (report["trail_problem"], report["exams_bad"]) == ("", 0)
    again.start()
    try:
        for instance, data in kept.items():
            assert fetched(again, instance) == data
        assert verify_offline(again, tmp_path / "auditor", key_of_before) == key_of_before
        assert again.run("audit", "verify", "--data", str(again.data)).returncode == 0
    finally:
        again.kill()
