"""V37: an owner makes their account inactive, all that rests on it ends, and they may come back."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from starlette.testclient import TestClient

from cast import PASSWORD, Person, app_code, give_second_factor, make_person, messages_to
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.transfer.models import Transfer, TransferState
from safelight.governance.closing.jobs import close_due, look_again
from safelight.governance.closing.models import Inactivation
from safelight.governance.closing.returning import close_what_is_due, come_back
from safelight.kernel import clock
from safelight.kernel.errors import StateConflictError
from safelight.platform.audit.models import Entry
from safelight.records.accounts.errors import StepUpRequiredError
from safelight.records.accounts.models import (
    Account,
    ApiToken,
    Kind,
    Membership,
    Role,
    Session,
    State,
)
from story import FIREFOX, Story, browser_of, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

ADDRESS = "olga.owner@people.example"
LEAVE = "/account/leave/"
_QUESTION = re.compile(r'name="confirm-challenge" value="(\w+)"')


def proof(browser: Client, code: str) -> dict[str, str]:
    question = _QUESTION.search(browser.get(LEAVE).text)
    assert question is not None
    return {
        "confirm-challenge": question[1],
        "confirm-password": PASSWORD,
        "confirm-code": code,
    }


def leave(story: Story) -> Client:
    browser = browser_of(story.owner, story.code())
    assert browser.post(LEAVE, proof(browser, story.code())).status_code == 200
    return browser


def state_of(person: Person) -> str:
    return Account.objects.get(pk=person.account.pk).state


def entries(kind: str) -> int:
    return Entry.objects.filter(kind=kind).count()


def test_at_02_1_three_shares_and_a_transfer_end_at_once_with_an_entry_each(story: Story) -> None:
    shared = [story.share() for _ in range(3)]
    guest = open_share(shared[-1])
    assert story.as_guest(shared[-1], guest) == 200
    transfer = running_transfer(story)
    browser = browser_of(story.owner, story.code())
    page = browser.get(LEAVE).text
    assert "<b>3</b> shares that you gave end" in page
    assert "<b>1</b> transfer on its way" in page
    assert state_of(story.owner) == State.ACTIVE  # looking does nothing
    wrong = proof(browser, "000000")
    assert browser.post(LEAVE, wrong).status_code == 422
    assert state_of(story.owner) == State.ACTIVE

    begun = clock.now()
    assert browser.post(LEAVE, proof(browser, story.code())).status_code == 200
    assert clock.now() - begun < timedelta(seconds=60)

    assert state_of(story.owner) == State.INACTIVE
    assert story.as_guest(shared[-1], guest) != 200
    assert not Consent.objects.filter(revoked_at=None).exists()
    assert Transfer.objects.get(pk=transfer).state == TransferState.STOPPED
    assert not Session.objects.filter(account=story.owner.account).exists()
    assert not ApiToken.objects.filter(account=story.owner.account, revoked_at=None).exists()
    answer = story.web.get("/dicomweb/studies", headers=story.owner.headers)
    assert answer.status_code == 401
    assert entries("consent.revoked") == 3
    assert entries("transfer.stopped") == 1
    assert entries("account.sessions-ended") == 1
    assert entries("account.token-revoked") == 1
    assert entries("closing.inactivated") == 1
    assert "account-inactive" in [name for name, _ in messages_to(ADDRESS)]


def running_transfer(story: Story) -> UUID:
    at = clock.now()
    consent = Consent.objects.order_by("granted_at")[0]
    row = Transfer.objects.create(
        vault_id=consent.vault_id,
        study_id=story.study_id,
        organization_id=consent.pk,
        connection_id=consent.pk,
        consent_id=consent.pk,
        ordered_by="account/" + str(consent.pk),
        ordered_at=at,
        state=TransferState.SENDING,
        wanted=1,
        changed_at=at,
    )
    return row.pk


def test_an_inactive_account_reaches_one_page_and_comes_back_without_its_shares(
    story: Story,
) -> None:
    shared = story.share()
    old = leave(story)
    assert old.get("/exams/").status_code == 302
    browser = browser_of(story.owner, story.code())
    for path in ("/", "/exams/", "/access/", "/account/security/", LEAVE, "/account/statement/"):
        answer = browser.get(path)
        assert (answer.status_code, answer["Location"]) == (302, "/account/come-back/"), path
    assert browser.get("/api/v1/exams").status_code in {401, 403}
    assert browser.get("/account/come-back/").status_code == 200
    assert state_of(story.owner) == State.INACTIVE
    assert browser.post("/account/come-back/").status_code == 302
    assert browser.get("/exams/").status_code == 200
    assert state_of(story.owner) == State.ACTIVE
    assert Consent.objects.get(pk=shared.consent_id).revoked_at is not None
    assert entries("closing.reactivated") == 1
    assert browser.get("/account/come-back/")["Location"] == "/"


def test_a_password_alone_does_not_come_back(story: Story) -> None:
    leave(story)
    browser = Client(headers={"User-Agent": FIREFOX})
    browser.post("/account/sign-in/", {"email": ADDRESS, "password": PASSWORD})
    assert browser.post("/account/come-back/").status_code == 302
    with pytest.raises(StepUpRequiredError):
        come_back(story.owner.account.pk, session="", aal=1, at=clock.now())
    assert state_of(story.owner) == State.INACTIVE


def test_of_two_presses_one_does_it(story: Story) -> None:
    one, other = (browser_of(story.owner, story.code()) for _ in range(2))
    first = proof(one, story.code())
    second = proof(other, story.code())
    assert one.post(LEAVE, first).status_code == 200
    assert other.post(LEAVE, second).status_code != 200
    assert Inactivation.objects.count() == 1
    assert entries("closing.inactivated") == 1


def test_what_changed_since_it_was_shown_is_shown_again(story: Story) -> None:
    browser = browser_of(story.owner, story.code())
    said = proof(browser, "")
    story.share()
    answer = browser.post(LEAVE, said | {"confirm-code": story.code()})
    assert answer.status_code == 403
    assert "<b>1</b> share that you gave ends" in answer.text
    assert state_of(story.owner) == State.ACTIVE


def test_what_is_signed_a_moment_after_ends_a_moment_later(story: Story) -> None:
    leave(story)
    late = story.share()  # by a request that had been let in before
    assert Consent.objects.get(pk=late.consent_id).revoked_at is None
    look_again.function(inactivation_id=Inactivation.objects.get().pk)
    assert Consent.objects.get(pk=late.consent_id).revoked_at is not None


def test_the_last_moment_of_thirty_days(story: Story) -> None:
    leave(story)
    row = Inactivation.objects.get()
    assert timedelta(days=30) <= row.until - row.since <= timedelta(days=31)
    last = row.until - timedelta(microseconds=1)
    assert close_what_is_due(at=last) == 0
    come_back(story.owner.account.pk, session="", aal=2, at=last)
    assert state_of(story.owner) == State.ACTIVE


def test_after_thirty_days_it_is_closed_and_the_record_stays(story: Story) -> None:
    leave(story)
    row = Inactivation.objects.get()
    with pytest.raises(StateConflictError):
        come_back(story.owner.account.pk, session="", aal=2, at=row.until)
    assert close_what_is_due(at=row.until) == 1
    assert close_what_is_due(at=row.until) == 0
    assert state_of(story.owner) == State.CLOSED
    assert entries("closing.closed") == 1
    browser = Client(headers={"User-Agent": FIREFOX})
    said = {"email": ADDRESS, "password": PASSWORD}
    assert browser.post("/account/sign-in/", said).status_code == 401
    assert entries("closing.inactivated") == 1
    close_due.function()
    assert entries("closing.closed") == 1


def test_a_providers_records_stay_and_their_administrator_is_told(
    clinician: Person, web: TestClient
) -> None:
    assert web is not None
    admin = make_person("Ada Admin", Kind.PROVIDER, "Saint Anne")
    hospital = Membership.objects.get(account=clinician.account).organization
    Membership.objects.filter(account=admin.account).update(role=Role.ADMIN, organization=hospital)
    secret = give_second_factor(clinician)
    browser = browser_of(clinician, app_code(secret))
    said = proof(browser, app_code(secret, later=1))
    assert "stays with it, and its administrators are told" in browser.get(LEAVE).text
    assert browser.post(LEAVE, said).status_code == 200
    assert state_of(clinician) == State.INACTIVE
    assert Membership.objects.get(account=clinician.account).state == Membership.State.ACTIVE
    told = [name for name, _ in messages_to("ada.admin@people.example")]
    assert told == ["member-inactive"]


def test_the_last_administrator_cannot_leave(web: TestClient) -> None:
    assert web is not None
    admin = make_person("Ada Admin", Kind.PROVIDER, "Saint Anne")
    Membership.objects.filter(account=admin.account).update(role=Role.ADMIN)
    browser = browser_of(admin, app_code(give_second_factor(admin)))
    assert "Somebody has to take this on" in browser.get(LEAVE).text
    assert browser.post(LEAVE).status_code == 409
    assert state_of(admin) == State.ACTIVE
