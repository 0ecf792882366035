"""An exam is erased, and yesterday's backup is put back, rows and keys: nothing opens it.

The certificate that its owner was given before says so, and still verifies.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import bases
from figures import figure
from kept_elsewhere import Elsewhere, served
from living import step
from server import Server


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> tuple[Elsewhere, dict[str, Any]]:
    """Back an instance up yesterday; let an exam be erased today, and the machine be lost."""
    place = served(tmp_path_factory.mktemp("lost"), has_person=False, in_bucket=bases.ON_POSTGRES)
    known = step(place.server, "begin")
    known["kept"] = step(place.server, "keep_rows", study=known["study"])
    place.back_up()
    known["before"] = tried(place.server, known)
    step(place.server, "erase", account=known["account"])
    known["certified"] = certified(place.server, known)
    return place, known


def tried(server: Server, known: dict[str, Any]) -> dict[str, Any]:
    return step(server, "try_all", kept=json.dumps(known["kept"]))


def certified(server: Server, known: dict[str, Any]) -> dict[str, Any]:
    study = known["kept"]["other_study"]
    return step(server, "certify", account=known["account"], other_study=study)


def destroyed_line(certificate: dict[str, Any]) -> str:
    note: str = certificate["note"]
    return next(line for line in note.splitlines() if line.startswith("destroyed: "))


def test_every_key_opens_it_before_and_none_after(
    lost: tuple[Elsewhere, dict[str, Any]], tmp_path: Path
) -> None:
    place, known = lost
    objects = len(known["kept"]["objects"])
    before = known["before"]
    assert (before["answers"], before["cards"], before["objects"]) == (1, objects, objects)
    assert before["study_key"] == "opens"

    again = place.restored(tmp_path / "again")
    done = again.run(*place.arguments(again.data))
    assert done.returncode == 0, done.stdout + done.stderr
    after = tried(again, known)
    assert after["bytes"] > 0, "the bytes came back, else there is nothing to be opened"
    assert (after["answers"], after["cards"], after["objects"]) == (0, 0, 0)
    assert after["study_key"] == "key_destroyed"
    assert after["keys"] >= 6  # the root key, the secret, and more that could have opened it
    if not bases.ON_POSTGRES:
        nowhere_in(again.data, known["kept"]["wrapped"])

    anew = certified(again, known)
    assert (anew["key"], destroyed_line(anew)) == (
        known["certified"]["key"],
        destroyed_line(known["certified"]),
    )
    figure("erased.opened_after_restore", after["answers"] + after["objects"], "keys")


def nowhere_in(folder: Path, wrapped: list[str]) -> None:
    """See that not even the free pages of a database hold what the root key would open."""
    assert wrapped
    files = [each for each in folder.rglob("*") if each.is_file()]
    for each in wrapped:
        assert not [path for path in files if bytes.fromhex(each) in path.read_bytes()]


def test_the_certificate_verifies_by_the_one_file_and_nothing_else(
    lost: tuple[Elsewhere, dict[str, Any]], tmp_path: Path
) -> None:
    _, known = lost
    said = known["certified"]
    (tmp_path / "verify.py").write_text(said["verifier"])
    note = tmp_path / "certificate.txt"
    for text, code in (
        (said["note"], 0),
        (said["note"].replace("destroyed: 2", "destroyed: 1"), 1),
    ):
        note.write_text(text, encoding="utf-8")
        checked = subprocess.run(
            [sys.executable, "-I", "-S", "verify.py", "certificate.txt", "--key", said["key"]],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert checked.returncode == code, checked
        assert (f"key: study {known['kept']['other_study']}" in checked.stdout) is (code == 0)


def test_todays_key_store_is_enough_where_there_is_no_journal(
    lost: tuple[Elsewhere, dict[str, Any]], tmp_path: Path
) -> None:
    """The keys are kept apart, so yesterday's rows meet a key store that has forgotten."""
    place, known = lost
    today = place.back_up_later()
    again = place.restored(tmp_path / "again")
    done = again.run(*place.arguments(again.data, "--before", today, journal=False))
    assert done.returncode == 0, done.stdout + done.stderr
    after = tried(again, known)
    assert (after["answers"], after["cards"], after["objects"]) == (0, 0, 0)
    assert after["study_key"] == "key_destroyed"
