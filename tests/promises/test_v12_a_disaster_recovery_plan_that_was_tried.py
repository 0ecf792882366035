"""V12: there is a disaster recovery plan, and the way back was gone.

A backup is put back on an empty place, looked through, and what it took is on record,
signed. The page to fill in says who does what.
"""

from __future__ import annotations

import json
from pathlib import Path

from kept_elsewhere import served

PLAN = Path(__file__).parents[2] / "docs" / "how-to" / "disaster-recovery-plan.md"


def test_the_way_back_is_practised_and_the_proof_is_kept(tmp_path: Path) -> None:
    place = served(tmp_path / "clinic")
    made = place.back_up()
    data = str(place.server.data)

    done = place.server.run("drill", "--data", data, "--backup-key", str(place.key))

    assert done.returncode == 0, done.stderr
    assert f"Backup {made} was put back" in done.stdout
    assert "recovery time" in done.stdout
    assert "The record is whole" in done.stdout
    told = json.loads(place.server.run("doctor", "--data", data, "--json").stdout)
    practised = [each for each in told if "the way back was practised" in each["what"]]
    assert [each["good"] for each in practised] == [True]


def test_the_plan_has_a_version_an_owner_and_targets() -> None:
    plan = PLAN.read_text()
    for line in ("| Version |", "| Owner |", "(RPO)", "(RTO)", "Register of drills"):
        assert line in plan
