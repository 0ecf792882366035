"""Does the hook keep people's pictures and big binaries out of the repository?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HOOK = Path(__file__).resolve().parents[3] / "tools" / "refuse_foreign_files.py"
DICOM = bytes(128) + b"DICM" + bytes(64)


def refused(path: Path) -> str:
    """Return what the hook says about one file."""
    command = [sys.executable, str(HOOK), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == (1 if done.stdout else 0), done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        pytest.param("chest.dcm", b"anything", "the name of a DICOM file", id="by-name"),
        pytest.param("DICOMDIR", b"anything", "the directory of a disc", id="disc"),
        pytest.param("notes.txt", DICOM, "a DICOM file by its content", id="renamed"),
        pytest.param("blob", bytes(600 * 1024), "more than 512 KiB", id="large-binary"),
    ],
)
def test_what_does_not_belong_here_is_refused_with_its_reason(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    assert reason in refused(path)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"words\n" * 200_000, id="long-text"),
        pytest.param(bytes(1000), id="small-binary"),
    ],
)
def test_texts_and_small_binaries_may_come(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "kept"
    path.write_bytes(content)

    assert refused(path) == ""
