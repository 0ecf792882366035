"""Is any of these files a medical image, a disc directory or a large binary?

People's images must never enter the repository. Tests make their own data, or take it
from installed packages. Given no names, the files that git tracks are looked at.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LARGEST_BINARY = 512 * 1024
DICOM_PREFIX = b"DICM"
PREFIX_AT = 128
LOOKED_AT = 8192


def refusals(path: Path) -> Iterator[str]:
    """Yield each reason why `path` does not belong in the repository."""
    if not path.is_file() or path.is_symlink():
        return
    with path.open("rb") as file:
        start = file.read(LOOKED_AT)
    if path.suffix.lower() in {".dcm", ".dicom", ".ima"}:
        yield "has the name of a DICOM file"
    if path.name.upper() == "DICOMDIR":
        yield "is the directory of a disc"
    if start[PREFIX_AT : PREFIX_AT + len(DICOM_PREFIX)] == DICOM_PREFIX:
        yield "is a DICOM file by its content"
    if b"\0" in start and path.stat().st_size > LARGEST_BINARY:
        yield f"is a binary of more than {LARGEST_BINARY // 1024} KiB"


def tracked() -> list[str]:
    """Return the names of all files that git tracks here."""
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603 (our own words, no shell)
    return [name for name in listed.stdout.split("\0") if name]


def main(names: list[str]) -> int:
    """Print what is refused; return 1 if anything is."""
    found = [f"{name}: {why}" for name in names or tracked() for why in refusals(ROOT / name)]
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
