"""Every character of every character set of PS3.3 C.12.1.1.2 comes out as itself."""

# ruff: noqa: RUF001  (letters of other scripts look like Latin ones)
from __future__ import annotations

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.charset import convert_encodings, decode_bytes
from pydicom.valuerep import PersonName

from safelight.dicom.elements.charsets import charset
from safelight.dicom.elements.people import folded_name

SINGLE = {
    100: ("latin_1", b"\x1b-A"),
    101: ("iso8859_2", b"\x1b-B"),
    109: ("iso8859_3", b"\x1b-C"),
    110: ("iso8859_4", b"\x1b-D"),
    126: ("iso8859_7", b"\x1b-F"),
    127: ("iso8859_6", b"\x1b-G"),
    138: ("iso8859_8", b"\x1b-H"),
    144: ("iso8859_5", b"\x1b-L"),
    148: ("iso8859_9", b"\x1b-M"),
    166: ("iso8859_11", b"\x1b-T"),
    203: ("iso8859_15", b"\x1b-b"),
    13: ("shift_jis", b"\x1b)I"),
}
"""The right half of each single-byte set, and the escape sequence that puts it in G1."""

DOUBLE = {
    87: ("iso2022_jp", b"\x1b$B", 0x21, 0x7E),
    159: ("iso2022_jp_2", b"\x1b$(D", 0x21, 0x7E),
    149: ("euc_kr", b"\x1b$)C", 0xA1, 0xFE),
    58: ("gb2312", b"\x1b$)A", 0xA1, 0xFE),
}
"""The sets of two bytes: codec, escape sequence, and the range of either byte."""


def right_half(codec: str) -> tuple[bytes, str]:
    """Return all bytes from A0 on that the codec knows, and what they mean."""
    known = []
    for byte in range(0xA0, 0x100):
        try:
            known.append((byte, bytes([byte]).decode(codec)))
        except UnicodeDecodeError:
            continue
    return bytes(byte for byte, _ in known), "".join(text for _, text in known)


def characters(number: int) -> list[tuple[bytes, str]]:
    """Return every two-byte character of a set, as (bytes, text)."""
    codec, escape, least, most = DOUBLE[number]
    prefix = escape if codec.startswith("iso2022") else b""
    found = []
    for first in range(least, most + 1):
        for second in range(least, most + 1):
            pair = bytes([first, second])
            try:
                found.append((pair, (prefix + pair).decode(codec)))
            except UnicodeDecodeError:
                continue
    return found


@pytest.mark.parametrize("number", SINGLE)
def test_a_single_byte_set_is_whole_alone_first_and_behind_an_escape(number: int) -> None:
    codec, escape = SINGLE[number]
    data, text = right_half(codec)
    assert len(data) >= 45

    assert charset((f"ISO_IR {number}",)).decode(data) == text
    assert charset((f"ISO 2022 IR {number}",)).decode(data) == text
    second = charset(("ISO 2022 IR 6", f"ISO 2022 IR {number}"))
    assert second.decode(escape + data) == text
    assert second.decode(b"a^" + escape + data + b"^z", person=True) == f"a^{text}^z"


@pytest.mark.parametrize("number", DOUBLE)
@pytest.mark.parametrize("first", ["", "ISO 2022 IR 6", "ISO 2022 IR 13", "ISO 2022 IR 100"])
def test_a_double_byte_set_is_whole_behind_its_escape(number: int, first: str) -> None:
    _, escape, least, _ = DOUBLE[number]
    decoder = charset((first, f"ISO 2022 IR {number}"))
    known = characters(number)
    back = b"\x1b(B" if least < 0x80 else b""
    assert len(known) > 6000

    data = b"".join(pair for pair, _ in known)
    text = "".join(each for _, each in known)
    assert decoder.decode(escape + data + back) == text
    # a backslash or caret inside a character of two bytes divides nothing
    assert decoder.decode(escape + data + back + b"\\z").split("\\")[-1] == "z"


