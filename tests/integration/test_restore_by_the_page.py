"""Can somebody who has nothing but the page set backups up, and put all of it back elsewhere?

The commands are taken from docs/how-to/back-up-and-restore.md as they stand there; only the
places are those of this machine. Page and program cannot part.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from page_commands import commands, placed
from server import Server

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "back-up-and-restore.md"
S3 = "s3://clinic-backups/{}?endpoint=https://objects.example.org&region=eu-1"
pytestmark = pytest.mark.sqlite_files


def followed(script: str, folder: Path) -> str:
    """Type a script on a machine where the program is installed and nothing is set."""
    programs = Path(sys.executable).parent
    kept = {name: value for name, value in os.environ.items() if "SAFELIGHT" not in name}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        ["/bin/sh", "-eu", "-c", script],
        cwd=folder,
        env=kept | {"PATH": f"{programs}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return done.stdout


def places(machine: Path, elsewhere: Path) -> dict[str, str]:
    return {
        "/srv/safelight": str(machine / "srv"),
        "/etc/safelight": str(machine / "etc"),
        "/root/backup.key": str(machine / "root" / "backup.key"),
        "/mnt/other-machine/safelight-keys": str(elsewhere / "keys"),
        S3.format("safelight"): str(elsewhere / "data"),
        S3.format("safelight-journal"): str(elsewhere / "journal"),
    }


def test_a_stranger_backs_up_and_restores_by_the_page_alone(tmp_path: Path) -> None:
    page = PAGE.read_text()
    elsewhere, safe = tmp_path / "elsewhere", tmp_path / "safe"
    safe.mkdir()
    first = places(tmp_path / "first", elsewhere)
    etc = Path(first["/etc/safelight"])
    server = Server(Path(first["/srv/safelight"]), safe / "root.key")
    server.init()
    server.add_person()

    make_key, *rest = commands(page, "Set it up").splitlines()
    followed(make_key, safe)
    etc.mkdir()
    (etc / "backup.key.pub").write_bytes((safe / "backup.key.pub").read_bytes())
    with (server.data / "safelight.toml").open("a") as settings:
        settings.write(placed(commands(page, "Set it up", language="toml"), first))
    said = followed(placed("\n".join(rest), first), safe)
    assert "all as they were made" in said

    second = places(tmp_path / "second", elsewhere)
    said = followed(placed(commands(page, "Restore on an empty machine"), second), safe)
    assert "It is open. Serve it" in said
    assert "The record is whole" in said
    assert "All of them open." in said
    again = Path(second["/srv/safelight"])
    assert json.loads((again / "restore-report.json").read_text())["open"]
    assert not Path(second["/root/backup.key"]).exists()
    assert (Path(second["/etc/safelight"]) / "keys" / "clinic.key").stat().st_mode & 0o777 == 0o400


def test_every_place_of_the_page_is_one_that_the_test_knows() -> None:
    """A command of the page that is changed is changed in the test, too: it is the same."""
    page = PAGE.read_text()
    said = commands(page, "Set it up") + commands(page, "Restore on an empty machine")
    left = placed(said, dict.fromkeys(places(Path(), Path()), ""))
    for place in ("/srv", "/etc", "/root/", "/mnt", "s3://"):
        assert place not in left
