"""How a query's keys match an answer (PS3.4 C.2.2.2)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.dicom.search import levels, spans
from safelight.dicom.search.matching import Key, date_range, matches
from safelight.dicom.search.name_keys import letters_asked

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


@pytest.mark.parametrize(
    ("wanted", "fuzzy", "letters"),
    [
        ("Anna Berg", True, ["anna", "berg"]),
        ("*Be?g*^Anna*", True, ["anna", "be"]),
        ("?*", True, []),
        ("Berg^Anna=山田^太郎", True, ["anna", "berg", "太郎", "山田"]),
        ("Berg^Anna*", False, []),
        ("*erg^An?a Mar*=*^太", False, ["mar", "an", "太"]),
        ("*", False, []),
    ],
)
def test_a_key_tells_with_which_letters_words_begin(
    wanted: str,
    fuzzy: bool,  # noqa: FBT001 (a parameter of the test)
    letters: list[str],
) -> None:
    assert letters_asked(wanted, fuzzy=fuzzy) == letters


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


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ("SR\\MR", True),
        ("MR,CT", True),
        ("MR,XA", False),
        ("S*,MR", True),
    ],
)
def test_codes_may_be_asked_for_in_a_list(wanted: str, *, fits: bool) -> None:
    assert matches(ANSWER, [Key(("00080061",), wanted)]) is fits


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ("Yamada*=山田*", True),
        ("=山田^太郎", True),
        ("==やまだ*", True),
        ("Yamada*=鈴木*", False),
        ("Suzuki*=山田*", False),
        ("山田*", True),
        ("Yamada^Tarou", True),
    ],
)
def test_the_groups_of_a_name_are_compared_each_with_its_own(wanted: str, *, fits: bool) -> None:
    name = {"Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎", "Phonetic": "やまだ^たろう"}
    answer = {"00100010": {"vr": "PN", "Value": [name]}}
    assert matches(answer, [Key(("00100010",), wanted)]) is fits


@pytest.mark.parametrize(
    ("vr", "value", "wanted", "fits"),
    [
        ("TM", "101500", "1015", True),
        ("TM", "101500", "101501", False),
        ("TM", "101500", "100000-110000", True),
        ("TM", "101500.25", "-1015", True),
        ("TM", "1015", "1016-", False),
        ("TM", "10:15", "0959-1016", True),
        ("TM", "235960", "2359", True),
        ("TM", "nonsense", "10-", False),
        ("TM", "101500", "nonsense", False),
        ("DA", "2020.01.01", "20191231-20200102", True),
        ("DA", "20200101", "2020*", False),
        ("DT", "20200101", "2019-2021", True),
        ("DT", "20220101", "2019-2021", False),
        ("DT", "20201231235959.5", "202012", True),
        ("DT", "20200101120000-0500", "20200101170000+0000", True),
        ("DT", "20200101120000-0500", "20200101120000+0000", False),
        ("DT", "20200101120000", "20200101110000-0500-20200101130000-0500", True),
        ("DT", "20200101120000+0100", "20200101100000-20200101130000", True),
        ("DT", "99991231", "9999", True),
    ],
)
def test_times_and_moments_lie_in_the_span_that_a_key_names(
    vr: str, value: str, wanted: str, *, fits: bool
) -> None:
    answer = {"00080030": {"vr": vr, "Value": [value]}}
    assert matches(answer, [Key(("00080030",), wanted)]) is fits


@given(st.sampled_from(["DA", "TM", "DT"]), st.text("0123456789.-+: ", max_size=40), st.text())
def test_no_text_breaks_the_reading_of_a_span(vr: str, value: str, wanted: str) -> None:
    assert spans.fits(vr, value, wanted) in {True, False}
    assert spans.fits(vr, value, value) in {True, False}
    assert spans.fits(vr, wanted, value) in {True, False}


def test_every_attribute_has_one_level() -> None:
    assert not levels.STUDY_KEYS & levels.SERIES_KEYS
    named = len(levels._STUDY.split()) + len(levels._SERIES.split())
    assert len(levels.STUDY_KEYS) + len(levels.SERIES_KEYS) == named
    assert levels.level_of("00100010") is levels.Level.STUDY
    assert levels.level_of("00080060") is levels.Level.SERIES
    assert levels.level_of("00280010") is levels.Level.INSTANCE
