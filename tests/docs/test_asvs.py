"""The table of the OWASP ASVS says how each requirement stands, and points at what is there."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
with (ROOT / "docs" / "asvs.csv").open() as _file:
    ROWS = list(csv.DictReader(_file))
STATES = {"met", "not applicable", "open"}
LEVELS = {"1": 70, "2": 183}  # how many ASVS 5.0.0 has of each
CHOSEN = {
    *("1.2.10", "1.3.12", "1.5.3", "2.3.5", "3.4.8", "3.5.8", "3.6.1", "5.2.4", "5.2.5", "5.2.6"),
    *("5.3.3", "6.3.5", "6.3.7", "6.3.8", "6.4.6", "7.5.3", "8.3.2", "8.3.3", "11.1.4", "11.2.4"),
    *("11.2.5", "11.3.4", "13.1.4", "13.3.4", "13.4.6", "14.2.6", "14.2.7", "14.2.8", "15.2.5"),
    *("15.4.2", "16.5.4"),
}


def test_every_requirement_of_levels_one_and_two_is_there_once() -> None:
    ids = [row["id"] for row in ROWS]
    assert len(ids) == len(set(ids))
    for level, count in LEVELS.items():
        assert sum(row["level"] == level for row in ROWS) == count
    assert {row["id"] for row in ROWS if row["level"] == "3"} == CHOSEN
    assert ids == sorted(ids, key=lambda each: [int(part) for part in each.split(".")])


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_what_a_row_points_at_exists(row: dict[str, str]) -> None:
    assert row["status"] in STATES
    assert row["in our words"]
    if row["status"] == "met":
        assert (ROOT / row["code"]).exists(), row["code"]
        file, _, name = row["test"].partition("::")
        assert row["test"]
        assert (ROOT / file).exists(), file
        assert not name or f"def {name}(" in (ROOT / file).read_text()
    else:
        assert row["reason"], "say why"
        assert not row["test"]
