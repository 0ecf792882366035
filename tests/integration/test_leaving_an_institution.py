"""Who leaves an institution loses at once what they saw there as one of its people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.conf import settings
from starlette.testclient import TestClient
from typer.testing import CliRunner

from acting import make_staff
from cast import Person, app_code, give_second_factor, make_person, messages_to, party_of_person
from safelight.exchange.access.caring.leaving import leave
from safelight.exchange.access.caring.relations import CareWish, begin_care
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.epoch import current_epoch
from safelight.exchange.access.facts import Party
from safelight.exchange.access.models import CareRelation
from safelight.exchange.access.parties import party_of
from safelight.exchange.access.who_sees import who_can_see
from safelight.exchange.release.viewing.find import find_study_by_id
from safelight.exchange.release.viewing.objects import RECHECK_EVERY, Watch, watched
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from safelight.records.accounts.actions.register import join
from safelight.records.accounts.actors import actor_of_token
from safelight.records.accounts.models import Kind, Membership, Organization, Role
from safelight.records.accounts.queries import address_of
from safelight.records.imaging.models import Study
from safelight.surfaces.cli import accounts as commands
from safelight.surfaces.cli.main import app
from story import Story, another_ct, browser_of, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

NUMBER, BORN = "MRN-7", "1970-02-03"
assert commands  # registers the command


@pytest.fixture
def exam(web: TestClient, clinician: Person) -> UUID:
    """Let a clinician bring in an exam."""
    store(web, clinician, another_ct(PatientID=NUMBER, PatientBirthDate="19700203"))
    return Study.objects.get().pk


@pytest.fixture
def hospital(clinician: Person) -> UUID:
    return clinician.account.memberships.get().organization_id


def entered(colleague: Person, desk: Person) -> CareRelation:
    said = CareWish(
        number=NUMBER,
        born_on=BORN,
        clinician=str(colleague.account.pk),
        way="list",
        reason="Follow-up of the operation",
        ends_on=(clock.now() + timedelta(days=10)).date().isoformat(),
    )
    return begin_care(party_of_person(desk), said, at=clock.now())


def sees(person: Person, exam: UUID) -> bool:
    return decide(party_of_person(person), Action.VIEW, exam, at=clock.now()).allowed


def test_what_they_brought_in_and_whom_they_treat_is_closed_to_them(
    web: TestClient, exam: UUID, clinician: Person, hospital: UUID
) -> None:
    desk = make_staff("Dana Desk", Role.IMAGING_DESK)
    colleague = make_person("Carl Colleague", Kind.PROVIDER, "Example Hospital")
    relation = entered(colleague, desk)
    assert sees(clinician, exam)
    assert sees(colleague, exam)
    before = current_epoch()

    leave(clinician.account.pk, hospital, at=clock.now())
    leave(colleague.account.pk, hospital, at=clock.now())

    assert current_epoch() > before
    assert not sees(clinician, exam)
    assert not sees(colleague, exam)
    assert who_can_see(exam, at=clock.now()) == []
    assert not CareRelation.objects.filter(ended_at__isnull=True).exists()
    relation.refresh_from_db()
    assert relation.ended_by == "left"
    found = web.get("/dicomweb/studies", headers=clinician.headers)
    assert found.status_code == 204
    uid = "1.3.6.1.4.1.5962.1.2.1.20040119072730.12322"
    gone = web.get(f"/dicomweb/studies/{uid}/metadata", headers=clinician.headers)
    assert gone.status_code == 404


def test_coming_back_opens_nothing_of_before(exam: UUID, clinician: Person, hospital: UUID) -> None:
    leave(clinician.account.pk, hospital, at=clock.now())
    join(clinician.account, "Example Hospital", Role.CLINICIAN, at=clock.now())
    assert not sees(clinician, exam)


def test_what_the_desk_was_given_is_closed_to_whoever_left_it(
    story: Story, clinician: Person, hospital: UUID
) -> None:
    desk = make_staff("Dana Desk", Role.IMAGING_DESK)
    story.share(audience="desk", organization_id=str(hospital), address="", name="")
    uid = story.dataset.StudyInstanceUID
    asked = f"/dicomweb/studies/{uid}/metadata"
    assert story.web.get(asked, headers=desk.headers).status_code == 200
    assert clinician.account.memberships.exists()

    leave(desk.account.pk, hospital, at=clock.now())

    assert story.web.get(asked, headers=desk.headers).status_code == 404
    assert not sees(desk, story.study_id)


def test_a_running_stream_stops(
    exam: UUID, clinician: Person, hospital: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Time stands still for the watch: it is the epoch alone that tells it to ask again.
    monkeypatch.setattr("safelight.exchange.release.viewing.objects.monotonic", lambda: 0.0)

    def who(at: datetime) -> Party:
        return party_of(actor_of_token(clinician.token, at=at))

    def pieces() -> Iterator[bytes]:
        yield bytes(8 * RECHECK_EVERY)

    found = find_study_by_id(who(clock.now()), exam, at=clock.now())
    running = watched(pieces(), Watch(who, found, clock.now))
    next(running)
    next(running)
    leave(clinician.account.pk, hospital, at=clock.now())
    assert sum(map(len, running)) <= RECHECK_EVERY


def test_it_is_on_record_and_the_person_is_told(
    exam: UUID, clinician: Person, hospital: UUID
) -> None:
    assert exam
    leave(clinician.account.pk, hospital, at=clock.now())
    ended = Membership.objects.get(account=clinician.account)
    assert (ended.state, ended.ended_at is None) == (Membership.State.ENDED, False)
    kinds = list(Entry.objects.values_list("kind", flat=True))
    assert kinds.count("account.membership-ended") == 1
    assert kinds.count("access.care-ended") == 1
    told = [template for template, _ in messages_to(address_of(clinician.account))]
    assert told.count("membership-ended") == 1


def test_whoever_keeps_another_role_keeps_what_rests_on_that_one(
    exam: UUID, clinician: Person, hospital: UUID
) -> None:
    desk = make_staff("Dana Desk", Role.IMAGING_DESK)
    colleague = make_person("Carl Colleague", Kind.PROVIDER, "Example Hospital")
    join(colleague.account, "Example Hospital", Role.IMAGING_DESK, at=clock.now())
    join(clinician.account, "Example Hospital", Role.PRIVACY_OFFICER, at=clock.now())
    entered(colleague, desk)

    leave(colleague.account.pk, hospital, role=Role.CLINICIAN, at=clock.now())
    leave(clinician.account.pk, hospital, role=Role.PRIVACY_OFFICER, at=clock.now())

    assert not sees(colleague, exam)  # the desk enters clinicians alone
    assert party_of_person(colleague).desks == {hospital}
    assert sees(clinician, exam)


def test_who_is_no_member_cannot_leave_and_is_not_entered_for_a_patient(
    exam: UUID, clinician: Person, stranger: Person, hospital: UUID
) -> None:
    assert exam
    at, desk = clock.now(), make_staff("Dana Desk", Role.IMAGING_DESK)
    leave(clinician.account.pk, hospital, at=at)
    for account_id in (clinician.account.pk, stranger.account.pk):
        with pytest.raises(NotFoundError):
            leave(account_id, hospital, at=at)
    with pytest.raises(InvalidFieldError):
        entered(clinician, desk)


def test_the_command_line_ends_what_it_made(exam: UUID, clinician: Person) -> None:
    (settings.SAFELIGHT_DATA / "safelight.toml").write_text('instance = "tests"\n')

    def run(*more: str) -> tuple[int, str]:
        words = ["account", "leave", "--data", str(settings.SAFELIGHT_DATA)]
        words += ["--email", address_of(clinician.account), *more]
        done = CliRunner().invoke(app, words)
        return done.exit_code, done.output

    assert run("--organization", "Other Clinic")[0] == 1
    assert run("--organization", "Example Hospital", "--role", "king")[0] == 1
    assert sees(clinician, exam)
    assert run("--organization", "example  hospital")[0] == 0
    assert not sees(clinician, exam)
    assert Organization.objects.count() == 1


def test_whoever_left_can_still_sign_in(exam: UUID, clinician: Person, hospital: UUID) -> None:
    browser = browser_of(clinician, app_code(give_second_factor(clinician)))
    assert to_text(exam) in browser.get("/exams/").content.decode()
    leave(clinician.account.pk, hospital, at=clock.now())
    for page in ("/", "/exams/", "/account/security/"):
        shown = browser.get(page, follow=True)
        assert shown.status_code == 200
        assert to_text(exam) not in shown.content.decode()
