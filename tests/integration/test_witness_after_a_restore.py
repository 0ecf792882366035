"""An instance is put back to an older moment. Its witness has seen more: does it go on?

Only by an act on record on both sides. Instance, witness, backup and restore are real,
each in a process and a folder of its own.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kept_elsewhere import Elsewhere, served
from living import step
from server import Server
from witnessing import WitnessProcess

REASON = "the disk broke; put back from last night"


def key_of_record(server: Server, folder: Path) -> str:
    done = server.run("audit", "export", "--data", str(server.data), str(folder / "trail"))
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def watched(tmp_path: Path) -> tuple[Elsewhere, WitnessProcess]:
    """Let a witness sign the record before a backup, and more of it afterwards."""
    place = served(tmp_path / "first", has_person=False)
    witness = WitnessProcess(tmp_path / "witness", key_of_record(place.server, tmp_path))
    witness.start()
    place.server.env |= {
        "SAFELIGHT_WITNESS_URLS": witness.url,
        "SAFELIGHT_WITNESS_KEYS": witness.key,
        "SAFELIGHT_HIGH_WATER_FILE": str(tmp_path / "apart"),
    }
    step(place.server, "begin")
    assert step(place.server, "witnessed")["contests"] == []
    place.back_up()
    step(place.server, "happen")
    assert step(place.server, "witnessed")["contests"] == []
    return place, witness


def put_back(place: Elsewhere, to: Path) -> Server:
    again = place.restored(to)
    again.env |= {
        name: value
        for name, value in place.server.env.items()
        if "WITNESS" in name or "HIGH_WATER" in name
    }
    done = again.run(*place.arguments(to))
    assert done.returncode == 0, done.stdout + done.stderr
    return again


def went_on(witness: WitnessProcess, request: Path, reason: str = REASON) -> tuple[int, str]:
    """Do what the keeper of a witness does, on the witness's machine."""
    witness.end()
    done = Server(witness.folder, witness.folder).run(
        *("witness-go-on", "--state", str(witness.folder), "--log-key", witness.log_key),
        *("--request", str(request), "--reason", reason),
    )
    witness.start()
    return done.returncode, done.stdout + done.stderr


def test_it_goes_on_by_an_act_on_both_sides_and_not_without(
    watched: tuple[Elsewhere, WitnessProcess], tmp_path: Path
) -> None:
    place, witness = watched
    again = put_back(place, tmp_path / "again")
    data, requests = str(again.data), tmp_path / "requests"

    for _ in range(2):  # without the act it is so at each start, whatever was opened between
        start = step(again, "witnessed", is_start="yes")
        assert {each["trouble"] for each in start["contests"]} & {"missing", "forked"}
        assert start["mode"] == "recovering"
        opened = again.run("mode", "normal", "--data", data, "--reason", "in a hurry")
        assert opened.returncode == 0, opened.stderr

    asked = again.run("audit", "go-on", "--data", data, "--to", str(requests), "--reason", REASON)
    assert asked.returncode == 0, asked.stderr
    (request,) = requests.iterdir()
    assert step(again, "witnessed", is_start="yes")["mode"] == "recovering", "asking is no yes"

    changed = tmp_path / "changed"
    text = request.read_text(encoding="utf-8")
    changed.write_text(text.replace("old ", "old 1", 1), encoding="utf-8")
    assert went_on(witness, changed)[0] == 1
    assert went_on(witness, request, " ")[0] == 1
    code, said = went_on(witness, request)
    assert code == 0, said
    assert "are as it signed them" in said

    step(again, "happen")
    assert step(again, "witnessed", is_start="yes")["contests"] == []
    normal = again.run("mode", "normal", "--data", data, "--reason", REASON)
    assert normal.returncode == 0, normal.stderr
    assert step(again, "witnessed", is_start="yes") == {
        "contests": [],
        "mode": "normal",
        "asked": 2,  # the witness, and the file that is kept apart
    }
    signed = [
        json.loads(line) for line in (witness.folder / "signed.jsonl").read_text().splitlines()
    ]
    (act,) = [each["gone_on"] for each in signed if "gone_on" in each]
    assert act["reason"] == REASON
    assert act["held"] > act["common"] > 0
    witness.end()


def test_what_does_not_contain_what_was_signed_does_not_pass_for_a_restore(
    watched: tuple[Elsewhere, WitnessProcess], tmp_path: Path
) -> None:
    place, witness = watched
    never = place.server.run(
        *("audit", "go-on", "--data", str(place.server.data)),
        *("--to", str(tmp_path / "requests"), "--reason", REASON),
    )
    assert never.returncode == 1
    assert "nothing was put back here" in never.stderr

    # Another history under the same keys, long enough to be believed: its proof does not fit.
    again = put_back(place, tmp_path / "again")
    step(again, "rewrite")
    requests = tmp_path / "rewritten"
    asked = again.run(
        *("audit", "go-on", "--data", str(again.data)),
        *("--to", str(requests), "--reason", REASON),
    )
    assert asked.returncode == 0, asked.stderr
    (request,) = requests.iterdir()
    before = (witness.folder / "signed.jsonl").read_bytes()
    code, said = went_on(witness, request)
    assert (code, "does not contain" in said) == (1, True), said
    assert (witness.folder / "signed.jsonl").read_bytes() == before
    witness.end()
