"""Do the documents say what is there? Links, numbers, generated pages, folders."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DECISIONS = ROOT / "docs" / "adr"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)")
LONGEST_DECISION = 60


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    dead = [name for name in LINK.findall(page.read_text()) if not (page.parent / name).exists()]
    assert dead == []


def test_decisions_are_numbered_without_holes_and_all_listed() -> None:
    names = sorted(path.name for path in DECISIONS.glob("[0-9]*.md"))
    numbers = [int(name[:4]) for name in names]
    listed = LINK.findall((DECISIONS / "README.md").read_text())

    assert numbers == list(range(1, len(names) + 1))
    assert listed == names


@pytest.mark.parametrize("page", sorted(DECISIONS.glob("[0-9]*.md")), ids=lambda page: page.name)
def test_a_decision_says_context_options_decision_and_consequences(page: Path) -> None:
    text = page.read_text()

    assert text.startswith(f"# {page.name[:4]} ")
    for part in ("**Context.**", "**Options", "**Decision.**", "**Consequences.**"):
        assert part in text
    assert len(text.splitlines()) <= LONGEST_DECISION


def test_every_floor_and_room_stands_in_the_architecture() -> None:
    told = (ROOT / "ARCHITECTURE.md").read_text()
    source = ROOT / "src" / "safelight"
    floors = [path.parent for path in source.glob("*/__init__.py")]
    for floor in floors:
        assert f"`{floor.name}`" in told, floor.name
    for name in ("surfaces", "governance", "exchange", "records", "platform", "dicom"):
        for room in source.glob(f"{name}/*/__init__.py"):
            assert f"`{room.parent.name}`" in told, room.parent


def test_every_top_level_folder_stands_in_the_architecture() -> None:
    listed = subprocess.run(
        ["git", "ls-files"],  # noqa: S607 (the git of whoever runs the tests)
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    folders = {name.partition("/")[0] for name in listed.stdout.splitlines() if "/" in name}
    told = (ROOT / "ARCHITECTURE.md").read_text()

    unsaid = {name for name in folders if not name.startswith(".") and f"`{name}" not in told}
    assert unsaid == set()


def test_generated_pages_are_as_the_code_says() -> None:
    made = subprocess.run(
        [sys.executable, "tools/write_reference.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr


def test_the_readme_names_the_two_commands() -> None:
    told = (ROOT / "README.md").read_text()

    assert "make demo" in told
    assert "make test" in told
