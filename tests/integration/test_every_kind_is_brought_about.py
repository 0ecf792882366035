"""Is each kind of event really brought about by an act? Requirement AT-12.2.

The acts are those of other tests: each of those named in tests/kinds_shown.txt runs again, in
a process of its own, and what it wrote into the record is looked at.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from enum import StrEnum
from importlib import import_module
from inspect import getmembers, isclass
from pathlib import Path

import pytest

import safelight
from figures import figure
from safelight.platform.audit.events import Outcome

ROOT = Path(__file__).parent.parent.parent
PIECES = 20
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "kinds_seen", "-p", "no:cacheprovider")
SHOWN = ROOT / "tests" / "kinds_shown.txt"
_SOURCE = Path(safelight.__file__).parent


def table() -> dict[str, list[str]]:
    """Return the kinds that each test shows."""
    shown_by: dict[str, list[str]] = {}
    kinds: list[str] = []
    for line in SHOWN.read_text().splitlines():
        if line.startswith("    "):
            kinds.extend(line.split())
        elif line and not line.startswith("#"):
            kinds = shown_by.setdefault(line, [])
    return shown_by


SHOWN_BY = table()


def declared() -> set[str]:
    """Return each kind that a room declares."""
    found = set()
    for path in _SOURCE.rglob("events.py"):
        name = ".".join(path.relative_to(_SOURCE.parent).with_suffix("").parts)
        for _, each in getmembers(import_module(name), isclass):
            if issubclass(each, StrEnum) and each is not Outcome and each.__module__ == name:
                found |= {kind.value for kind in each}
    return found


def shown() -> set[str]:
    return {kind for kinds in SHOWN_BY.values() for kind in kinds}


def test_a_new_kind_of_event_is_shown_by_an_act() -> None:
    assert declared() == shown()


def test_each_act_is_a_test_that_is_there() -> None:
    for node in SHOWN_BY:
        path, _, name = node.partition("::")
        assert f"def {name.partition('[')[0]}(" in (ROOT / path).read_text(), node


def run_again(nodes: list[str], folder: Path) -> dict[str, set[str]]:
    """Run some tests in a process of their own; return what each wrote into the record."""
    seen = folder / "seen.jsonl"
    # Those tests make a data folder and settings of their own.
    ours = ("SAFELIGHT_", "DJANGO_", "PYTEST_")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(
        [*PYTEST, *nodes],
        cwd=ROOT,
        env=clean | {"SAFELIGHT_KINDS_SEEN": str(seen), "PYTHONPATH": "tests"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    lines = [json.loads(line) for line in seen.read_text().splitlines()]
    return {line["node"]: set(line["kinds"]) for line in lines}


@pytest.mark.parametrize(
    "piece", [0, *(pytest.param(piece, marks=pytest.mark.long) for piece in range(1, PIECES))]
)
def test_each_act_brings_about_its_kinds(piece: int, tmp_path: Path) -> None:
    nodes = sorted(SHOWN_BY)[piece::PIECES]
    seen = run_again(nodes, tmp_path)
    missing = {node: set(SHOWN_BY[node]) - seen[node] for node in nodes}
    assert {node: kinds for node, kinds in missing.items() if kinds} == {}
    figure(f"kinds.brought_about.{piece}", sum(len(SHOWN_BY[node]) for node in nodes), "kinds")
