"""Which disclosures are listed, which left out, which summed up? (AT-11.1, AT-11.2, 164.528)"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from safelight.exchange.release.models import DisclosureClass
from safelight.exchange.release.papers.accounting import CARE, Entry, Extent, lines_of
from safelight.exchange.release.papers.listing import plain_cell
from safelight.exchange.release.periods import years_back

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ENTRY = Entry(
    at=NOON,
    recipient="Court of Example",
    address="1 Court Square",
    description="Chest CT of 3 May 2025; 24 pictures downloaded",
    purpose="order 17 of the court",
    ground="statutory",
    channel="download",
    result="complete",
    pictures=24,
    basis="order-17",
)
# Fourteen disclosures of all classes, written here apart from the code (AT-11.1).
SEEDED = (
    ("self", "you"),
    ("authorised", "Dr Dora Doctor"),
    ("authorised", "Attorney Ann"),
    ("represented", "Mother Mary"),
    ("statutory", "Court of Example"),
    ("statutory", "Health Department"),
    ("statutory", "Police of Example"),
    ("tpo", "Insurer"),
    ("limited_data_set", "Registry"),
    ("incidental", "Passer-by"),
    ("national_security", "Agency"),
    ("elevation", "Sam Staff"),
    ("break-glass", "Emma Emergency"),
    (CARE, "Clara Clinician, Example Hospital"),
)


def seeded() -> list[Entry]:
    return [
        replace(ENTRY, ground=ground, recipient=name, at=NOON + timedelta(hours=hour))
        for hour, (ground, name) in enumerate(SEEDED)
    ]


def test_the_scenario_holds_every_class_there_is() -> None:
    assert {ground for ground, _ in SEEDED} == {*DisclosureClass, CARE}


def test_the_complete_history_lists_all_and_the_statutory_one_what_the_law_asks_for() -> None:
    listed = lines_of(seeded(), Extent.COMPLETE)
    assert [line.first.recipient for line in listed] == [name for _, name in SEEDED]

    owed = [line.first.recipient for line in lines_of(seeded(), Extent.STATUTORY)]
    of_law = ["Court of Example", "Health Department", "Police of Example"]
    assert owed == [*of_law, "Sam Staff", "Emma Emergency"]  # nobody thought to leave them out


def test_a_ground_that_is_unknown_is_listed_rather_than_hidden() -> None:
    (line,) = lines_of([replace(ENTRY, ground="something-new")], Extent.STATUTORY)
    assert line.first.ground == "something-new"


def test_a_thousand_identical_pulls_are_the_first_the_number_and_the_last() -> None:
    pulls = [replace(ENTRY, at=NOON + timedelta(minutes=each)) for each in range(1000)]

    (line,) = lines_of(reversed(pulls), Extent.STATUTORY)
    assert (line.first.at, line.count) == (NOON, 1000)
    assert line.last_at == NOON + timedelta(minutes=999)
    assert len(lines_of(pulls, Extent.COMPLETE)) == 1000


@pytest.mark.parametrize(
    "other",
    [
        replace(ENTRY, recipient="another"),
        replace(ENTRY, address="another"),
        replace(ENTRY, purpose="another"),
        replace(ENTRY, basis="another"),
        replace(ENTRY, description="another"),
    ],
)
def test_what_differs_is_not_summed_up(other: Entry) -> None:
    assert len(lines_of([ENTRY, other], Extent.STATUTORY)) == 2


@pytest.mark.parametrize(
    "typed",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =cmd|' /C calc'!A0", "＝1"],  # noqa: RUF001 (it is meant)
)
def test_no_cell_is_a_formula(typed: str) -> None:
    assert plain_cell(typed) == f"'{typed}"


def test_plain_words_stay_as_they_are() -> None:
    assert plain_cell("Dr Dora Doctor") == "Dr Dora Doctor"
    assert plain_cell("a-b=c") == "a-b=c"


def test_six_years_back_from_a_leap_day() -> None:
    assert years_back(datetime(2028, 2, 29, 8, tzinfo=UTC)) == datetime(2022, 2, 28, 8, tzinfo=UTC)
    assert years_back(NOON) == datetime(2020, 3, 1, 12, tzinfo=UTC)
