"""Does a clinician in an emergency reach their own institution's records, told and reviewed?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from starlette.testclient import TestClient

from acting import make_staff
from cast import Person, app_code, give_second_factor, make_person, messages_to, party_of_person
from powers import break_the_glass, emergency, make_runner
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action, Reason
from safelight.exchange.access.powers.emergency import may_break_glass, show_emergency
from safelight.exchange.access.powers.errors import TooManyEmergenciesError
from safelight.exchange.access.powers.models import TimedAccess
from safelight.exchange.access.powers.notifying import hold_notice, tell_owners_that_are_due
from safelight.exchange.access.powers.reviewing import (
    access_to_review,
    accesses_to_review,
    end_reviewed_access,
    review,
    reviews_due,
)
from safelight.exchange.access.powers.scope import working_days_after
from safelight.exchange.release.activity import activity
from safelight.exchange.release.models import Disclosure
from safelight.exchange.release.viewing.overview import exam as read_exam
from safelight.exchange.release.viewing.overview import exams
from safelight.governance.watch.models import Incident
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.platform.audit.queries import TrailFilter, page_of
from safelight.records.accounts.models import Kind, Role, StaffRole
from safelight.records.accounts.queries import address_of
from safelight.records.imaging.models import PatientRecord, Study
from story import another_ct, browser_of, store
from watching import alerts, look_now

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

HOSPITAL, CLINIC = "Example Hospital", "Other Clinic"
NUMBER, BORN = "MRN-7", "1970-02-03"


@pytest.fixture
def kept(web: TestClient, clinician: Person) -> UUID:
    """Let the hospital keep an exam of one patient, brought in by who treats them."""
    of_whom = {"PatientID": NUMBER, "PatientBirthDate": BORN.replace("-", "")}
    store(web, clinician, another_ct(**of_whom))
    return Study.objects.get().pk


@pytest.fixture
def patient(kept: UUID) -> Person:
    """Let the patient have made the hospital's record their own."""
    person = make_person("Paul Patient", Kind.INDIVIDUAL)
    PatientRecord.objects.filter(pk=Study.objects.get(pk=kept).patient_id).update(
        account_id=person.account.pk
    )
    return person


@pytest.fixture
def doctor(kept: UUID) -> Person:
    assert kept
    return make_person("Dora Duty", Kind.PROVIDER, HOSPITAL)


@pytest.fixture
def officer(kept: UUID) -> Person:
    assert kept
    return make_staff("Olga Officer")


def _reason(person: Person, study_id: UUID, action: Action = Action.VIEW) -> str:
    return decide(party_of_person(person), action, study_id, at=clock.now()).reason


def _mails(person: Person) -> list[str]:
    return [name for name, _ in messages_to(address_of(person.account))]


def test_it_opens_the_record_for_four_hours_and_owner_and_officer_know_at_once(
    web: TestClient,
    kept: UUID,
    patient: Person,
    doctor: Person,
    officer: Person,
    moved_clock: Callable[[timedelta], datetime],
) -> None:
    assert _reason(doctor, kept) == Reason.NO_RELATION
    official = make_runner("Pia Privacy", StaffRole.PRIVACY_OFFICIAL)
    access = break_the_glass(doctor, emergency(NUMBER, BORN))
    assert _reason(doctor, kept) == Reason.BREAK_GLASS
    assert _reason(doctor, kept, Action.DOWNLOAD) != Reason.BREAK_GLASS
    assert [each.study_id for each in exams(party_of_person(doctor), at=clock.now())] == [kept]
    assert web.get("/dicomweb/studies", headers=doctor.headers).json()
    assert _mails(patient).count("opened-in-emergency") == 1
    assert _mails(officer).count("emergency-to-review") == 1
    assert _mails(official.person).count("emergency-to-review") == 1
    read_exam(party_of_person(doctor), kept, at=clock.now())
    left = Disclosure.objects.filter(study_id=kept, basis="break-glass")
    assert {each.timed_access_id for each in left} == {access.pk}
    told = activity(party_of_person(patient), kept, at=clock.now())
    assert ("broke-glass", "Dora Duty") in {(each.did, each.who) for each in told}
    moved_clock(timedelta(hours=4))
    assert _reason(doctor, kept) == Reason.NO_RELATION
    assert web.get("/dicomweb/studies", headers=doctor.headers).status_code == 204


