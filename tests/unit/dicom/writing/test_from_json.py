"""A DICOM JSON model becomes a file that says the same, or is refused."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objects import a_file
from safelight.dicom.json.bulk import bulk_value
from safelight.dicom.json.model import to_json
from safelight.dicom.reading.index import index, scan
from safelight.dicom.reasons import UnreadableError
from safelight.dicom.source import BytesSource, Source
from safelight.dicom.writing.from_json import Spliced, to_file
from samples import all_files

IDENTITY: dict[str, Any] = {
    "00080016": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.7"]},
    "00080018": {"vr": "UI", "Value": ["1.2.3.4"]},
    "0020000D": {"vr": "UI", "Value": ["1.2.3"]},
    "0020000E": {"vr": "UI", "Value": ["1.2.3.5"]},
}


def nothing(_name: str) -> Source | None:
    return None


def test_what_a_file_says_is_what_its_model_makes_again() -> None:
    tried = 0
    for sample in islice(all_files(), 0, None, 3):
        source = BytesSource(sample.data)
        try:
            header = index(source)
        except UnreadableError:
            continue
        if header.pixels is not None and header.pixels.encapsulated:
            continue
        model = to_json(header)
        if any(each.get("vr") == "UN" for each in model.values()):
            continue  # an implicit data set's unknown elements have no length bound of their own

        def value(name: str, held: Source = source) -> Source:
            return BytesSource(bulk_value(held, name.removeprefix("bulkdata/")))

        made = to_file(model, value)
        again = to_json(index(made))
        model["00080005"] = {"vr": "CS", "Value": ["ISO_IR 192"]}
        _without_charsets(model)
        _without_charsets(again)
        assert again == model, sample.name
        tried += 1
    assert tried > 10


def _without_charsets(model: dict[str, Any]) -> None:
    """Leave out what an item says of its own letters: the whole is in UTF-8."""
    model.pop("00080005", None)
    for element in model.values():
        if element["vr"] == "SQ":
            for item in element.get("Value", []):
                _without_charsets(item)


def test_values_are_written_as_their_representation_has_them() -> None:
    told = IDENTITY | {
        "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Ya^Ta", "Ideographic": "山田^太郎"}]},
        "00101030": {"vr": "DS", "Value": [70.123456789012345, 1e-30]},
        "00200013": {"vr": "IS", "Value": [7]},
        "00280010": {"vr": "US", "Value": [16]},
        "00091001": {"vr": "OB", "InlineBinary": "AAEC"},
        "00089215": {"vr": "SQ", "Value": [{"00080100": {"vr": "SH", "Value": ["A"]}}, {}]},
        "00281199": {"vr": "AT", "Value": ["00280010"]},
        "00081030": {"vr": "LO"},
    }  # fmt: skip
    model = to_json(scan(to_file(told, nothing)))
    assert model["00100010"] == told["00100010"]
    assert model["00101030"]["Value"] == [70.12345679, 1e-30]
    assert model["00091001"]["InlineBinary"] == "AAECAA=="
    assert model["00089215"]["Value"][0]["00080100"]["Value"] == ["A"]
    assert model["00089215"]["Value"][1] == {}
    assert model["00281199"]["Value"] == ["00280010"]
    assert model["00081030"] == {"vr": "LO"}


@pytest.mark.parametrize(
    "change",
    [
        {"00080018": {"vr": "UI"}}, {"00080018": {"vr": "UI", "Value": ["../.."]}}, {"x": {}},
        {"00100010": "name"}, {"00100010": {"vr": "PN", "Value": "x"}}, {"00280010": {"vr": 7}},
        {"00280010": {"vr": "US", "Value": [70000]}}, {"00280010": {"vr": "US", "Value": ["x"]}},
        {"00280010": {"vr": "ZZ", "Value": ["x"]}}, {"00200013": {"vr": "IS", "Value": [[]]}},
        {"00091001": {"vr": "OB", "InlineBinary": "%%"}}, {"00089215": {"vr": "SQ", "Value": [7]}},
        {"7FE00010": {"vr": "OW", "BulkDataURI": "nowhere"}},
        {"00081030": {"vr": "LO", "Value": ["a\\b"]}}, {"00081030": {"vr": "LO", "Value": [True]}},
        {"00081030": {"vr": "LO", "Value": ["x" * 70000]}},
    ],
)  # fmt: skip
def test_a_model_that_is_none_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError):
        to_file(IDENTITY | change, nothing)


@pytest.mark.parametrize(
    "element",
    [
        {"vr": "s\u00e9", "BulkDataURI": "there"}, {"vr": "OBOW", "BulkDataURI": "there"},
        {"vr": ["OB"], "BulkDataURI": "there"}, {"vr": "", "BulkDataURI": "there"},
    ],
)  # fmt: skip
def test_only_a_representation_that_there_is_may_name_bulk_data(element: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError):
        to_file(IDENTITY | {"00091001": element}, lambda _name: BytesSource(b"there"))


def test_a_tag_in_small_letters_and_in_capitals_is_there_twice() -> None:
    for other in ({"vr": "LO"}, {"vr": "LO", "Value": ["a"]}):
        with pytest.raises(UnreadableError):
            to_file(IDENTITY | {"0008103e": {"vr": "LO"}, "0008103E": other}, nothing)


@pytest.mark.parametrize("named", ["\u00e9", "JPEG", "1.2.840.10008.1.2.2", "1.2." * 30])
def test_a_transfer_syntax_that_is_none_is_refused(named: str) -> None:
    with pytest.raises(UnreadableError):
        to_file(IDENTITY, nothing, transfer_syntax=named)


def test_a_model_that_is_too_deep_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(60):
        deep = {"00089215": {"vr": "SQ", "Value": [deep]}}
    with pytest.raises(UnreadableError):
        to_file(IDENTITY | deep, nothing)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
KINDS = st.sampled_from(["PN", "US", "SQ", "OB", "DS", "IS", "AT", "UI"])
KEYS = st.from_regex("[0-9A-F]{8}", fullmatch=True)


@given(st.dictionaries(KEYS, st.fixed_dictionaries({"vr": KINDS, "Value": ANY}) | ANY, max_size=4))
def test_no_model_does_more_than_be_refused(change: dict[str, Any]) -> None:
    try:
        made = to_file(IDENTITY | change, nothing)
    except UnreadableError:
        return
    assert len(made.read(0, made.size)) == made.size


@given(st.lists(st.binary(max_size=9), max_size=6), st.integers(0, 60), st.integers(0, 60))
def test_spliced_sources_read_as_one(pieces: list[bytes], offset: int, length: int) -> None:
    whole = b"".join(pieces)
    made = Spliced.of([BytesSource(piece) for piece in pieces])
    assert made.size == len(whole)
    assert made.read(offset, length) == whole[offset : offset + length]


def test_a_whole_file_survives() -> None:
    data = a_file()
    header = index(BytesSource(data))
    made = to_file(to_json(header), lambda _name: BytesSource(data[-512:]))
    start = header.dataset_offset
    assert made.read(made.size - len(data) + start, made.size) == data[start:]
