"""Names, days, identifiers and encodings are read as the Standard writes them."""

# ruff: noqa: RUF001  (letters of other scripts look like Latin ones)
from __future__ import annotations

from datetime import date, time
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.dicom.elements.dates import parse_date, parse_time, write_date
from safelight.dicom.elements.people import fold, folded_name, name_parts, shown, shown_name
from safelight.dicom.registry import transfer_syntaxes
from safelight.dicom.registry.transfer_syntaxes import transfer_syntax
from safelight.dicom.registry.uids import is_usable_uid, is_valid_uid, new_uid


def test_a_name_has_five_parts() -> None:
    parts = name_parts("Doe^Jane^Q^Dr^MD^extra=山田^太郎")

    assert (parts.family, parts.given, parts.middle) == ("Doe", "Jane", "Q")
    assert (parts.prefix, parts.suffix) == ("Dr", "MD")


def test_a_name_is_shown_as_people_write_it() -> None:
    assert shown_name("Doe^Jane^^Dr") == "Dr Jane Doe"
    assert shown_name("") == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("MÜLLER", "muller"),
        ("Ｄｏｅ", "doe"),
        ("Straße", "STRASSE"),
        ("Jérôme", "JEROME"),
        ("  a   b ", "A B"),
        ("Do\u200be", "doe"),
    ],
)
def test_names_that_people_take_for_equal_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_letters_that_only_look_alike_do_not_fold_alike() -> None:
    assert fold("Dоe") != fold("Doe")  # the first o is Cyrillic


def test_empty_parts_at_the_end_do_not_matter_for_search() -> None:
    assert folded_name("DOE^JANE^^^") == "doe^jane"
    assert folded_name("=山田^太郎") == ""


@given(st.text())
def test_shown_text_has_nothing_invisible_and_one_line(text: str) -> None:
    result = shown(text)

    assert not set(result) & set("\0\x1b\r\n\t\u202e\u202d\u2066\u2069\u200f\u200b\ufeff\x9b")
    assert shown(result) == result


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("20200229", date(2020, 2, 29)),
        ("2020.02.29", date(2020, 2, 29)),
        (" 20200229 ", date(2020, 2, 29)),
        ("20210229", None),
        ("2020-02-29", None),
        ("2020.0229", None),
        ("00000101", None),
        ("", None),
        ("２０２００２２９", None),
    ],
)
def test_a_day_is_read_or_is_none(text: str, day: date | None) -> None:
    assert parse_date(text) == day


@given(st.dates())
def test_a_day_that_is_written_is_read_back(day: date) -> None:
    assert parse_date(write_date(day)) == day


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("10", time(10)),
        ("1030", time(10, 30)),
        ("10:30:05", time(10, 30, 5)),
        ("103005.25", time(10, 30, 5, 250_000)),
        ("235960", time(23, 59, 59)),
        ("25", None),
        ("1060", None),
        ("noon", None),
    ],
)
def test_a_time_is_read_or_is_none(text: str, moment: time | None) -> None:
    assert parse_time(text) == moment


@pytest.mark.parametrize("uid", ["1.2.840.10008.1.2", "2.25.1", "0.0", "1." * 31 + "12"])
def test_valid_identifiers(uid: str) -> None:
    assert is_valid_uid(uid)
    assert is_usable_uid(uid)


@pytest.mark.parametrize("uid", ["", ".", "1.", "1..2", "1.02x", "1.2\n", "1.²", "1." * 32 + "1"])
def test_invalid_identifiers(uid: str) -> None:
    assert not is_valid_uid(uid)
    assert not is_usable_uid(uid)


def test_leading_zeros_are_usable_but_not_valid() -> None:
    assert is_usable_uid("1.02.3")
    assert not is_valid_uid("1.02.3")


def test_new_identifiers_are_valid_random_uuids() -> None:
    made = {new_uid() for _ in range(200)}

    assert len(made) == 200
    for uid in made:
        assert is_valid_uid(uid)
        assert UUID(int=int(uid.removeprefix("2.25."))).version == 4


@pytest.mark.parametrize(
    ("uid", "explicit", "little", "encapsulated", "deflated"),
    [
        (transfer_syntaxes.IMPLICIT_LITTLE, False, True, False, False),
        (transfer_syntaxes.EXPLICIT_LITTLE, True, True, False, False),
        (transfer_syntaxes.EXPLICIT_BIG, True, False, False, False),
        (transfer_syntaxes.DEFLATED, True, True, False, True),
        (transfer_syntaxes.JPEG_BASELINE, True, True, True, False),
        (transfer_syntaxes.RLE_LOSSLESS, True, True, True, False),
        ("1.2.840.10008.1.2.4.95", True, True, False, True),
        ("1.2.3.4.unknown", True, True, True, False),
    ],
)
def test_what_a_transfer_syntax_says(
    uid: str,
    explicit: bool,  # noqa: FBT001
    little: bool,  # noqa: FBT001
    encapsulated: bool,  # noqa: FBT001
    deflated: bool,  # noqa: FBT001
) -> None:
    syntax = transfer_syntax(uid)

    assert (syntax.explicit, syntax.little_endian) == (explicit, little)
    assert (syntax.encapsulated, syntax.deflated) == (encapsulated, deflated)


def test_videos_are_known_as_such() -> None:
    assert transfer_syntax("1.2.840.10008.1.2.4.102.1").video
    assert not transfer_syntax(transfer_syntaxes.JPEG_BASELINE).video
    assert transfer_syntax(transfer_syntaxes.JPEG_BASELINE).name == "JPEG Baseline (Process 1)"