def test_never_for_another_institution_a_person_or_what_was_erased(
    web: TestClient, kept: UUID, patient: Person, doctor: Person
) -> None:
    elsewhere = make_person("Else Where", Kind.PROVIDER, CLINIC)
    with pytest.raises(InvalidFieldError):
        break_the_glass(elsewhere, emergency(NUMBER, BORN))
    own = {"PatientID": NUMBER, "PatientBirthDate": BORN.replace("-", "")}
    store(web, patient, another_ct(**own, StudyInstanceUID="1.2.826.0.1.77"))
    theirs = Study.objects.exclude(pk=kept).get().pk
    break_the_glass(doctor, emergency(NUMBER, BORN))
    assert _reason(doctor, theirs) == Reason.NO_RELATION
    Study.objects.filter(pk=kept).update(state="removed")
    assert _reason(doctor, kept) == Reason.NOT_HERE


@pytest.mark.parametrize(("number", "born_on"), [("MRN-8", BORN), (NUMBER, "1970-02-04")])
def test_whoever_tries_numbers_signs_each_try_and_learns_nothing(
    kept: UUID, doctor: Person, number: str, born_on: str
) -> None:
    give_second_factor(doctor)
    party = party_of_person(doctor)
    shown = show_emergency(party, emergency(number, born_on), at=clock.now())
    assert shown.challenge_id  # what is asked is the same whether or not there is such a patient
    with pytest.raises(InvalidFieldError) as refused:
        break_the_glass(doctor, emergency(number, born_on))
    assert refused.value.field == "number"
    assert not TimedAccess.objects.exists()
    said = page_of(TrailFilter(kinds=["break-glass.refused"])).entries
    assert [(each.outcome, each.reason) for each in said] == [("denied", "no-such-patient")]
    assert _reason(doctor, kept) == Reason.NO_RELATION


def test_only_a_clinician_in_person_may(kept: UUID, doctor: Person, patient: Person) -> None:
    desk = make_staff("Dana Desk", Role.IMAGING_DESK)
    tokened = replace(party_of_person(doctor), token_scopes=frozenset({"dicomweb:read"}))
    one_factor = replace(party_of_person(doctor), second_factor=False)
    assert may_break_glass(party_of_person(doctor))
    for party in (party_of_person(desk), party_of_person(patient), tokened, one_factor):
        assert not may_break_glass(party)
        with pytest.raises(NotFoundError):
            show_emergency(party, emergency(NUMBER, BORN), at=clock.now())
    assert _reason(doctor, kept) == Reason.NO_RELATION


@pytest.mark.parametrize(
    "wrong",
    [{"number": " "}, {"born_on": "3.2.70"}, {"cause": "curiosity"}, {"reason": ""}],
)
def test_it_says_who_and_why(doctor: Person, wrong: dict[str, str]) -> None:
    what = replace(emergency(NUMBER, BORN), **wrong)  # type: ignore[arg-type]  # fields by name
    with pytest.raises(InvalidFieldError):
        show_emergency(party_of_person(doctor), what, at=clock.now())


def test_an_officer_reviews_each_within_two_working_days(
    kept: UUID, doctor: Person, officer: Person
) -> None:
    access = break_the_glass(doctor, emergency(NUMBER, BORN))
    assert access.review_due_at == working_days_after(access.began_at, 2)
    party = party_of_person(officer)
    assert [each.pk for each in accesses_to_review(party, at=clock.now())] == [access.pk]
    home = browser_of(officer, app_code(give_second_factor(officer))).get("/").content.decode()
    assert "One review of an emergency waits for you." in home
    assert reviews_due(party_of_person(doctor)) == 0
    for nobody in (doctor, make_staff("Dana Desk", Role.IMAGING_DESK)):
        with pytest.raises(NotFoundError):
            accesses_to_review(party_of_person(nobody), at=clock.now())
        with pytest.raises(NotFoundError):
            review(party_of_person(nobody), access.pk, "justified", "Fine", at=clock.now())
    with pytest.raises(InvalidFieldError):
        review(party, access.pk, "perhaps", "Hm", at=clock.now())
    done = review(party, access.pk, "unjustified", "The patient was not here", at=clock.now())
    assert (done.verdict, done.reviewed_by_id) == ("unjustified", officer.account.pk)
    assert reviews_due(party) == 0
    assert _reason(doctor, kept) == Reason.NO_RELATION
    with pytest.raises(StateConflictError):
        review(party, access.pk, "justified", "On second thought", at=clock.now())
    said = page_of(TrailFilter(kinds=["break-glass.reviewed"])).entries
    assert [each.reason for each in said] == ["unjustified"]


def test_only_one_that_was_not_justified_is_an_incident(doctor: Person, officer: Person) -> None:
    look_now()
    right, wrong = (break_the_glass(doctor, emergency(NUMBER, BORN)) for _ in range(2))
    review(party_of_person(officer), right.pk, "justified", "Seen", at=clock.now())
    look_now()
    assert not Incident.objects.exists()
    review(party_of_person(officer), wrong.pk, "unjustified", "Not here", at=clock.now())
    look_now()
    (incident,) = Incident.objects.all()
    (alert,) = (each for each in alerts("D5") if each.form == "unjustified")
    assert (incident.alert_id, incident.subject) == (alert.pk, f"access/{wrong.pk}")
    assert alert.severity == "high"


