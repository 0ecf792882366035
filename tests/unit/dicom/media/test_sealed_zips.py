"""Is a sealed zip opened with its passphrase alone, by programs of others?"""

from __future__ import annotations

import shutil
import subprocess
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from archives import GOOD, noise
from opened_zips import opened
from safelight.dicom.media.iso9660 import DiscFile, UnfitFileError
from safelight.dicom.media.sealed_zip import sealed_zip

AT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
WORD = "abcde-01234-fghjk-56789"
FILES = {"DICOM/00000001": GOOD, "NOTHING.TXT": b"", "LARGE": noise(4, 3_000_017), "ONE": b"x"}


def in_pieces(data: bytes) -> Iterator[bytes]:
    """Yield bytes in pieces of many sizes."""
    at, size = 0, 1
    while at < len(data):
        yield data[at : at + size]
        at, size = at + size, size * 3 % 100_003 + 1


def sealed(word: str = WORD) -> bytes:
    files = [
        DiscFile(tuple(name.split("/")), len(data), partial(in_pieces, data))
        for name, data in FILES.items()
    ]
    return b"".join(sealed_zip(files, passphrase=word, at=AT))


def test_it_opens_with_its_passphrase_by_the_words_of_the_format() -> None:
    data = sealed()
    assert opened(data, WORD) == FILES
    assert GOOD[200:300] not in data
    assert sealed() != data


def test_it_opens_in_another_program_and_not_without_the_passphrase(tmp_path: Path) -> None:
    program = shutil.which("7z") or shutil.which("7za")
    if program is None:
        pytest.skip("7-Zip is not here")
    place, out = tmp_path / "sealed.zip", tmp_path / "out"
    place.write_bytes(sealed())
    told = subprocess.run(
        [program, "x", f"-p{WORD}", f"-o{out}", place], check=False, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stdout
    assert {name: (out / name).read_bytes() for name in FILES} == FILES
    wrong = subprocess.run(
        [program, "t", "-pwrong", place], check=False, capture_output=True, text=True
    )
    assert "Wrong password" in wrong.stdout + wrong.stderr
    spoiled = bytearray(place.read_bytes())
    spoiled[spoiled.index(b"LARGE") + 5000] ^= 1
    place.write_bytes(spoiled)
    changed = subprocess.run([program, "t", f"-p{WORD}", place], check=False, capture_output=True)
    assert changed.returncode != 0


def test_what_is_longer_or_shorter_than_was_said_ends_it() -> None:
    for said in (len(GOOD) - 1, len(GOOD) + 1):
        files = [DiscFile(("A",), said, partial(iter, [GOOD]))]
        with pytest.raises(UnfitFileError):
            list(sealed_zip(files, passphrase=WORD, at=AT))


def test_it_is_made_in_little_memory() -> None:
    piece = bytes(1 << 20)
    files = [DiscFile(("LARGE",), 64 << 20, lambda: (piece for _ in range(64)))]
    tracemalloc.start()
    size = sum(len(each) for each in sealed_zip(files, passphrase=WORD, at=AT))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 64 << 20
    assert most < 16 << 20
