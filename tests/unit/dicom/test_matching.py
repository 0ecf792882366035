"""How a query's keys match an answer (PS3.4 C.2.2.2)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from safelight.dicom.matching import Key, date_range, matches

ANSWER: dict[str, Any] = {
    "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Müller^Anna^Maria"}]},
    "00100020": {"vr": "LO", "Value": ["A-1"]},
    "00080020": {"vr": "DA", "Value": ["20260503"]},
    "0020000D": {"vr": "UI", "Value": ["1.2.3"]},
    "00080061": {"vr": "CS", "Value": ["CT", "SR"]},
    "00201206": {"vr": "IS", "Value": [3]},
    "00081030": {"vr": "LO"},
    "00400275": {
        "vr": "SQ",
        "Value": [{"00400009": {"vr": "SH", "Value": ["P7"]}}],
    },
}


@pytest.mark.parametrize(
    ("path", "wanted", "fits"),
    [
        pytest.param(("00100020",), "A-1", True, id="single value"),
        pytest.param(("00100020",), "a-1", False, id="identifiers keep their case"),
        pytest.param(("00100020",), "", True, id="universal"),
        pytest.param(("00100020",), "*", True, id="a star alone"),
        pytest.param(("00100020",), "A*", True, id="any run"),
        pytest.param(("00100020",), "A-?", True, id="any one letter"),
        pytest.param(("00100020",), "A.1", False, id="a dot is only a dot"),
        pytest.param(("00100010",), "muller^anna*", True, id="name without accents"),
        pytest.param(("00100010",), "MÜLLER*", True, id="name in capitals"),
        pytest.param(("00100010",), "anna*", False, id="not from the middle"),
        pytest.param(("0020000D",), "1.2.3", True, id="uid"),
        pytest.param(("0020000D",), "9.9,1.2.3", True, id="list of uids"),
        pytest.param(("0020000D",), "1.2", False, id="no part of a uid"),
        pytest.param(("00080020",), "20260501-20260531", True, id="range"),
        pytest.param(("00080020",), "20260504-", False, id="from a day on"),
        pytest.param(("00080020",), "-20260503", True, id="until a day"),
        pytest.param(("00080061",), "SR", True, id="one of several"),
        pytest.param(("00201206",), "3", True, id="number"),
        pytest.param(("00201206",), "x", False, id="not a number"),
        pytest.param(("00081030",), "x", False, id="empty attribute"),
        pytest.param(("00080050",), "x", False, id="absent attribute"),
        pytest.param(("00400275", "00400009"), "P7", True, id="inside a sequence"),
        pytest.param(("00400275", "00400009"), "P8", False, id="another inside a sequence"),
    ],
)
def test_a_key_fits_or_not(path: tuple[str, ...], wanted: str, *, fits: bool) -> None:
    assert matches(ANSWER, [Key(path, wanted)]) is fits


def test_fuzzy_matching_finds_the_words_of_a_name_in_any_order() -> None:
    keys = [Key(("00100010",), "anna mul")]
    assert matches(ANSWER, keys, fuzzy=True)
    assert not matches(ANSWER, keys)
    assert not matches(ANSWER, [Key(("00100010",), "anna schmidt")], fuzzy=True)


def test_every_key_must_fit() -> None:
    keys = [Key(("00100020",), "A-1"), Key(("00080020",), "20250101")]
    assert not matches(ANSWER, keys)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20260503", (date(2026, 5, 3), date(2026, 5, 3))),
        ("20260503-", (date(2026, 5, 3), None)),
        ("-20260503", (None, date(2026, 5, 3))),
        ("20260501-20260503", (date(2026, 5, 1), date(2026, 5, 3))),
        ("nonsense", None),
        ("-", None),
        ("20261303", None),
    ],
)
def test_a_date_key_is_a_first_and_a_last_day(
    text: str, expected: tuple[date | None, date | None] | None
) -> None:
    assert date_range(text) == expected
