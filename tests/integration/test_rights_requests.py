"""Does a request run from its coming to its answer, by the strictest clock, and never silently?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from cast import Person, make_person, party_of_person
from powers import make_runner
from safelight.exchange.access.facts import Party
from safelight.governance.deadlines.errors import ExtensionRefusedError
from safelight.governance.deadlines.reminding import remind
from safelight.governance.rights.asking import Wish, ask, enter, own_request, own_requests, withdraw
from safelight.governance.rights.authorities import authorities_for, change_authority
from safelight.governance.rights.errors import DenialLetterMissingError, RequestStepError
from safelight.governance.rights.handling import desk, move, put_off, read_one, send_letter
from safelight.governance.rights.models import RightsRequest
from safelight.governance.rights.moving import deadline_of, deadlines_of
from safelight.governance.rights.rules import Channel, Ground, Kind, State
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.platform.audit.models import Entry
from safelight.platform.notices.models import Notice
from safelight.records.accounts.models import Kind as AccountKind
from safelight.records.accounts.models import StaffRole

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
SECRET = "The mole on my shoulder"
SECOND = timedelta(seconds=1)


@pytest.fixture
def official() -> Party:
    return make_runner("Paula Official", StaffRole.PRIVACY_OFFICIAL).party


@pytest.fixture
def owner() -> Person:
    return make_person("Olga Owner", AccountKind.INDIVIDUAL)


def asked(owner: Person, kind: Kind = Kind.ACCESS, country: str = "DE") -> RightsRequest:
    wish = Wish(kind=kind, words=SECRET, country=country)
    return ask(party_of_person(owner), wish, at=clock.now())


def test_what_is_asked_has_a_number_a_day_and_sealed_words(owner: Person, official: Party) -> None:
    made = asked(owner)
    assert made.number.startswith("R-")
    assert deadline_of(made).clock == "access.gdpr"
    entry = Entry.objects.get(kind="rights.asked")
    assert entry.subject == made.subject
    assert SECRET not in entry.text
    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM rights_rightsrequest")
        assert b"shoulder" not in bytes(cursor.fetchone()[0])
    told = set(Notice.objects.values_list("template", flat=True))
    assert {"request-received", "request-came"} <= told
    assert read_one(official, made.pk, at=clock.now()).words == SECRET


def test_the_country_chooses_the_clock_and_who_hears_complaints(owner: Person) -> None:
    assert deadline_of(asked(owner, country="US")).clocks == ["access.hipaa"]
    assert deadline_of(asked(owner, country="")).clocks == ["access.hipaa", "access.gdpr"]
    assert deadline_of(asked(owner, Kind.ERASURE, "US")).clocks == ["erasure.gdpr"]
    names = {each: [row.code for row in authorities_for(each)] for each in ("AU", "DE", "US", "GB")}
    assert names == {"AU": ["oaic"], "DE": ["edpb"], "US": ["ftc", "hhs-ocr"], "GB": ["ico"]}
    assert len(authorities_for("")) == 5


def test_a_denial_needs_a_ground_and_a_letter_that_was_sent(owner: Person, official: Party) -> None:
    made, at = asked(owner), clock.now()
    move(official, made.pk, State.IDENTITY_CHECK, at=at)
    move(official, made.pk, State.IN_PROGRESS, at=at)
    for state in (State.DENIED, State.PARTLY_DENIED):
        with pytest.raises(InvalidFieldError):
            move(official, made.pk, state, at=at)
        with pytest.raises(DenialLetterMissingError):
            move(official, made.pk, state, ground=Ground.KEPT_BY_LAW, at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        RightsRequest.objects.filter(pk=made.pk).update(state=State.DENIED)
    send_letter(official, made.pk, "We must keep it until 2032. You may complain.", at=at)
    move(official, made.pk, State.DENIED, ground=Ground.KEPT_BY_LAW, at=at)
    row = own_request(party_of_person(owner), made.pk)
    assert (row.state, row.ground) == ("denied", "kept-by-law")
    assert deadline_of(row).met_at == at
    assert Entry.objects.filter(kind="rights.letter-sent", subject=row.subject).count() == 1
    move(official, made.pk, State.CLOSED, at=at)
    with pytest.raises(RequestStepError):
        move(official, made.pk, State.IN_PROGRESS, at=at)


def test_nothing_done_reminds_and_is_missed_and_is_extended_once_and_before(
    owner: Person, official: Party
) -> None:
    made = asked(owner, country="US")
    row = deadline_of(made)
    assert remind(at=row.due - SECOND) == 4
    put_off(official, made.pk, "The archive is far away", at=row.due - SECOND)
    with pytest.raises(ExtensionRefusedError):
        put_off(official, made.pk, "Again", at=row.due)
    longer = deadline_of(made)
    remind(at=longer.due)
    missed = Entry.objects.filter(kind="deadline.missed", subject=made.subject)
    assert missed.count() == 1


def test_a_complaint_is_acknowledged_in_two_working_days_or_escalates(
    owner: Person, official: Party
) -> None:
    late, taken = asked(owner, Kind.COMPLAINT), asked(owner, Kind.COMPLAINT)
    move(official, taken.pk, State.IDENTITY_CHECK, at=clock.now())
    due = deadlines_of(late).get(clock="complaint.acknowledged").due
    remind(at=due)
    missed = Entry.objects.filter(kind="deadline.missed").values_list("subject", flat=True)
    assert list(missed) == [late.subject]
    remind(at=deadline_of(late).due)
    assert missed.filter(text__contains="complaint.answered").count() == 2


def test_the_desk_shows_what_is_due_first_and_only_to_the_privacy_official(
    owner: Person, official: Party
) -> None:
    slow, first = asked(owner, Kind.CORRECTION, "US"), asked(owner, Kind.COMPLAINT)
    assert [each.request for each in desk(official, at=clock.now())] == [first, slow]
    assert Entry.objects.filter(kind="rights.listed").count() == 1
    others = [
        make_runner("Axel Auditor", StaffRole.AUDITOR).party,
        make_runner("Sam Admin", StaffRole.SYSTEM_ADMIN).party,
        party_of_person(owner),
    ]
    for each in others:
        with pytest.raises(NotFoundError):
            desk(each, at=clock.now())
        with pytest.raises(NotFoundError):
            move(each, first.pk, State.IDENTITY_CHECK, at=clock.now())
        with pytest.raises(NotFoundError):
            change_authority(each, "ico", "Mine", "https://mine.example/", at=clock.now())


def test_one_withdraws_one_s_own_and_nobody_else_s(owner: Person, official: Party) -> None:
    made, at = asked(owner), clock.now()
    other = party_of_person(make_person("Nosy Nora", AccountKind.INDIVIDUAL))
    with pytest.raises(NotFoundError):
        withdraw(other, made.pk, at=at)
    assert own_requests(other) == []
    withdraw(party_of_person(owner), made.pk, at=at)
    with pytest.raises(RequestStepError):
        withdraw(party_of_person(owner), made.pk, at=at)
    assert deadline_of(made).met_at == at
    assert desk(official, at=at) == []
    assert Entry.objects.filter(kind="rights.withdrawn", subject=made.subject).count() == 1


def test_what_comes_by_phone_is_entered_with_whom_to_answer(official: Party) -> None:
    wish, at = Wish(kind=Kind.ACCESS, words=SECRET), clock.now()
    with pytest.raises(InvalidFieldError):
        enter(official, wish, " ", Channel.PHONE, at=at)
    with pytest.raises(InvalidFieldError):
        enter(official, wish, "Pat Porter, Elm Street 4", Channel.PAGE, at=at)
    made = enter(official, wish, "Pat Porter, Elm Street 4", Channel.PHONE, at=at)
    assert Entry.objects.filter(kind="rights.entered", subject=made.subject).count() == 1
    assert [each.request for each in desk(official, at=at)] == [made]


def test_while_we_wait_for_who_asked_the_law_that_allows_it_waits(
    owner: Person, official: Party
) -> None:
    made, at = asked(owner), clock.now()
    due = deadline_of(made).due
    move(official, made.pk, State.IDENTITY_CHECK, at=at)
    move(official, made.pk, State.WAITING, "Which exam?", at=at)
    move(official, made.pk, State.IN_PROGRESS, at=at + timedelta(days=3))
    assert deadline_of(made).due == due + timedelta(days=3)
    move(official, made.pk, State.FULFILLED, at=at + timedelta(days=4))
    assert [each.state for each in made.steps.order_by("pk")] == [
        "received",
        "identity_check",
        "waiting_for_requester",
        "in_progress",
        "fulfilled",
    ]


def test_the_directory_is_edited_and_dated(official: Party) -> None:
    for name, page in (
        ("", "https://a.example/"),
        ("A", "http://a.example/"),
        ("A", "javascript:"),
    ):
        with pytest.raises(InvalidFieldError):
            change_authority(official, "ico", name, page, at=clock.now())
    change_authority(official, "ico", "The Commissioner", "https://a.example/", at=clock.now())
    (row,) = authorities_for("GB")
    assert (row.name, row.page) == ("The Commissioner", "https://a.example/")
    assert Entry.objects.filter(kind="rights.authority-changed").count() == 1
