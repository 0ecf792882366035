"""What may be passed on under a consent that allows it, and each thing that may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from safelight.exchange.consent.onward import OnwardRefusal, onward_refusal, onward_refusals
from safelight.exchange.consent.terms import (
    NOT_FURTHER,
    Act,
    Audience,
    Further,
    FurtherRelease,
    Item,
    Named,
    Permission,
    Purpose,
    Recipient,
    RecipientKind,
    SecondCheck,
    Sensitive,
    Standing,
    Terms,
)

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PARENT = UUID(int=1)
CHEST = Item(
    study_id=UUID(int=2),
    series_id=UUID(int=3),
    up_to=9,
    pictures=10,
    digest="ab",
    exam_title="CT",
    series_title="Chest",
    exam_on="",
)
SINGLE = replace(CHEST, series_id=UUID(int=4), up_to=-1, only=(3, 5))
DR_C = Named(name="Dr Carl Consultant", address="carl@clinic.example")
DR_D = Recipient(name="Dr D", address="dora@clinic.example", kind=RecipientKind.CLINICIAN)

parent = Terms(
    vault_id=UUID(int=5),
    grantor_id=UUID(int=6),
    grantor_name="Olga Owner",
    items=(CHEST, SINGLE),
    recipient=Recipient(name="Dr A", address="anna@clinic.example", kind=RecipientKind.CLINICIAN),
    purpose=Purpose.TREATMENT,
    purpose_words="",
    permissions=frozenset({Permission.VIEW}),
    starts_at=NOON,
    ends_at=NOON + 30 * DAY,
    second_check=SecondCheck.WAIVED,
    statement_version="1",
    further=FurtherRelease(
        kind=Further.NAMED, named=(DR_C,), purposes=frozenset({Purpose.SECOND_OPINION})
    ),
    sensitive=frozenset({Sensitive.HIV}),
)
child = replace(
    parent,
    act=Act.ONWARD,
    parent_id=PARENT,
    grantor_id=UUID(int=7),
    grantor_name="Dr A",
    items=(CHEST,),
    recipient=Recipient(name=DR_C.name, address=DR_C.address, kind=RecipientKind.CLINICIAN),
    purpose=Purpose.SECOND_OPINION,
    starts_at=NOON + DAY,
    ends_at=NOON + 2 * DAY,
    further=NOT_FURTHER,
    sensitive=frozenset(),
)
of_a_class = replace(
    parent,
    further=replace(
        parent.further,
        kind=Further.CLASS,
        named=(),
        classes=frozenset({RecipientKind.CLINICIAN}),
    ),
)


def judged(terms: Terms, under: Terms = parent) -> list[OnwardRefusal]:
    return list(onward_refusals(terms, under, parent_id=PARENT))


def test_the_named_doctor_may_receive_it_for_the_named_purpose() -> None:
    assert onward_refusal(child, parent, parent_id=PARENT) is None


def test_exactly_as_much_as_the_patient_agreed_to_may_be_passed_on() -> None:
    most = replace(
        child,
        items=parent.items,
        starts_at=parent.starts_at,
        ends_at=parent.ends_at,
        sensitive=parent.sensitive,
    )
    assert judged(most) == []
    first_of_the_single = replace(SINGLE, only=(5,))
    some_of_the_whole = replace(CHEST, up_to=-1, only=(2, 9))
    assert judged(replace(child, items=(first_of_the_single, some_of_the_whole))) == []


def test_nothing_is_passed_on_where_the_consent_does_not_mention_it() -> None:
    silent = replace(parent, further=NOT_FURTHER)
    assert judged(child, silent) == [OnwardRefusal.NOT_CONTEMPLATED]


def test_what_was_passed_on_once_is_not_passed_on_again() -> None:
    assert judged(child, replace(parent, act=Act.ONWARD)) == [OnwardRefusal.NOT_CONTEMPLATED]


def test_one_of_a_class_that_was_named_may_receive_it_and_nobody_else() -> None:
    assert judged(replace(child, recipient=DR_D), of_a_class) == []
    lawyer = replace(DR_D, kind=RecipientKind.ATTORNEY)
    assert judged(replace(child, recipient=lawyer), of_a_class) == [OnwardRefusal.OTHER_CLASS]
    desk = replace(DR_D, audience=Audience.DESK)
    assert judged(replace(child, recipient=desk), of_a_class) == [OnwardRefusal.OTHER_CLASS]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        pytest.param({"further": parent.further}, "passed_on_once_only", id="and further still"),
        pytest.param({"act": Act.SHARE}, "passed_on_under_another_consent", id="as one's own"),
        pytest.param(
            {"parent_id": UUID(int=9)}, "passed_on_under_another_consent", id="another consent"
        ),
        pytest.param(
            {"vault_id": UUID(int=9)}, "passed_on_under_another_consent", id="another's exams"
        ),
        pytest.param({"recipient": DR_D}, "recipient_not_covered", id="somebody not named"),
        pytest.param(
            {"recipient": replace(child.recipient, audience=Audience.GROUP)},
            "recipient_not_covered",
            id="a group",
        ),
        pytest.param({"purpose": Purpose.RESEARCH}, "purpose_not_covered", id="another purpose"),
        pytest.param({"purpose": parent.purpose}, "purpose_not_covered", id="the first purpose"),
        pytest.param(
            {"items": (replace(CHEST, up_to=10),)}, "items_not_covered", id="a later picture"
        ),
        pytest.param(
            {"items": (replace(SINGLE, only=(3, 4)),)}, "items_not_covered", id="another object"
        ),
        pytest.param(
            {"items": (replace(SINGLE, only=(), up_to=5),)}, "items_not_covered", id="a whole set"
        ),
        pytest.param(
            {"items": (CHEST, replace(CHEST, series_id=UUID(int=9)))},
            "items_not_covered",
            id="another set",
        ),
        pytest.param(
            {"items": (replace(CHEST, study_id=UUID(int=9)),)},
            "items_not_covered",
            id="another exam",
        ),
        pytest.param(
            {"standing": Standing(patient_id=UUID(int=8), until=NOON + DAY)},
            "items_not_covered",
            id="results to come",
        ),
        pytest.param(
            {"permissions": frozenset({Permission.VIEW, Permission.DOWNLOAD})},
            "permissions_not_covered",
            id="a copy",
        ),
        pytest.param({"starts_at": NOON - DAY}, "dates_not_covered", id="sooner"),
        pytest.param({"ends_at": NOON + 31 * DAY}, "dates_not_covered", id="longer"),
        pytest.param({"ends_at": child.starts_at}, "dates_not_covered", id="never"),
        pytest.param(
            {"sensitive": frozenset({Sensitive.GENETIC})},
            "sensitive_not_covered",
            id="what was not ticked",
        ),
    ],
)
def test_whatever_goes_beyond_the_patients_consent_is_refused_by_its_own_code(
    changes: dict[str, object], refusal: str
) -> None:
    beyond = replace(child, **changes)  # type: ignore[arg-type]  # fields by name
    assert judged(beyond) == [refusal]
    assert onward_refusal(beyond, parent, parent_id=PARENT) == refusal
