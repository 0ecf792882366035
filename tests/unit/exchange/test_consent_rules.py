"""When a consent covers a use, and when terms are fit to be signed: every answer, and each edge."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from safelight.exchange.consent.rules import (
    MOST_OPENINGS,
    Granted,
    Refusal,
    faults,
    refusal,
)
from safelight.exchange.consent.terms import (
    Act,
    Audience,
    Form,
    Further,
    FurtherRelease,
    Item,
    Member,
    Named,
    Permission,
    Purpose,
    Recipient,
    RecipientKind,
    SecondCheck,
    Standing,
    Terms,
)

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
OWN = "olga@people.example"
LOOK, COPY = Permission.VIEW, Permission.DOWNLOAD

granted = Granted(
    consent_id=UUID(int=1),
    permissions=frozenset({LOOK}),
    granted_at=NOON,
    starts_at=NOON + DAY,
    ends_at=NOON + 2 * DAY,
    revoked_at=None,
)
live = granted.starts_at
doctor = Recipient(name="Dr Dora", address="dora@clinic.example", kind=RecipientKind.CLINICIAN)
group = replace(
    doctor,
    address="",
    audience=Audience.GROUP,
    members=(Member(account_id=UUID(int=9), name="Ann"),),
)
colleague = Named(name="Dr Carl", address="carl@clinic.example")
onward = FurtherRelease(
    kind=Further.NAMED, named=(colleague,), purposes=frozenset({Purpose.SECOND_OPINION})
)
terms = Terms(
    vault_id=UUID(int=2),
    grantor_id=UUID(int=3),
    grantor_name="Olga Owner",
    items=(
        Item(
            study_id=UUID(int=4),
            series_id=UUID(int=5),
            up_to=7,
            pictures=8,
            digest="ab",
            exam_title="CT",
            series_title="Chest",
            exam_on="",
        ),
    ),
    recipient=doctor,
    purpose=Purpose.TREATMENT,
    purpose_words="",
    permissions=frozenset({LOOK}),
    starts_at=NOON,
    ends_at=NOON + 30 * DAY,
    second_check=SecondCheck.WAIVED,
    statement_version="1",
)


def named(**changes: object) -> dict[str, str]:
    """Return the faults of terms with something changed."""
    return faults(replace(terms, **changes), grantor_addresses=frozenset({OWN}), at=NOON)  # type: ignore[arg-type]  # fields by name


def test_a_live_consent_covers_what_it_permits_from_its_first_to_its_last_instant() -> None:
    assert refusal(granted, LOOK, at=live) is None
    assert refusal(granted, LOOK, at=granted.ends_at - TICK) is None
    assert refusal(granted, LOOK, at=granted.ends_at) is Refusal.EXPIRED
    assert refusal(granted, LOOK, at=live - TICK) is Refusal.NOT_STARTED
    assert refusal(granted, LOOK, at=NOON) is Refusal.NOT_STARTED
    assert refusal(granted, LOOK, at=NOON - TICK) is Refusal.NOT_GIVEN_YET
    assert refusal(granted, COPY, at=live) is Refusal.NOT_PERMITTED


@pytest.mark.parametrize("when", [NOON - DAY, live, NOON + 9 * DAY])
def test_what_was_taken_back_is_so_whatever_the_clock_says(when: datetime) -> None:
    assert refusal(replace(granted, revoked_at=live), LOOK, at=when) is Refusal.REVOKED
    both = replace(granted, revoked_at=live, suspended_at=live)
    assert refusal(both, LOOK, at=when) is Refusal.REVOKED


@pytest.mark.parametrize("when", [NOON - DAY, live, granted.ends_at - TICK])
def test_what_is_paused_opens_nothing_whatever_the_clock_says(when: datetime) -> None:
    paused = replace(granted, suspended_at=live)
    assert refusal(paused, LOOK, at=when) is Refusal.SUSPENDED
    assert refusal(paused, LOOK, at=granted.ends_at) is Refusal.EXPIRED


def test_it_pauses_in_the_instant_a_child_comes_of_age() -> None:
    child = replace(granted, pauses_at=live + timedelta(hours=1))
    assert refusal(child, LOOK, at=live + timedelta(hours=1) - TICK) is None
    assert refusal(child, LOOK, at=live + timedelta(hours=1)) is Refusal.SUSPENDED
    assert child.over_at == live + timedelta(hours=1)
    assert granted.over_at == granted.ends_at
    assert replace(granted, pauses_at=NOON + 9 * DAY).over_at == granted.ends_at


def test_whole_terms_have_no_fault() -> None:
    assert named() == {}
    assert named(recipient=group) == {}
    assert named(recipient=group, act=Act.PUBLISH) == {}
    assert named(further=onward) == {}
    assert named(standing=Standing(patient_id=UUID(int=6), until=terms.ends_at)) == {}
    assert named(most_openings=1) == named(most_openings=MOST_OPENINGS) == {}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"items": ()}, "items"),
        ({"permissions": frozenset({COPY})}, "permissions"),
        ({"purpose": Purpose.OTHER}, "purpose"),
        ({"purpose": Purpose.OTHER, "purpose_words": "  "}, "purpose"),
        ({"most_openings": 0}, "most_openings"),
        ({"most_openings": MOST_OPENINGS + 1}, "most_openings"),
        ({"recipient": replace(doctor, name=" ")}, "name"),
        ({"recipient": replace(doctor, name="Anyone")}, "name"),
        ({"recipient": replace(doctor, name=" PUBLIC ")}, "name"),
        ({"recipient": replace(doctor, address="")}, "address"),
        ({"recipient": replace(doctor, address="dora@clinic")}, "address"),
        ({"recipient": replace(doctor, address="a@b.example, c@d.example")}, "address"),
        ({"recipient": replace(doctor, address=OWN)}, "address"),
        ({"recipient": replace(group, members=())}, "group"),
        ({"act": Act.PUBLISH}, "audience"),
        ({"act": Act.PUBLISH, "recipient": replace(group, audience=Audience.DESK)}, "audience"),
        ({"ends_at": NOON}, "ends"),
        ({"starts_at": NOON + DAY, "ends_at": NOON + DAY}, "ends"),
        ({"starts_at": NOON - 3 * DAY, "ends_at": NOON}, "ends"),
        ({"ends_at": NOON + timedelta(days=366) + TICK}, "ends"),
        ({"starts_at": NOON - timedelta(minutes=10) - TICK}, "starts"),
        ({"standing": Standing(patient_id=UUID(int=6), until=NOON)}, "standing"),
        (
            {"standing": Standing(patient_id=UUID(int=6), until=terms.ends_at + TICK)},
            "standing",
        ),
        ({"further": replace(onward, purposes=frozenset())}, "further"),
        ({"further": replace(onward, named=())}, "further"),
        ({"further": replace(onward, kind=Further.CLASS)}, "further"),
        ({"further": replace(onward, named=(replace(colleague, name=" "),))}, "further"),
        ({"further": replace(onward, named=(replace(colleague, address="carl"),))}, "further"),
        ({"further": replace(onward, named=(replace(colleague, address=OWN),))}, "further"),
        ({"further": onward, "act": Act.ONWARD}, "further"),
    ],
)
def test_each_thing_that_keeps_terms_from_being_signed_is_named(
    changes: dict[str, object], field: str
) -> None:
    found = named(**changes)
    assert list(found) == [field]
    # A sentence for the person, not a code.
    assert found[field][0].isupper()
    assert not found[field].isupper()
    assert found[field].endswith(".")


def test_several_faults_are_named_at_once() -> None:
    recipient = replace(doctor, name="", address="")
    found = named(items=(), recipient=recipient, ends_at=NOON - DAY)
    assert set(found) == {"items", "name", "address", "ends"}
    assert set(named(items=(), recipient=replace(group, members=()))) == {"items", "group"}


def test_the_moment_of_reading_before_signing_is_allowed_for() -> None:
    assert named(starts_at=NOON - timedelta(minutes=10)) == {}
    assert named(ends_at=NOON + timedelta(days=366)) == {}


def test_results_to_come_may_be_shared_for_two_years() -> None:
    end = NOON + timedelta(days=731)
    standing = Standing(patient_id=UUID(int=6), until=end)
    assert named(ends_at=end, standing=standing) == {}
    later = replace(standing, until=end + TICK)
    assert set(named(ends_at=end + TICK, standing=later)) == {"ends"}


def test_a_class_of_recipients_needs_no_names() -> None:
    kinds = frozenset({RecipientKind.CLINICIAN})
    further = replace(onward, kind=Further.CLASS, named=(), classes=kinds)
    assert named(further=further) == {}


def test_in_ones_own_words_is_a_purpose() -> None:
    assert named(purpose=Purpose.OTHER, purpose_words="a film about my illness") == {}


NOT_PASSED_ON = "A copy without your name cannot be passed on through this service."
NO_COPIES = "Results to come are not copies. Share them by themselves."
FROM_ONES_OWN = "Make the copy from your own exam."


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, {}),
        ({"further": onward}, {"further": NOT_PASSED_ON}),
        ({"standing": Standing(patient_id=UUID(int=4), until=NOON + DAY)}, {"standing": NO_COPIES}),
        ({"parent_id": UUID(int=5)}, {"form": FROM_ONES_OWN}),
        ({"profile": ""}, {"form": FROM_ONES_OWN}),
    ],
)
def test_a_copy_without_a_name_is_neither_passed_on_nor_yet_to_come(
    changes: dict[str, object], said: dict[str, str]
) -> None:
    copy = replace(terms, form=Form.DEIDENTIFIED, profile="basic/2026c")
    changed = replace(copy, **changes)  # type: ignore[arg-type]  # fields are named above
    found = faults(changed, grantor_addresses=frozenset({OWN}), at=NOON)
    assert found == said
