"""Every answer of the decision point, with its reason, from facts alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from safelight.exchange.access.decision import Action, Part, Reason
from safelight.exchange.access.facts import (
    NOBODY,
    Care,
    Grant,
    Mandate,
    Party,
    PartyKind,
    Power,
    StudyFacts,
    Timed,
)
from safelight.exchange.access.rules import decide
from safelight.exchange.consent.rules import Granted, Refusal
from safelight.exchange.consent.terms import Permission

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
OWNER, OTHER, DOCTOR = UUID(int=1), UUID(int=2), UUID(int=3)
HOSPITAL, CLINIC = UUID(int=10), UUID(int=11)
SERIES, HIDDEN = UUID(int=20), UUID(int=21)
CONSENT = UUID(int=30)

owner = Party(
    kind=PartyKind.INDIVIDUAL,
    account_id=OWNER,
    second_factor=True,
    active=True,
    statement_accepted=True,
)
stranger = replace(owner, account_id=OTHER)
doctor = replace(
    owner, kind=PartyKind.PROVIDER, account_id=DOCTOR, organizations=frozenset({HOSPITAL})
)
guest = Party(kind=PartyKind.GUEST, share_id=UUID(int=40), consent_id=CONSENT)

granted = Granted(
    consent_id=CONSENT,
    permissions=frozenset({Permission.VIEW}),
    granted_at=NOON - DAY,
    starts_at=NOON - DAY,
    ends_at=NOON + DAY,
    revoked_at=None,
)
own_exam = StudyFacts(
    study_id=UUID(int=50),
    vault_id=UUID(int=60),
    filed=True,
    owner_account=OWNER,
    custodian_account=OWNER,
    custodian_organization=None,
    party_treats_patient=False,
    grants=(),
)
hospital_exam = replace(
    own_exam, owner_account=None, custodian_account=None, custodian_organization=HOSPITAL
)
treated = replace(hospital_exam, party_treats_patient=True)


def shared(**changes: object) -> StudyFacts:
    grant = Grant(granted=replace(granted, **changes), series={SERIES: Part(7)})  # type: ignore[arg-type]  # fields by name
    return replace(own_exam, grants=(grant,))


entered = replace(hospital_exam, care=(Care(since=NOON - DAY, until=NOON + DAY),))
claimed = replace(hospital_exam, owner_account=OWNER)


THEIRS = [action for action in Action if action is not Action.REPORT]


@pytest.mark.parametrize("action", THEIRS)
def test_the_owner_may_do_everything_with_their_exam(action: Action) -> None:
    decision = decide(owner, own_exam, action, at=NOON)
    assert (decision.allowed, decision.reason) == (True, Reason.OWNER)
    assert decision.scope.whole


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("party", [NOBODY, stranger, doctor, replace(guest, consent_id=None)])
def test_nobody_else_may_do_anything_without_a_consent(party: Party, action: Action) -> None:
    assert not decide(party, own_exam, action, at=NOON).allowed


@pytest.mark.parametrize("action", list(Action))
def test_an_exam_that_is_not_there_is_refused_to_everybody(action: Action) -> None:
    for party in (owner, stranger, doctor, guest):
        assert decide(party, None, action, at=NOON).reason == Reason.NOT_HERE
        assert not decide(party, replace(own_exam, filed=False), action, at=NOON).allowed


@pytest.mark.parametrize(
    ("party", "reason"),
    [
        pytest.param(NOBODY, Reason.NOT_SIGNED_IN, id="nobody"),
        pytest.param(
            replace(owner, second_factor=False), Reason.SECOND_FACTOR_MISSING, id="one factor"
        ),
        pytest.param(replace(owner, active=False), Reason.ACCOUNT_NOT_ACTIVE, id="suspended"),
        pytest.param(
            replace(owner, statement_accepted=False),
            Reason.STATEMENT_NOT_ACCEPTED,
            id="statement not accepted",
        ),
        pytest.param(
            replace(owner, token_scopes=frozenset({"dicomweb:write"})),
            Reason.TOKEN_OMITS_SCOPE,
            id="a token that may only write",
        ),
    ],
)
def test_standing_comes_before_ownership(party: Party, reason: Reason) -> None:
    assert decide(party, own_exam, Action.VIEW, at=NOON).reason == reason


@pytest.mark.parametrize("action", [Action.SHARE, Action.REMOVE, Action.READ_ACTIVITY])
def test_a_token_can_only_look_and_fetch(action: Action) -> None:
    token = replace(owner, token_scopes=frozenset({"dicomweb:read", "dicomweb:write"}))
    assert decide(token, own_exam, Action.VIEW, at=NOON).allowed
    assert decide(token, own_exam, action, at=NOON).reason == Reason.TOKEN_OMITS_SCOPE


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"revoked_at": NOON}, Refusal.REVOKED, id="taken back this instant"),
        pytest.param({"ends_at": NOON}, Refusal.EXPIRED, id="over this instant"),
        pytest.param({"starts_at": NOON + DAY}, Refusal.NOT_STARTED, id="not begun"),
        pytest.param({"granted_at": NOON + DAY}, Refusal.NOT_GIVEN_YET, id="given later"),
        pytest.param({"permissions": frozenset()}, Refusal.NOT_PERMITTED, id="permits nothing"),
    ],
)
def test_a_consent_that_does_not_hold_opens_nothing(
    changes: dict[str, object], reason: Refusal
) -> None:
    decision = decide(guest, shared(**changes), Action.VIEW, at=NOON)
    assert (decision.allowed, decision.reason) == (False, reason)


def test_a_guest_sees_the_named_series_up_to_what_had_arrived() -> None:
    decision = decide(guest, shared(), Action.VIEW, at=NOON)
    assert decision.reason == Reason.CONSENT
    assert decision.scope.covers(SERIES, 7)
    assert not decision.scope.covers(SERIES, 8)
    assert not decision.scope.covers(HIDDEN, 1)
    assert decision.until == NOON + DAY
    assert not decide(guest, shared(), Action.DOWNLOAD, at=NOON).allowed


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("dicomweb:read", {Action.VIEW, Action.DOWNLOAD}),
        ("dicomweb:write", set()),
        ("dicomweb:delete", {Action.REMOVE}),
        ("exchange:read", {Action.READ_ACTIVITY}),
        ("exchange:write", {Action.PREPARE}),
    ],
)
def test_a_token_does_what_its_scope_says_and_never_shares(
    scope: str, allowed: set[Action]
) -> None:
    token = replace(owner, token_scopes=frozenset({scope}))
    assert {each for each in Action if decide(token, own_exam, each, at=NOON).allowed} == allowed


@pytest.mark.parametrize("action", [Action.SHARE, Action.REMOVE, Action.READ_ACTIVITY])
def test_a_recipient_may_not_pass_on(action: Action) -> None:
    decision = decide(doctor, shared(), action, at=NOON)
    assert (decision.allowed, decision.reason) == (False, Reason.ONWARD_RELEASE)


def test_a_care_relation_lets_look_but_not_take_along() -> None:
    assert decide(doctor, treated, Action.VIEW, at=NOON).reason == Reason.CARE_RELATION
    assert decide(doctor, treated, Action.DOWNLOAD, at=NOON).reason == Reason.ONWARD_RELEASE
    assert decide(doctor, treated, Action.SHARE, at=NOON).reason == Reason.ONWARD_RELEASE


def test_a_colleague_without_a_care_relation_sees_nothing() -> None:
    assert not decide(doctor, hospital_exam, Action.VIEW, at=NOON).allowed


def test_a_care_relation_ends_with_the_membership() -> None:
    moved = replace(doctor, organizations=frozenset({CLINIC}))
    assert not decide(moved, treated, Action.VIEW, at=NOON).allowed


def test_what_is_remembered_ends_with_the_session() -> None:
    until = NOON + timedelta(minutes=5)
    assert decide(replace(guest, until=until), shared(), Action.VIEW, at=NOON).until == until


def test_single_objects_open_themselves_and_nothing_before_or_after_them() -> None:
    grant = Grant(granted=granted, series={SERIES: Part(only=frozenset({3, 9}))})
    scope = decide(guest, replace(own_exam, grants=(grant,)), Action.VIEW, at=NOON).scope
    assert [each for each in range(12) if scope.covers(SERIES, each)] == [3, 9]


def test_two_consents_open_what_either_opens() -> None:
    first = Grant(granted=granted, series={SERIES: Part(4, frozenset({8}))})
    other = replace(granted, consent_id=UUID(int=77))
    second = Grant(granted=other, series={SERIES: Part(6), HIDDEN: Part(1)})
    decision = decide(guest, replace(own_exam, grants=(first, second)), Action.VIEW, at=NOON)
    assert decision.consents == (CONSENT, UUID(int=77))
    scope = decision.scope
    assert scope.part_of(SERIES) == Part(6, frozenset({8}))
    assert scope.part_of(HIDDEN) == Part(1)


def test_a_marked_exam_opens_only_to_a_consent_with_all_its_marks() -> None:
    exam = replace(shared(sensitive=frozenset({b"one"})), sensitive=frozenset({b"one"}))
    assert decide(guest, exam, Action.VIEW, at=NOON).allowed
    more = replace(exam, sensitive=frozenset({b"one", b"two"}))
    assert decide(guest, more, Action.VIEW, at=NOON).reason == Refusal.SENSITIVE
    assert decide(owner, more, Action.VIEW, at=NOON).allowed


def test_a_paused_consent_opens_nothing_until_it_is_taken_up_again() -> None:
    paused = shared(suspended_at=NOON - DAY)
    assert decide(guest, paused, Action.VIEW, at=NOON).reason == Refusal.SUSPENDED
    assert decide(guest, shared(suspended_at=None), Action.VIEW, at=NOON).allowed


def test_a_result_to_come_opens_whole() -> None:
    exam = replace(own_exam, grants=(Grant(granted=granted, series={}, whole=True),))
    assert decide(guest, exam, Action.VIEW, at=NOON).scope.whole


def test_a_recipient_passes_on_only_what_a_live_consent_lets_them_pass_on() -> None:
    assert decide(doctor, shared(), Action.PASS_ON, at=NOON).reason == Reason.ONWARD_RELEASE
    decision = decide(doctor, shared(may_pass_on=True), Action.PASS_ON, at=NOON)
    assert (decision.allowed, decision.consent_id) == (True, CONSENT)
    assert (decision.scope.series, decision.until) == ({SERIES: Part(7)}, NOON + DAY)
    ended = shared(may_pass_on=True, revoked_at=NOON)
    assert decide(doctor, ended, Action.PASS_ON, at=NOON).reason == Reason.ONWARD_RELEASE
    brief = replace(doctor, until=NOON + timedelta(minutes=5))
    passing = decide(brief, shared(may_pass_on=True), Action.PASS_ON, at=NOON)
    assert passing.until == brief.until


def test_what_is_in_dispute_is_not_passed_on_but_under_a_consent_that_is_not() -> None:
    disputed = shared(may_pass_on=True, is_in_dispute=True)
    assert decide(doctor, disputed, Action.PASS_ON, at=NOON).reason == Reason.IN_DISPUTE
    assert decide(doctor, disputed, Action.VIEW, at=NOON).allowed
    both = replace(disputed, grants=(*shared(may_pass_on=True).grants, *disputed.grants))
    assert decide(doctor, both, Action.PASS_ON, at=NOON).allowed


def test_neither_a_guest_nor_the_care_team_passes_anything_on() -> None:
    agreed = shared(may_pass_on=True)
    assert decide(guest, agreed, Action.PASS_ON, at=NOON).reason == Reason.ONWARD_RELEASE
    assert decide(doctor, treated, Action.PASS_ON, at=NOON).reason == Reason.ONWARD_RELEASE
    assert decide(stranger, own_exam, Action.PASS_ON, at=NOON).reason == Reason.NO_RELATION


def test_a_result_to_come_is_not_passed_on_nor_what_was_marked_meanwhile() -> None:
    contemplated = replace(granted, may_pass_on=True)
    later = replace(own_exam, grants=(Grant(granted=contemplated, series={}, whole=True),))
    assert not decide(doctor, later, Action.PASS_ON, at=NOON).allowed
    marked = replace(shared(may_pass_on=True), sensitive=frozenset({b"one"}))
    assert not decide(doctor, marked, Action.PASS_ON, at=NOON).allowed


def test_a_program_never_passes_anything_on() -> None:
    token = replace(doctor, token_scopes=frozenset({"dicomweb:read", "exchange:write"}))
    refused = decide(token, shared(may_pass_on=True), Action.PASS_ON, at=NOON)
    assert refused.reason == Reason.TOKEN_OMITS_SCOPE


UNTIL = NOON + timedelta(hours=3)


def test_an_answer_holds_no_longer_than_the_sign_in() -> None:
    assert decide(replace(owner, until=UNTIL), own_exam, Action.VIEW, at=NOON).until == UNTIL
    assert decide(replace(doctor, until=UNTIL), treated, Action.VIEW, at=NOON).until == UNTIL
    assert decide(replace(guest, until=UNTIL), shared(), Action.VIEW, at=NOON).until == UNTIL


def test_the_care_team_looks_at_all_of_the_exam() -> None:
    decision = decide(doctor, treated, Action.VIEW, at=NOON)
    assert (decision.allowed, decision.reason) == (True, Reason.CARE_RELATION)
    assert decision.scope.whole


def test_a_refusal_says_whether_there_is_a_relation_at_all() -> None:
    assert decide(stranger, own_exam, Action.SHARE, at=NOON).reason == Reason.NO_RELATION
    assert decide(doctor, treated, Action.SHARE, at=NOON).reason == Reason.ONWARD_RELEASE
    given = replace(shared(), custodian_account=OTHER, owner_account=OTHER)
    assert decide(stranger, own_exam, Action.VIEW, at=NOON).reason == Reason.NO_RELATION
    assert decide(doctor, given, Action.SHARE, at=NOON).reason == Reason.ONWARD_RELEASE


@pytest.mark.parametrize(
    "party",
    [
        replace(guest, consent_id=None),
        replace(owner, kind=PartyKind.ANONYMOUS),
        replace(owner, account_id=None),
    ],
)
def test_whoever_is_not_known_is_not_signed_in(party: Party) -> None:
    assert decide(party, own_exam, Action.VIEW, at=NOON).reason == Reason.NOT_SIGNED_IN


def test_a_consent_that_ended_does_not_hide_one_that_lives() -> None:
    ended = Grant(granted=replace(granted, revoked_at=NOON), series={SERIES: Part(99)})
    lives = Grant(granted=replace(granted, consent_id=UUID(int=31)), series={SERIES: Part(5)})
    decision = decide(guest, replace(own_exam, grants=(ended, lives)), Action.VIEW, at=NOON)
    assert (decision.allowed, decision.consent_id) == (True, UUID(int=31))
    assert decision.scope.part_of(SERIES) == Part(5)


def test_passing_on_rests_on_the_consent_that_lets_it() -> None:
    decision = decide(stranger, shared(may_pass_on=True), Action.PASS_ON, at=NOON)
    assert (decision.allowed, decision.reason, decision.consent_id) == (
        True,
        Reason.CONSENT,
        CONSENT,
    )


def test_a_mandate_holds_from_its_first_instant_and_says_what_is_beyond_it() -> None:
    looks = Mandate(
        representative_id=UUID(int=80), powers=frozenset({Power.LOOK}), since=NOON, until=None
    )
    exam = replace(own_exam, mandates=(looks,))
    assert decide(stranger, exam, Action.VIEW, at=NOON).allowed
    assert decide(stranger, exam, Action.SHARE, at=NOON).reason == Reason.BEYOND_AUTHORITY
    assert decide(stranger, exam, Action.DOWNLOAD, at=NOON).reason == Reason.NO_RELATION
    before = decide(stranger, exam, Action.VIEW, at=NOON - DAY)
    assert (before.allowed, before.reason) == (False, Reason.NO_RELATION)


@pytest.mark.parametrize(
    ("when", "allowed"),
    [
        (NOON - DAY - TICK, False),
        (NOON - DAY, True),
        (NOON + DAY - TICK, True),
        (NOON + DAY, False),
    ],
)
def test_care_that_was_entered_lasts_from_its_first_to_its_last_instant(
    when: datetime, *, allowed: bool
) -> None:
    assert decide(doctor, entered, Action.VIEW, at=when).allowed is allowed


def test_care_opens_until_the_latest_of_its_ends_and_to_members_alone() -> None:
    twice = replace(entered, care=(*entered.care, Care(since=NOON, until=NOON + 2 * DAY)))
    assert decide(doctor, twice, Action.VIEW, at=NOON).until == NOON + 2 * DAY
    soon = replace(doctor, until=NOON + TICK)
    assert decide(soon, twice, Action.VIEW, at=NOON).until == NOON + TICK
    brought = replace(twice, party_treats_patient=True)
    assert decide(doctor, brought, Action.VIEW, at=NOON).until is None
    assert decide(doctor, entered, Action.DOWNLOAD, at=NOON).reason == Reason.ONWARD_RELEASE
    for nobody in (replace(doctor, organizations=frozenset()), replace(doctor, kind=owner.kind)):
        assert not decide(nobody, entered, Action.VIEW, at=NOON).allowed
    elsewhere = replace(own_exam, care=entered.care)
    assert decide(doctor, elsewhere, Action.SHARE, at=NOON).reason == Reason.ONWARD_RELEASE
    assert not decide(doctor, elsewhere, Action.VIEW, at=NOON).allowed


def test_who_treats_the_patient_where_it_is_kept_reports_and_nobody_else_does() -> None:
    for exam in (treated, entered):
        decision = decide(doctor, exam, Action.REPORT, at=NOON)
        assert (decision.allowed, decision.reason) == (True, Reason.CARE_RELATION)
    a_clinic = replace(doctor, organizations=frozenset({CLINIC}))
    a_program = replace(doctor, token_scopes=frozenset({"exchange:write", "dicomweb:write"}))
    for party, exam in (
        (owner, own_exam),
        (owner, claimed),
        (guest, shared()),
        (stranger, shared()),
        (doctor, hospital_exam),
        (doctor, replace(hospital_exam, timed=(emergency,))),
        (a_clinic, treated),
        (a_program, treated),
    ):
        assert not decide(party, exam, Action.REPORT, at=NOON).allowed, (party, exam)
    assert not decide(doctor, entered, Action.REPORT, at=NOON + DAY).allowed


@pytest.mark.parametrize("action", THEIRS)
def test_who_claimed_an_institutions_record_does_all_but_remove_it(action: Action) -> None:
    decision = decide(owner, claimed, action, at=NOON)
    assert decision.allowed is (action is not Action.REMOVE)
    assert decision.reason == (Reason.CUSTODIAN_KEEPS if action is Action.REMOVE else Reason.OWNER)


hours = Timed(
    access_id=UUID(int=70),
    is_emergency=False,
    since=NOON - timedelta(hours=1),
    until=NOON + timedelta(hours=1),
)
emergency = replace(hours, is_emergency=True)


@pytest.mark.parametrize(
    ("party", "study", "at", "reason"),
    [
        pytest.param(stranger, own_exam, NOON, Reason.ELEVATION, id="elevated"),
        pytest.param(doctor, hospital_exam, NOON, Reason.ELEVATION, id="elevated and a clinician"),
        pytest.param(
            replace(stranger, token_scopes=frozenset({"dicomweb:read"})),
            own_exam,
            NOON,
            None,
            id="through a token",
        ),
        pytest.param(stranger, own_exam, hours.until - TICK, Reason.ELEVATION, id="to the last"),
        pytest.param(stranger, own_exam, hours.until, None, id="over this instant"),
        pytest.param(stranger, own_exam, hours.since, Reason.ELEVATION, id="from the first"),
        pytest.param(stranger, own_exam, hours.since - TICK, None, id="not begun"),
        pytest.param(stranger, replace(own_exam, filed=False), NOON, None, id="removed"),
        pytest.param(replace(stranger, second_factor=False), own_exam, NOON, None, id="one factor"),
        pytest.param(owner, own_exam, NOON, Reason.OWNER, id="their own"),
    ],
)
def test_an_elevation_lets_look_in_person_while_it_lasts(
    party: Party, study: StudyFacts, at: datetime, reason: Reason | None
) -> None:
    decision = decide(party, replace(study, timed=(hours,)), Action.VIEW, at=at)
    assert (decision.reason if decision.allowed else None) == reason
    if reason is Reason.ELEVATION:
        assert decision.timed_access_id == hours.access_id
        assert decision.until == hours.until


@pytest.mark.parametrize(
    ("party", "study", "reason"),
    [
        pytest.param(doctor, hospital_exam, Reason.BREAK_GLASS, id="of their institution"),
        pytest.param(
            replace(doctor, token_scopes=frozenset({"dicomweb:read"})),
            hospital_exam,
            Reason.BREAK_GLASS,
            id="with a program",
        ),
        pytest.param(doctor, own_exam, None, id="of a person"),
        pytest.param(
            replace(doctor, organizations=frozenset({CLINIC})), hospital_exam, None, id="elsewhere"
        ),
        pytest.param(stranger, hospital_exam, None, id="not a provider"),
        pytest.param(doctor, treated, Reason.CARE_RELATION, id="who treats the patient anyway"),
    ],
)
def test_an_emergency_opens_the_records_of_ones_own_institution(
    party: Party, study: StudyFacts, reason: Reason | None
) -> None:
    decision = decide(party, replace(study, timed=(emergency,)), Action.VIEW, at=NOON)
    assert (decision.reason if decision.allowed else None) == reason


@pytest.mark.parametrize("action", [each for each in Action if each is not Action.VIEW])
def test_hours_let_look_and_nothing_else(action: Action) -> None:
    for party, study in ((stranger, own_exam), (doctor, hospital_exam)):
        facts = replace(study, timed=(hours, emergency))
        assert not decide(party, facts, action, at=NOON).allowed


def test_what_hours_open_ends_with_the_session() -> None:
    until = NOON + timedelta(minutes=5)
    party = replace(stranger, until=until)
    assert decide(party, replace(own_exam, timed=(hours,)), Action.VIEW, at=NOON).until == until
