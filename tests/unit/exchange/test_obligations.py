"""What travels with a copy, and what does it say?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson

from safelight.exchange.consent.obligations import PART_2_NOTICE, obligations_of
from safelight.exchange.consent.terms import (
    Act,
    Authority,
    Further,
    FurtherRelease,
    Named,
    Permission,
    Purpose,
    Recipient,
    RecipientKind,
    SecondCheck,
    Sensitive,
    Terms,
)

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
CONSENT, PARENT = UUID(int=1), UUID(int=2)

look_only = Terms(
    vault_id=UUID(int=5),
    grantor_id=UUID(int=6),
    grantor_name="Olga Owner",
    items=(),
    recipient=Recipient(name="Dr Anna", address="a@b.example", kind=RecipientKind.CLINICIAN),
    purpose=Purpose.TREATMENT,
    purpose_words="",
    permissions=frozenset({Permission.VIEW}),
    starts_at=NOON,
    ends_at=NOON + timedelta(days=30),
    second_check=SecondCheck.WAIVED,
    statement_version="1",
)


def test_who_may_only_look_is_told_what_for_until_when_and_not_to_pass_it_on() -> None:
    bound = obligations_of(look_only, CONSENT)
    assert bound.words == (
        "Shown to Dr Anna by Olga Owner, for treatment, and to be used for that only.",
        "Until the end of 2 June 2026 (UTC), unless it is taken back sooner.",
        "Do not pass it on: nobody agreed to that.",
    )
    assert not bound.may_pass_on


def test_the_data_say_the_same_as_the_words_and_can_be_read_by_a_program() -> None:
    copy = replace(look_only, permissions=frozenset(Permission))
    bound = obligations_of(copy, CONSENT)
    assert "A copy is for you alone." in bound.words[-1]
    data = orjson.loads(bound.json)
    assert data == bound.data
    assert (data["consent"], data["parent"]) == (str(CONSENT), None)
    assert data["obligations"] == [
        "use-for-this-purpose-only",
        "use-until-the-end-only",
        "further-release-none",
    ]
    assert (data["purpose"]["code"], data["ends_at"]) == ("treatment", "2026-06-02T12:00:00+00:00")
    assert data["words"] == list(bound.words)


def test_whom_it_may_be_passed_on_to_is_named() -> None:
    named = FurtherRelease(
        kind=Further.NAMED,
        named=(Named(name="Dr Carl", address="c@d.example"),),
        purposes=frozenset({Purpose.SECOND_OPINION}),
    )
    bound = obligations_of(replace(look_only, further=named), CONSENT)
    assert bound.may_pass_on
    assert bound.words[-1] == (
        "It may be passed on to Dr Carl, for a second opinion, through this service, "
        "and to nobody else."
    )
    assert bound.data["further_release"]["named"] == [{"name": "Dr Carl", "address": "c@d.example"}]
    of_a_class = replace(
        named, kind=Further.CLASS, named=(), classes=frozenset({RecipientKind.CLINICIAN})
    )
    words = obligations_of(replace(look_only, further=of_a_class), CONSENT).words
    assert "to one health professional, for a second opinion" in words[-1]


def test_what_was_passed_on_says_by_whom_and_on_whose_word() -> None:
    passed_on = replace(
        look_only,
        act=Act.ONWARD,
        parent_id=PARENT,
        grantor_name="Dr Anna",
        authority=Authority(kind="onward", subject_name="Olga Owner"),
    )
    bound = obligations_of(passed_on, CONSENT)
    assert "Passed on by Dr Anna, as Olga Owner agreed; both can end it." in bound.words
    assert bound.data["parent"] == str(PARENT)


def test_the_federal_notice_travels_with_records_of_substance_use() -> None:
    marked = replace(look_only, sensitive=frozenset({Sensitive.SUBSTANCE_USE}))
    bound = obligations_of(marked, CONSENT)
    assert bound.words[-1] == PART_2_NOTICE
    assert bound.data["obligations"][-1] == "42-cfr-part-2"
