"""Are pictures and reports told apart in the words, and do old consents read as they did?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from safelight.exchange.consent.terms import (
    Item,
    Permission,
    Purpose,
    Recipient,
    RecipientKind,
    SecondCheck,
    Terms,
)
from safelight.exchange.consent.terms_data import as_data, terms_from_data
from safelight.exchange.consent.text import covered_in_words, shown_html, what_in_words

CT = Item(
    study_id=UUID(int=4),
    series_id=UUID(int=5),
    up_to=7,
    pictures=2,
    digest="ab",
    exam_title="CT of the chest",
    series_title="Lung",
    exam_on="2 June 2026",
)
REPORT = replace(CT, series_id=UUID(int=6), series_title="Findings", pictures=1, reports=1)
MIXED = replace(CT, pictures=5, reports=2)
NOON = datetime(2026, 6, 2, 12, tzinfo=UTC)
terms = Terms(
    vault_id=UUID(int=2),
    grantor_id=UUID(int=3),
    grantor_name="Olga Owner",
    items=(CT,),
    recipient=Recipient(
        name="Dr Dora Doctor", address="dora@clinic.example", kind=RecipientKind.CLINICIAN
    ),
    purpose=Purpose.TREATMENT,
    purpose_words="",
    permissions=frozenset({Permission.VIEW}),
    starts_at=NOON,
    ends_at=NOON + timedelta(days=30),
    second_check=SecondCheck.WAIVED,
    statement_version="1",
)


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([CT], "2 pictures"),
        ([replace(CT, pictures=1)], "1 picture"),
        ([REPORT], "1 report"),
        ([REPORT, REPORT], "2 reports"),
        ([CT, REPORT], "2 pictures and 1 report"),
        ([MIXED], "3 pictures and 2 reports"),
        ([], "0 pictures"),
    ],
)
def test_reports_are_called_reports(items: list[Item], words: str) -> None:
    assert covered_in_words(items) == words


def test_the_consent_says_both() -> None:
    said = what_in_words((CT, REPORT))
    assert said == "2 pictures and 1 report in 2 sets of your CT of the chest from 2 June 2026"
    html = shown_html(replace(terms, items=(CT, REPORT)))
    assert "CT of the chest, Findings: 1 report</li>" in html


def test_terms_without_reports_are_written_as_before_there_were_any() -> None:
    (written,) = as_data(replace(terms, items=(CT,)))["items"]
    assert "reports" not in written
    both = replace(terms, items=(CT, REPORT))
    assert terms_from_data(as_data(both)) == both
