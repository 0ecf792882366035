"""Whatever is done to an object, it is read or refused by name, quickly and in little memory."""

from __future__ import annotations

import io
import math
import time
import tracemalloc
from typing import Any

import orjson
import pytest

from fuzzing import PIECES, numbers, seeds, spoiled_bytes, spoiled_structure, survived
from oracle import model_by_pydicom
from safelight.dicom.elements.iso2022 import REPLACEMENT
from safelight.dicom.json.model import to_json
from safelight.dicom.json.summary import instance_answer, search_facts, series_answer, study_answer
from safelight.dicom.pixels.frames import frame_table
from safelight.dicom.pixels.layout import describe
from safelight.dicom.reading.digest import dataset_digest
from safelight.dicom.reading.index import UnreadableError, index, scan
from safelight.dicom.registry.tags import TRANSFER_SYNTAX_UID
from safelight.dicom.source import BytesSource
from safelight.dicom.writing.transcoding import can_transcode

BYTES, STRUCTURED = 20_000, 5_000
SECONDS = 5.0
MOST_MEMORY = 32 << 20


def use_all_of(data: bytes) -> bool:
    """Do with the bytes all that intake and the answers do; say whether they were accepted."""
    source = BytesSource(data)
    try:
        model = to_json(scan(source))
        orjson.dumps([model, study_answer(model), series_answer(model), instance_answer(model)])
        search_facts(model)
        header = index(source)
        dataset_digest(header, source)
        frame_table(header, source)
        can_transcode(header, "1.2.840.10008.1.2.1")
        describe(model)
    except UnreadableError as error:
        assert error.reason.explanation  # noqa: PT017  (either outcome is right)
        return False
    return True


def try_all(kind: str, count: int, piece: int) -> None:
    spoil = {"bytes": spoiled_bytes, "structure": spoiled_structure}[kind]
    accepted = 0
    for number in numbers(count, piece):
        data = spoil(number)
        began = time.process_time()
        accepted += use_all_of(data)
        assert time.process_time() - began < SECONDS, (kind, number)
    assert 0 < accepted < count // PIECES
    survived(f"reading-{kind}", len(numbers(count, piece)), piece)


@pytest.mark.parametrize(("kind", "count"), [("bytes", BYTES), ("structure", STRUCTURED)])
def test_a_spoiled_object_is_read_or_refused_by_name(kind: str, count: int) -> None:
    assert len(seeds()) == 40
    try_all(kind, count, 0)


@pytest.mark.long
@pytest.mark.parametrize("piece", range(1, PIECES))
@pytest.mark.parametrize(("kind", "count"), [("bytes", BYTES), ("structure", STRUCTURED)])
def test_many_more_spoiled_objects_are(kind: str, count: int, piece: int) -> None:
    try_all(kind, count, piece)


def without_damaged_text(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Take out of both what is damaged text here and a guess in Latin-1 there."""
    for tag in list(ours):
        one, other = ours[tag], theirs.get(tag, {})
        if one["vr"] == "SQ":
            for item, twin in zip(one["Value"], other.get("Value", []), strict=False):
                without_damaged_text(item, twin)
        elif other.get("vr") == one["vr"] and (
            REPLACEMENT in str(one.get("Value")) or any(map(is_beyond_json, other.get("Value", [])))
        ):
            del ours[tag], theirs[tag]
        elif tag == "7FE00010" and other:
            other["vr"] = one["vr"]  # OB or OW of a length that lies: either will do


def is_beyond_json(value: object) -> bool:
    """Say whether this is a number that JSON, or most of its readers, cannot hold: text here."""
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, int) and abs(value) >= 1 << 63


def compare_with_pydicom(kind: str, count: int, piece: int) -> int:
    """Compare where both accept the object; return how many were.

    Left out: what ends before the file does (pydicom takes bytes behind the pixels for
    elements), what does not name its transfer syntax, and the deflated syntaxes that pydicom
    does not inflate.
    """
    spoil = {"bytes": spoiled_bytes, "structure": spoiled_structure}[kind]
    compared = 0
    for number in numbers(count, piece):
        data = spoil(number)
        try:
            header = scan(BytesSource(data))
        except UnreadableError:
            continue
        whole = header.dataset_offset + header.data_size == len(data)
        if not whole or TRANSFER_SYNTAX_UID not in header.meta or header.dataset is not None:
            continue
        ours = to_json(header)
        try:
            theirs = model_by_pydicom(io.BytesIO(data), ours)
        except Exception:  # noqa: BLE001, S112  (pydicom refuses in many ways)
            continue
        without_damaged_text(ours, theirs)
        assert ours == theirs, (kind, number)
        compared += 1
    return compared


@pytest.mark.parametrize(("kind", "count"), [("bytes", BYTES // 4), ("structure", STRUCTURED)])
def test_what_pydicom_accepts_as_well_reads_alike(kind: str, count: int) -> None:
    assert compare_with_pydicom(kind, count, 0) > count // PIECES // 20


@pytest.mark.long
@pytest.mark.parametrize("piece", range(1, PIECES))
@pytest.mark.parametrize(("kind", "count"), [("bytes", BYTES // 4), ("structure", STRUCTURED)])
def test_many_more_of_them_read_alike(kind: str, count: int, piece: int) -> None:
    assert compare_with_pydicom(kind, count, piece) > count // PIECES // 20


def test_a_spoiled_object_allocates_nothing_that_it_only_declares() -> None:
    spoiled = [spoiled_structure(number) for number in range(400)]
    tracemalloc.start()
    try:
        for data in spoiled:
            use_all_of(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_MEMORY
