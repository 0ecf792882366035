"""Long tests go on where they were: what passed for this version is not run again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools import long_tests

PIECES = """
from pathlib import Path
import pytest

@pytest.mark.long
@pytest.mark.parametrize("piece", [1, 2, 3])
def test_piece(piece):
    with Path("ran").open("a") as file:
        file.write(str(piece))
    assert piece != 2 or Path("mended").exists()
    if piece == 3 and not Path("mended").exists():
        pytest.skip("not what counts as passed")

def test_short():
    assert False
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "test_pieces.py").write_text(PIECES)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = long\n")
    (tmp_path / ".gitignore").write_text("*\n!test_pieces.py\n")
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run(
            ["/usr/bin/env", "git", "-c", "user.name=T", "-c", "user.email=t@t.example", *words],
            cwd=tmp_path,
            check=True,
        )
    monkeypatch.setattr(long_tests, "ROOT", tmp_path)
    monkeypatch.setattr(long_tests, "NOTES", tmp_path / "notes")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # three times as fast to start
    return tmp_path


def test_what_passed_is_not_run_again_until_something_changes(folder: Path) -> None:
    assert long_tests.main(["test_pieces.py"]) == 1
    assert (folder / "ran").read_text() == "123"
    (folder / "mended").touch()
    assert long_tests.main(["test_pieces.py"]) == 0
    assert (folder / "ran").read_text() == "12323"
    assert long_tests.main(["test_pieces.py"]) == 0
    assert (folder / "ran").read_text() == "12323"
    (folder / "test_pieces.py").write_text(PIECES + "\n")
    assert long_tests.main(["test_pieces.py"]) == 0
    assert (folder / "ran").read_text() == "12323123"


def test_steps_of_a_journey_are_one_piece(folder: Path) -> None:
    (folder / "journeys").mkdir()
    (folder / "journeys" / "test_steps.py").write_text(PIECES)
    assert long_tests.collected(["journeys"]) == ["journeys/test_steps.py"]
