"""In what form something is shown: written down, signed, told in words, and told to whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from safelight.exchange.consent.obligations import obligations_of
from safelight.exchange.consent.terms import (
    Authority,
    Form,
    Item,
    Permission,
    Purpose,
    Recipient,
    RecipientKind,
    SecondCheck,
    Terms,
)
from safelight.exchange.consent.terms_data import as_data, canonical, terms_from_data
from safelight.exchange.consent.text import shown_html
from safelight.exchange.consent.unnamed import as_told

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
AS_IT_IS = Terms(
    vault_id=UUID(int=1),
    grantor_id=UUID(int=2),
    grantor_name="Olga Owner",
    items=(
        Item(
            study_id=UUID(int=3),
            series_id=UUID(int=4),
            up_to=9,
            pictures=9,
            digest="00" * 32,
            exam_title="Chest CT",
            series_title="CT, series 1",
            exam_on="",
        ),
    ),
    recipient=Recipient(
        name="Dr Dora", address="dora@clinic.example", kind=RecipientKind.CLINICIAN
    ),
    purpose=Purpose.RESEARCH,
    purpose_words="",
    permissions=frozenset({Permission.VIEW}),
    starts_at=NOON,
    ends_at=NOON + timedelta(days=30),
    second_check=SecondCheck.WAIVED,
    statement_version="2",
    authority=Authority(kind="parent", subject_name="Nora Owner"),
)
COPY = replace(AS_IT_IS, form=Form.DEIDENTIFIED, profile="basic/2026c")


def test_what_was_agreed_before_there_were_copies_is_about_exams_as_they_are() -> None:
    said = as_data(AS_IT_IS)
    assert "form" not in said
    assert terms_from_data(said).form is Form.IDENTIFIED


def test_the_form_and_how_the_copy_was_made_are_part_of_what_is_signed() -> None:
    assert terms_from_data(as_data(COPY)) == COPY
    assert canonical(COPY) != canonical(AS_IT_IS)
    assert canonical(COPY) != canonical(replace(COPY, profile="basic/2020a"))


def test_the_words_say_what_a_copy_leaves_out_and_what_it_cannot() -> None:
    words = shown_html(COPY)
    for said in ("a copy without a name of", "PS3.15 2026c", "your name is not told", "a face"):
        assert said in words
    assert "copy without a name" not in shown_html(AS_IT_IS)


def test_whoever_gets_a_copy_reads_no_name_but_their_own() -> None:
    for told in (as_told(COPY), obligations_of(as_told(COPY), UUID(int=7)).data):
        assert "Owner" not in str(told)
    assert as_told(AS_IT_IS) == AS_IT_IS
