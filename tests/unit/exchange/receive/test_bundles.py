"""A bundle is exactly what its manifest says, or it is broken."""

from __future__ import annotations

from typing import Any

import pytest

from safelight.dicom.source import BytesSource
from safelight.exchange.receive.bundles import FileKind, Slice, files_of
from safelight.exchange.receive.errors import BundleBrokenError
from uploading import bundle, manifest_line


def line(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 (what JSON holds)
    return {"n": 0, "size": 5, "sha256": "0" * 64, "kind": "dicom"} | changes


def test_files_lie_one_after_the_other_behind_the_manifest() -> None:
    declared = {"title": "Letter", "study_date": "2026-04-28"}
    data = bundle(
        (manifest_line(7, b"abc"), b"abc"),
        (manifest_line(3, b"%PDF", "pdf", declared=declared), b"%PDF"),
    )
    picture, paper = files_of(BytesSource(data))
    assert (picture.number, picture.kind, picture.title) == (7, FileKind.DICOM, "")
    assert (paper.number, paper.kind, paper.title, paper.on) == (3, "pdf", "Letter", "20260428")
    assert data[picture.offset :][: picture.size] == b"abc"
    assert data[paper.offset :][: paper.size] == b"%PDF"


def test_a_slice_shows_its_stretch_and_nothing_beyond() -> None:
    stretch = Slice(BytesSource(b"0123456789"), 3, 4)
    assert stretch.read(0, 99) == b"3456"
    assert stretch.read(2, 1) == b"5"
    assert stretch.read(4, 1) == stretch.read(-1, 1) == b""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"SLBNDL1\n",
        b"no bundle at all",
        b"SLBNDL1\n\xff\xff\xff\xff{}",
        b"SLBNDL1\n\x00\x00\x00\x02{}",
        b"SLBNDL1\n\x00\x00\x00\x02[]",
        b"SLBNDL1\n\x00\x00\x00\x01{",
        b'SLBNDL1\n\x00\x00\x00\x0b{"files":{}}',
        bundle((line(size=99), b"short")),
        bundle((line(size=4), b"short")),
        bundle((line(size=-1), b"short")),
        bundle((line(n=True), b"short")),
        bundle((line(n=-1), b"short")),
        bundle((line(n="0"), b"short")),
        bundle((line(kind="exe"), b"short")),
        bundle((line(sha256="0" * 63), b"short")),
        bundle((line(sha256=None), b"short")),
        bundle((line(declared=[]), b"short")),
        bundle((line(declared={"title": "x" * 65}), b"short")),
        bundle((line(declared={"study_date": "soon"}), b"short")),
        bundle((line(), b"short"), (line(), b"short")),
    ],
)
def test_anything_else_is_broken(data: bytes) -> None:
    with pytest.raises(BundleBrokenError):
        files_of(BytesSource(data))