def test_an_officer_never_reviews_their_own_and_may_end_anothers(
    kept: UUID, doctor: Person, officer: Person
) -> None:
    access = break_the_glass(doctor, emergency(NUMBER, BORN))
    end_reviewed_access(party_of_person(officer), access.pk, at=clock.now())
    assert _reason(doctor, kept) == Reason.NO_RELATION
    doctor.account.memberships.update(role=Role.PRIVACY_OFFICER)
    with pytest.raises(NotFoundError):
        access_to_review(party_of_person(doctor), access.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        TimedAccess.objects.filter(pk=access.pk).update(
            reviewed_at=clock.now(), reviewed_by_id=doctor.account.pk, verdict="justified"
        )


def test_a_fourth_in_a_week_waits_for_the_review_of_one(doctor: Person, officer: Person) -> None:
    three = [break_the_glass(doctor, emergency(NUMBER, BORN)) for _ in range(3)]
    with pytest.raises(TooManyEmergenciesError):
        show_emergency(party_of_person(doctor), emergency(NUMBER, BORN), at=clock.now())
    said = page_of(TrailFilter(kinds=["break-glass.refused"])).entries
    assert [each.reason for each in said] == ["review_pending"]
    review(party_of_person(officer), three[0].pk, "justified", "Seen", at=clock.now())
    break_the_glass(doctor, emergency(NUMBER, BORN))


def test_telling_the_owner_waits_a_day_and_longer_only_by_a_second_person(
    kept: UUID,
    patient: Person,
    doctor: Person,
    officer: Person,
    moved_clock: Callable[[timedelta], datetime],
) -> None:
    begun = clock.now()
    soon = break_the_glass(doctor, emergency(NUMBER, BORN, hold_notice=True))
    later = break_the_glass(doctor, emergency(NUMBER, BORN, hold_notice=True))
    read_exam(party_of_person(doctor), kept, at=clock.now())
    assert _mails(patient).count("opened-in-emergency") == 0
    read = party_of_person(patient)
    assert not [each for each in activity(read, kept, at=clock.now()) if each.who == "Dora Duty"]
    until = begun + timedelta(days=7)
    for nobody in (doctor, patient):
        with pytest.raises(NotFoundError):
            hold_notice(party_of_person(nobody), later.pk, until, "No", at=clock.now())
    held = party_of_person(officer)
    with pytest.raises(InvalidFieldError):
        hold_notice(held, later.pk, begun + timedelta(days=31), "At home", at=clock.now())
    hold_notice(held, later.pk, until, "The one who beat them reads their mail", at=clock.now())
    moved_clock(timedelta(hours=24))
    assert tell_owners_that_are_due(at=clock.now()) == 1
    assert tell_owners_that_are_due(at=clock.now()) == 0
    assert _mails(patient).count("opened-in-emergency") == 1
    told = [each for each in activity(read, kept, at=clock.now()) if each.who == "Dora Duty"]
    assert "broke-glass" in {each.did for each in told}
    with pytest.raises(StateConflictError):
        hold_notice(held, soon.pk, until, "Too late", at=clock.now())
    moved_clock(timedelta(days=6))
    assert tell_owners_that_are_due(at=clock.now()) == 1


def test_the_database_itself_lets_only_a_clinician_of_the_house(
    kept: UUID, doctor: Person, officer: Person
) -> None:
    access = break_the_glass(doctor, emergency(NUMBER, BORN))
    row = {
        field.attname: getattr(access, field.attname)
        for field in TimedAccess._meta.concrete_fields
        if field.attname != "id"
    }
    for wrong in (
        {"account_id": officer.account.pk},
        {"authorization_id": kept},
        {"authorization_id": None},
        {"vault_id": kept},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            TimedAccess.objects.create(**(row | wrong))
    with pytest.raises(IntegrityError), transaction.atomic():
        TimedAccess.objects.filter(pk=access.pk).update(
            notice_due_at=access.began_at + timedelta(days=2)
        )


def test_working_days_leave_out_the_weekend() -> None:
    friday = datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert working_days_after(friday, 2) == datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert working_days_after(friday + timedelta(days=1), 2) == datetime(
        2026, 11, 24, 9, tzinfo=UTC
    )
    assert working_days_after(friday - timedelta(days=4), 2) == friday - timedelta(days=2)
