"""However a body is cut into chunks, the same parts come out."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.surfaces.dicomweb import stow_parts
from safelight.surfaces.dicomweb.stow_parts import BrokenBodyError, PartReader

BOUNDARY = b"edge"
TRICKY = st.sampled_from([b"", b"\r\n", b"\r\n--edg", b"--edge", b"\r", b"\r\n--edge-", b"-" * 9])


def body_of(parts: list[bytes]) -> bytes:
    heads = b"".join(
        b"--edge\r\nContent-Type: application/dicom\r\n\r\n" + part + b"\r\n" for part in parts
    )
    return heads + b"--edge--\r\n"


def read(body: bytes, cuts: list[int]) -> tuple[list[bytes], PartReader]:
    reader = PartReader(BOUNDARY)
    found: list[bytes] = []
    edges = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    for start, stop in pairwise(edges):
        for part in reader.feed(body[start:stop]):
            assert part.source is not None
            assert part.number == len(found)
            found.append(part.source.read(0, part.source.size))
    return found, reader


@given(
    parts=st.lists(st.lists(st.one_of(st.binary(max_size=30), TRICKY)).map(b"".join), max_size=4),
    cuts=st.lists(st.integers(0, 10_000), max_size=12),
)
@settings(max_examples=300, deadline=None)
def test_parts_do_not_depend_on_how_the_body_arrives(parts: list[bytes], cuts: list[int]) -> None:
    parts = [part for part in parts if b"\r\n--edge" not in b"\r\n" + part + b"\r\n"]
    found, reader = read(body_of(parts), cuts)
    assert found == parts
    assert reader.fault is None
    assert reader.leftover() is None


@given(junk=st.binary(max_size=200), cuts=st.lists(st.integers(0, 300), max_size=5))
@settings(max_examples=300, deadline=None)
def test_junk_ends_in_a_fault_or_in_nothing_never_in_an_exception(
    junk: bytes, cuts: list[int]
) -> None:
    found, reader = read(junk, cuts)
    assert isinstance(found, list)
    reader.close()


def test_a_cut_body_names_the_part_that_is_missing() -> None:
    found, reader = read(body_of([b"one", b"two"])[:-15], [])
    assert found == [b"one"]
    assert reader.leftover() == 1


def test_a_boundary_beyond_all_measure_is_refused() -> None:
    with pytest.raises(BrokenBodyError):
        PartReader(b"x" * 10_000)


def test_a_large_part_lies_sealed_on_disk_and_without_a_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stow_parts, "IN_MEMORY", 1 << 16)
    secret = b"Berg^Anna" * 20_000
    reader = PartReader(BOUNDARY)
    body = body_of([secret])
    assert reader.feed(body[:-40]) == []
    assert reader.is_spooling
    (part,) = reader.feed(body[-40:])
    assert part.source is not None
    assert part.source.read(0, part.source.size) == secret
    part.discard()
    part.discard()