def test_the_sets_that_stand_alone_are_whole() -> None:
    basic = "".join(map(chr, [*range(0x20, 0xD800), *range(0xE000, 0xFFFE)]))
    beyond = "".join(map(chr, range(0x10000, 0x30000, 7)))

    assert charset(("ISO_IR 192",)).decode((basic + beyond).encode()) == basic + beyond
    assert charset(("GB18030",)).decode((basic + beyond).encode("gb18030")) == basic + beyond
    chinese = "".join(each for each in basic if _fits(each, "gbk"))
    assert len(chinese) > 21_000
    assert charset(("GBK",)).decode(chinese.encode("gbk")) == chinese


def _fits(character: str, codec: str) -> bool:
    try:
        character.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


BEYOND = {203, 58}
"""pydicom knows no Latin-9 yet, and leaves the escape sequence of GB 2312 in the text."""

_PARTS = st.lists(
    st.sampled_from(sorted({*SINGLE, *DOUBLE} - BEYOND)).flatmap(
        lambda number: st.tuples(
            st.just(number), st.lists(st.integers(0, 9999), min_size=1, max_size=5)
        )
    ),
    min_size=1,
    max_size=5,
)


def _component(number: int, picks: list[int]) -> bytes:
    """Return one component of a name: an escape sequence, characters, and the way back."""
    if number in SINGLE:
        data, _ = right_half(SINGLE[number][0])
        plain = bytes(byte for byte in data if byte != 0xA0)
        return SINGLE[number][1] + bytes(plain[pick % len(plain)] for pick in picks)
    _, escape, least, _ = DOUBLE[number]
    known = _UNDIVIDED[number]
    data = b"".join(known[pick % len(known)][0] for pick in picks)
    return escape + data + (b"\x1b(B" if least < 0x80 else b"")


_KNOWN = {number: characters(number) for number in DOUBLE}
# pydicom looks for dividers before it knows that two bytes are one character.
_UNDIVIDED = {
    number: [each for each in known if not set(each[0]) & set(b"=^")]
    for number, known in _KNOWN.items()
}
_ALL_TERMS = (
    "ISO 2022 IR 6",
    *(f"ISO 2022 IR {number}" for number in (*SINGLE, *DOUBLE) if number not in BEYOND),
)


@given(_PARTS, st.sampled_from("^="))
@settings(max_examples=400, deadline=None)
def test_names_of_many_scripts_are_what_pydicom_reads(
    parts: list[tuple[int, list[int]]], divider: str
) -> None:
    value = divider.encode().join(_component(*part) for part in parts[:3])
    encodings = convert_encodings(list(_ALL_TERMS))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = str(PersonName(value, encodings)).rstrip("=")

    assert charset(_ALL_TERMS).decode(value, person=True).rstrip("=") == theirs


def test_a_character_that_holds_the_byte_of_a_divider_divides_nothing() -> None:
    assert charset(_ALL_TERMS).decode(b"\x1b$B=!\x1b(B^A", person=True) == "\u5b97^A"


@given(_PARTS)
@settings(max_examples=200, deadline=None)
def test_texts_of_many_scripts_are_what_pydicom_reads(parts: list[tuple[int, list[int]]]) -> None:
    value = b"\\".join(_component(*part) for part in parts)
    encodings = convert_encodings(list(_ALL_TERMS))

    theirs = decode_bytes(value, encodings, set(b"\t\n\f\r\\"))

    assert charset(_ALL_TERMS).decode(value) == theirs


@given(st.text(max_size=30))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded_name(folded_name(text)) == folded_name(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ﾔﾏﾀﾞ^ﾀﾛｳ", "ヤマダ^タロウ"),
        ("Ｙａｍａｄａ", "yamada"),
        ("Straße", "STRASSE"),
        ("JÉRÔME", "jerome"),
        ("ĲSBREKER", "ijsbreker"),
        ("ΔΙΟΝΥΣΙΟΣ", "διονυσιος"),
        ("Ａｎｎａ　Ｂｅｒｇ", "anna  berg"),
    ],
)
def test_names_that_people_write_alike_are_found_alike(one: str, other: str) -> None:
    assert folded_name(one) == folded_name(other)
