"""Does the release report add up what was counted, and say plainly what was not?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import write_report
from tools.write_report import main

COMMIT = "abc123"


@pytest.fixture
def counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the report read and write in a folder of the test."""
    monkeypatch.setattr(write_report, "ROOT", tmp_path)
    monkeypatch.setattr(write_report, "FIGURES", tmp_path / "figures.jsonl")
    monkeypatch.setattr(write_report, "REPORT", tmp_path / "release-report.md")
    monkeypatch.setattr(write_report, "_commit", lambda: COMMIT)
    return tmp_path


def count(folder: Path, name: str, value: float, commit: str = COMMIT) -> None:
    line = {"name": name, "value": value, "unit": "things", "commit": commit}
    line |= {"at": "2026-05-12T10:00:00+00:00", "machine": "a machine"}
    with (folder / "figures.jsonl").open("a") as kept:
        kept.write(json.dumps(line) + "\n")


def report(folder: Path) -> str:
    return (folder / "release-report.md").read_text()


def test_without_any_figure_every_line_says_that_it_has_none(counted: Path) -> None:
    assert main() == 0
    said = report(counted)
    assert said.count("no figure") >= len(write_report.BLOCK)
    missing = said.partition("## Not counted at this commit")[2]
    assert all(f"- {words}" in missing for words, _ in write_report.BLOCK)


def test_pieces_add_up_and_the_newest_of_each_counts(counted: Path) -> None:
    for value in (7, 90):
        count(counted, "kills.made.1", value)
    count(counted, "kills.made.2", 10)
    count(counted, "kills.lost.1", 0)
    assert main() == 0
    assert (
        "| Servers killed / acknowledged objects lost | 100 / 0 | 2026-05-12 on a machine |"
        in report(counted)
    )
    assert "- Servers killed" not in report(counted)


def test_a_figure_of_another_commit_never_passes_for_one_of_this(counted: Path) -> None:
    count(counted, "kills.made", 100, commit="old")
    count(counted, "kills.lost", 0, commit="old")
    assert main() == 0
    assert "| 100 / 0 | 2026-05-12 at `old` on a machine |" in report(counted)
    assert "- Servers killed / acknowledged objects lost" in report(counted)


@pytest.mark.parametrize(
    ("figures", "wrong"),
    [
        ({"kills.lost": 1}, "`kills.lost` is 1"),
        ({"tampers.made": 1000, "tampers.found": 999}, "`tampers.found` is 999"),
        ({"advisories.open": 0, "advisories.skipped": 53}, "`advisories.skipped` is 53"),
        ({"schemathesis.cases": 9, "schemathesis.wrong": 1}, "`schemathesis.wrong` is 1"),
        ({"alerts.normal_day": 2}, "`alerts.normal_day` is 2"),
    ],
)
def test_what_is_wrong_is_said_and_ends_with_one(
    counted: Path, figures: dict[str, float], wrong: str
) -> None:
    for name, value in figures.items():
        count(counted, name, value)
    assert main() == 1
    assert wrong in report(counted).partition("## What is wrong")[2]


def test_whatever_else_was_counted_is_shown_too(counted: Path) -> None:
    count(counted, "tls.weak", 0)
    assert main() == 0
    assert "| `tls.weak` | 0 things | 2026-05-12 on a machine |" in report(counted)
