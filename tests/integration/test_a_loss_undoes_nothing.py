"""Yesterday's backup is put back: what was revoked stays revoked, what was erased stays erased."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import bases
from figures import figure
from kept_elsewhere import Elsewhere, served
from living import step

LOOKING = ("guest_address", "address", "other", "cookie", "token")


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> tuple[Elsewhere, dict[str, str]]:
    """Let a backup be made, then something be revoked and erased, and the machine be lost."""
    folder = tmp_path_factory.mktemp("lost")
    place = served(folder, has_person=False)
    known = step(place.server, "begin")
    before = step(place.server, "look", **{name: known[name] for name in LOOKING})
    assert (before["guest"], before["other"], before["studies"]) == (200, 200, 2)
    place.back_up()
    step(place.server, "revoke", consent=known["consent"], account=known["account"])
    step(place.server, "erase", account=known["account"])
    return place, known


def test_a_share_and_an_exam_that_ended_after_the_backup_stay_ended(
    lost: tuple[Elsewhere, dict[str, str]], tmp_path: Path
) -> None:
    place, known = lost
    again = place.restored(tmp_path / "again")
    done = again.run(*place.arguments(again.data))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "consent.revoked: 1 done" in done.stdout
    report = json.loads((again.data / "restore-report.json").read_text())
    assert report["open"]
    assert {"kind": "key.destroyed", "outcome": "purged", "times": 1} in report["replayed"]

    found = step(again, "look", **{name: known[name] for name in LOOKING})
    assert found["mode"] == "normal"
    assert found["guest"] != 200
    assert found["owner"] == 200
    assert found["other"] == 404
    assert found["live_consents"] == 0
    assert (found["studies"], found["study_keys"], found["instances"]) == (1, 1, 1)
    assert found["tokens_without_study"] == 0
    verified = again.run("audit", "verify", "--data", str(again.data))
    assert verified.returncode == 0, verified.stdout


def test_without_its_journal_it_stays_closed_until_two_agree(
    lost: tuple[Elsewhere, dict[str, str]], tmp_path: Path
) -> None:
    place, known = lost
    again = place.restored(tmp_path / "again")
    done = again.run(*place.arguments(again.data, journal=False))
    assert done.returncode == 0, done.stdout + done.stderr
    found = step(again, "look", **{name: known[name] for name in LOOKING})
    assert (found["mode"], found["guest"], found["owner"]) == ("recovering", 404, 200)
    # The key store's own destructions came along, whatever became of the journal.
    assert found["live_consents"] == 1
    alone = again.run("restore", "--data", str(again.data), "--open")
    assert alone.returncode == 1
    assert "open_without_journal backup/" in alone.stderr
    normal = again.run("mode", "normal", "--data", str(again.data), "--reason", "in a hurry")
    assert normal.returncode == 1

    backup = json.loads((again.data / "restore-report.json").read_text())["backup"]
    step(again, "agree", backup=backup)
    opened = again.run("restore", "--data", str(again.data), "--open")
    assert opened.returncode == 0, opened.stderr
    assert "1 shares are paused" in opened.stdout
    found = step(again, "look", **{name: known[name] for name in LOOKING})
    assert (found["mode"], found["paused_consents"], found["owner"]) == ("normal", 1, 200)
    assert found["guest"] != 200
    twice = again.run("restore", "--data", str(again.data), "--open")
    assert twice.returncode == 1


def refused(place: Elsewhere, to: Path, *arguments: str, says: str) -> None:
    again = place.restored(to)
    done = again.run(*arguments)
    assert done.returncode == 1, done.stdout
    assert says in done.stderr
    assert not to.exists() or not any(to.iterdir())


def test_what_is_wrong_is_said_before_a_byte_is_written(
    lost: tuple[Elsewhere, dict[str, str]], tmp_path: Path
) -> None:
    place, _ = lost
    to = tmp_path / "again"
    arguments = place.arguments(to)
    other_root = tmp_path / "other-root.key"
    other_root.write_text("ab" * 16 + "cd" * 16 + "\n")
    other_root.chmod(0o400)
    swapped = [str(other_root) if each == str(place.server.key) else each for each in arguments]
    refused(place, to, *swapped, says="root key")

    place.server.run("backup-key", str(tmp_path / "other.key"))
    swapped = [
        str(tmp_path / "other.key") if each == str(place.key) else each for each in arguments
    ]
    refused(place, to, *swapped, says="another backup key")

    (manifest,) = place.data.glob("manifests/data-*.json")
    whole = manifest.read_bytes()
    manifest.write_bytes(whole.replace(b'"kind":"data"', b'"kind":"dat4"'))
    refused(place, to, *arguments, says="manifest")
    manifest.write_bytes(whole)

    some = next(each for each in sorted(place.data.glob("packs/**/*")) if each.is_file())
    bytes_of = some.read_bytes()
    some.write_bytes(bytes_of[:-1])
    refused(place, to, *arguments, says="cut short")
    some.write_bytes(bytes_of)

    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "something").write_text("here already")
    done = place.restored(tmp_path / "full").run(*place.arguments(tmp_path / "full"))
    assert done.returncode == 1
    assert "is not empty" in done.stderr


def test_a_drill_measures_the_way_back_and_files_it_signed(
    lost: tuple[Elsewhere, dict[str, str]],
) -> None:
    place, _ = lost
    data = str(place.server.data)
    place.server.env |= {
        name.replace("SAFELIGHT_", "SAFELIGHT_DRILL_"): value
        for name, value in bases.fresh().items()
        if name.endswith("_URL")
    }
    done = place.server.run("drill", "--data", data, "--backup-key", str(place.key))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "recovery time" in done.stdout
    assert "recovery point" in done.stdout
    name = "drill_postgres_s3" if bases.ON_POSTGRES else "drill"
    figure(f"{name}.seconds", float(done.stdout.split(" in ")[1].split()[0]), "s")
    figure(f"{name}.lost_seconds", float(done.stdout.split("It was ")[1].split()[0]), "s")
    told = place.server.run("doctor", "--data", data, "--json")
    said = [each for each in json.loads(told.stdout) if each["concern"] == "recovery"]
    practised = next(each for each in said if "the way back was practised" in each["what"])
    assert practised["good"]
