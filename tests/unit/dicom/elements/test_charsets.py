"""Text is decoded by its declared character sets, strictly, and never raises."""

# ruff: noqa: RUF001  (letters of other scripts look like Latin ones)
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.dicom.elements.charsets import charset
from safelight.dicom.elements.iso2022 import REPLACEMENT

# After the examples of PS3.5 annexes H, I, J and K.
_NAMES = [
    (("ISO_IR 100",), b"Buc^J\xe9r\xf4me", "Buc^Jérôme"),
    (("ISO_IR 101",), b"Wa\xb3\xeasa", "Wałęsa"),
    (("ISO_IR 144",), b"\xbc\xde\xe1\xda\xd2\xd0", "Москва"),
    (("ISO_IR 126",), b"\xc4\xe9\xef\xed\xf5\xf3\xe9\xef\xf2", "Διονυσιος"),
    (("ISO_IR 127",), b"\xe2\xc8\xc7\xe6\xea^\xe4\xe6\xd2\xc7\xd1", "قباني^لنزار"),
    (("ISO_IR 138",), b"\xf9\xf8\xe5\xef^\xe3\xe1\xe5\xf8\xe4", "שרון^דבורה"),
    (("ISO_IR 192",), "Wang^XiaoDong=王^小東".encode(), "Wang^XiaoDong=王^小東"),
    (("GB18030",), "Wang^XiaoDong=王^小东".encode("gb18030"), "Wang^XiaoDong=王^小东"),
    (
        ("", "ISO 2022 IR 87"),
        b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B",
        "Yamada^Tarou=山田^太郎",
    ),
    (
        ("ISO 2022 IR 13", "ISO 2022 IR 87"),
        b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J",
        "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎",
    ),
    (
        ("", "ISO 2022 IR 149"),
        b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7",
        "Hong^Gildong=洪^吉洞",
    ),
    (("", "ISO 2022 IR 58"), b"Zhang=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1", "Zhang=张^小"),
    (
        ("ISO 2022 IR 100", "ISO 2022 IR 126"),
        b"J\xe9r\x1b-F\xc4\xe9^J\xe9r",
        "JérΔι^Jér",
    ),
]


@pytest.mark.parametrize(("terms", "value", "text"), _NAMES, ids=lambda part: str(part)[:24])
def test_the_examples_of_the_standard_are_read(
    terms: tuple[str, ...], value: bytes, text: str
) -> None:
    assert charset(terms).decode(value, person=True) == text


@pytest.mark.parametrize("term", ["ISO IR 100", "ISO-IR 100", "ISO_IR_100", "iso_ir 100"])
def test_common_misspellings_are_understood(term: str) -> None:
    assert charset((term,)).decode(b"J\xe9r\xf4me") == "Jérôme"


def test_bytes_outside_the_declared_set_look_damaged() -> None:
    assert charset(()).decode(b"M\xfcller") == f"M{REPLACEMENT}ller"
    assert charset(("ISO_IR 192",)).decode(b"M\xfcller") == f"M{REPLACEMENT}ller"


def test_overlong_utf8_is_not_what_it_pretends_to_be() -> None:
    assert "/" not in charset(("ISO_IR 192",)).decode(b"\xc0\xaf")


def test_an_unknown_set_allows_plain_letters_only() -> None:
    assert charset(("KLINGON",)).decode(b"ab\xe9") == f"ab{REPLACEMENT}"


def test_an_escape_to_an_undeclared_set_is_not_followed() -> None:
    assert charset(("ISO_IR 100",)).decode(b"a\x1b$B;3ED\x1b(Bb") == f"a{REPLACEMENT}$B;3EDb"


def test_a_set_that_stands_alone_is_ignored_behind_another() -> None:
    assert charset(("ISO_IR 100", "ISO_IR 192")).decode(b"\xe9") == "é"


def test_a_line_end_returns_to_the_first_set() -> None:
    value = b"\x1b-F\xc4\xe9\r\n\xe9"

    assert charset(("ISO 2022 IR 100", "ISO 2022 IR 126")).decode(value) == "Δι\r\né"


_TERMS = st.sampled_from(
    ["", "ISO_IR 6", "ISO_IR 13", "ISO_IR 100", "ISO_IR 166", "ISO_IR 192", "GB18030", "GBK"]
    + [f"ISO 2022 IR {number}" for number in (6, 13, 58, 87, 100, 149, 159, 203)]
    + ["nonsense", "ISO_IR 99999", "ISO 2022 IR 0"]
)


@given(st.lists(_TERMS, max_size=4), st.binary(max_size=80), st.booleans())
def test_any_bytes_under_any_set_are_clean_text(
    terms: list[str],
    value: bytes,
    person: bool,  # noqa: FBT001 (hypothesis passes by position)
) -> None:
    text = charset(tuple(terms)).decode(value, person=person)

    text.encode("utf-8")
    if not terms or terms[0] not in {"ISO_IR 192", "GB18030", "GBK"}:
        assert "\x1b" not in text
