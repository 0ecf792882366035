"""L93: you say once that it was not you, and within seconds nobody is in your account any more."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from cast import PASSWORD, app_code, give_second_factor, make_person, messages_to
from safelight.exchange.consent.models import Consent
from safelight.governance.compromise.jobs import look_again
from safelight.governance.compromise.models import CompromiseReport
from safelight.governance.compromise.recovering import prove_identity
from safelight.governance.watch.models import Incident
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from safelight.records.accounts.actions.factors import make_recovery_codes
from safelight.records.accounts.models import ApiToken, Kind, Session, State
from story import FIREFOX, Story, browser_of, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

ADDRESS = "olga.owner@people.example"
NEW_PASSWORD = "another walk beside the sea"
_QUESTION = re.compile(r'name="confirm-challenge" value="(\w+)"')


def mailed(template: str) -> str:
    """Return the way into our pages that the newest mail of a kind leads to."""
    facts = [facts for name, facts in messages_to(ADDRESS) if name == template][-1]
    return facts["page"].removeprefix("http://localhost:8000")


def sign_in(password: str, code: str) -> Client:
    browser = Client(headers={"User-Agent": FIREFOX})
    browser.post("/account/sign-in/", {"email": ADDRESS, "password": password})
    browser.post("/account/sign-in/factor/", {"code": code})
    return browser


def is_in(browser: Client) -> bool:
    return browser.get("/exams/").status_code == 200


def test_one_press_ends_everything_pauses_what_was_shared_and_opens_an_incident(
    story: Story,
) -> None:
    shared = story.share()
    guest = open_share(shared)
    thief, owner = browser_of(story.owner, story.code()), browser_of(story.owner, story.code())
    assert story.as_guest(shared, guest) == 200
    assert "/account/not-me/here/" in owner.get("/account/security/").text
    assert "/account/not-me/here/" in owner.get("/access/").text
    assert "/account/not-me/here/" in owner.get("/activity/").text

    assert owner.get("/account/not-me/here/").status_code == 200
    assert is_in(thief)  # looking at the page does nothing
    begun = clock.now()
    assert owner.post("/account/not-me/here/").status_code == 200
    assert clock.now() - begun < timedelta(seconds=60)

    assert not is_in(thief)
    assert not is_in(owner)
    assert not is_in(sign_in(PASSWORD, story.code()))
    assert not Session.objects.filter(account=story.owner.account).exists()
    assert not ApiToken.objects.filter(account=story.owner.account, revoked_at=None).exists()
    answer = story.web.get("/dicomweb/studies", headers=story.owner.headers)
    assert answer.status_code == 401
    assert story.as_guest(shared, guest) == 423  # paused, not ended
    consent = Consent.objects.get(pk=shared.consent_id)
    assert consent.suspended_at is not None
    assert consent.revoked_at is None
    incident = Incident.objects.get()
    assert (incident.source, incident.subject) == (
        "compromise",
        f"account/{story.owner.account.pk}",
    )
    report = CompromiseReport.objects.get()
    kinds = Entry.objects.filter(entry_id__in=report.entries).values_list("kind", flat=True)
    assert {"account.signed-in", "consent.granted"} <= set(kinds)


@pytest.mark.parametrize("template", ["new-device", "consent-copy"])
def test_each_security_mail_carries_the_press(story: Story, template: str) -> None:
    browser_of(story.owner, story.code())
    story.share()
    thief = browser_of(story.owner, story.code())
    page = mailed(template)
    visitor = Client()
    assert visitor.get(page).status_code == 200
    assert is_in(thief)
    assert visitor.post(page).status_code == 200
    assert not is_in(thief)
    assert visitor.post(page).status_code == 200  # again is no error, and no second report
    assert CompromiseReport.objects.count() == 1
    assert Client().get(page[:-3] + "xx/").status_code == 404


def test_the_owner_comes_back_by_the_mail_and_the_app_and_decides_about_each_share(
    story: Story,
) -> None:
    shared = story.share()
    guest = open_share(shared)
    make_recovery_codes(story.owner.account, at=clock.now())
    owner = browser_of(story.owner, story.code())
    owner.post("/account/not-me/here/")
    page = mailed("account-frozen")
    visitor = Client()
    said = {"code": "000000", "password": NEW_PASSWORD}
    assert visitor.post(page, said).status_code == 422
    assert visitor.post(page, said | {"code": story.code()}).status_code == 302
    assert not is_in(sign_in(PASSWORD, story.code()))
    back = sign_in(NEW_PASSWORD, story.code())
    assert is_in(back)
    assert Client().get(page).status_code == 404  # the way back leads in once

    address = f"/consents/{to_text(shared.consent_id)}/was-me/"
    assert address in back.get("/access/").text
    shown = back.get(address).text
    question = _QUESTION.search(shown)
    assert question is not None
    proof = {"confirm-challenge": question[1], "confirm-password": NEW_PASSWORD}
    assert back.post(address, proof | {"confirm-code": "000000"}).status_code == 422
    assert story.as_guest(shared, guest) != 200
    question = _QUESTION.search(back.get(address).text)
    assert question is not None
    proof["confirm-challenge"] = question[1]
    assert back.post(address, proof | {"confirm-code": story.code()}).status_code == 302
    assert story.as_guest(shared, guest) == 200
    assert back.get(address).status_code == 404


def test_a_share_that_was_not_theirs_is_taken_back(story: Story) -> None:
    shared = story.share()
    browser_of(story.owner, story.code()).post("/account/not-me/here/")
    Client().post(mailed("account-frozen"), {"code": story.code(), "password": NEW_PASSWORD})
    back = sign_in(NEW_PASSWORD, story.code())
    back.post(f"/consents/{to_text(shared.consent_id)}/take-back/")
    assert Consent.objects.get(pk=shared.consent_id).revoked_at is not None


def test_what_was_signed_while_the_account_froze_is_paused_a_moment_later(story: Story) -> None:
    browser_of(story.owner, story.code()).post("/account/not-me/here/")
    shared = story.share()  # by a request that had been let in before
    assert Consent.objects.get(pk=shared.consent_id).suspended_at is None
    look_again.function(report_id=CompromiseReport.objects.get().pk)
    look_again.function(report_id=CompromiseReport.objects.get().pk)
    assert Consent.objects.get(pk=shared.consent_id).suspended_at is not None


def test_whoever_only_knows_the_address_locks_nobody_out(story: Story) -> None:
    owner = browser_of(story.owner, story.code())
    stranger = Client()
    answers = set()
    for _ in range(12):
        for address in (ADDRESS, "nobody@people.example"):
            answer = stranger.post("/account/not-me/", {"email": address})
            assert answer.status_code in {200, 429}
            if answer.status_code == 200:
                answers.add(answer.content)
    assert len(answers) == 1  # known and unknown addresses read the same
    asked = [facts for name, facts in messages_to(ADDRESS) if name == "not-me-asked"]
    assert len(asked) == 3  # and the mailbox is not flooded
    assert is_in(owner)
    assert is_in(sign_in(PASSWORD, story.code()))
    story.owner.account.refresh_from_db()
    assert story.owner.account.state == State.ACTIVE
    assert not CompromiseReport.objects.exists()
    # Its owner still can: by any of those mails.
    assert Client().post(mailed("not-me-asked")).status_code == 200
    assert not is_in(owner)


def test_the_mailbox_alone_opens_nothing(
    story: Story, moved_clock: Callable[[timedelta], object]
) -> None:
    browser_of(story.owner, story.code()).post("/account/not-me/here/")
    page = mailed("account-frozen")
    thief = Client()
    assert thief.get(page + "hold/").status_code == 405
    assert thief.post(page + "hold/").status_code == 302
    assert len([1 for name, _ in messages_to(ADDRESS) if name == "recovery-held"]) == 1
    reference = messages_to(ADDRESS)[-1][1]["code"]
    new = {"password": NEW_PASSWORD}
    assert thief.post(page, new).status_code == 422
    moved_clock(timedelta(hours=73))
    assert thief.post(page, new).status_code == 422
    thief.post("/account/reset/", {"email": ADDRESS})
    assert [name for name, _ in messages_to(ADDRESS)][-1] == "address-unknown"
    assert not is_in(sign_in(PASSWORD, story.code()))
    assert CompromiseReport.objects.get().recovered_at is None

    # Who it is was seen by whoever runs the place: then, and only then.
    prove_identity(reference, "Identity card seen", by="operator", at=clock.now())
    assert thief.post(page, new).status_code == 302
    entered = Client(headers={"User-Agent": FIREFOX})
    entered.post("/account/sign-in/", {"email": ADDRESS, "password": NEW_PASSWORD})
    assert entered.get("/exams/")["Location"] == "/account/security/factors/add/"


def test_the_owner_stops_a_hold_that_somebody_else_began(
    story: Story, moved_clock: Callable[[timedelta], object]
) -> None:
    browser_of(story.owner, story.code()).post("/account/not-me/here/")
    page = mailed("account-frozen")
    Client().post(page + "hold/")
    reference = messages_to(ADDRESS)[-1][1]["code"]
    prove_identity(reference, "Fooled by a forged card", by="operator", at=clock.now())
    Client().post(mailed("recovery-held") + "stop/")
    moved_clock(timedelta(hours=73))
    answer = Client().post(page, {"password": NEW_PASSWORD})
    assert answer.status_code == 422


def test_what_somebody_else_added_to_sign_in_with_is_no_way_back(story: Story) -> None:
    thief = make_person("Theo Thief", Kind.INDIVIDUAL)
    codes = make_recovery_codes(story.owner.account, at=clock.now())
    give_second_factor(thief)
    from datetime import UTC, datetime  # noqa: PLC0415 (for this test alone)

    story.owner.account.created_at = datetime(2020, 1, 1, tzinfo=UTC)
    story.owner.account.save()
    # Of an old account, whatever was added in the last two days is doubted.
    browser_of(story.owner, story.code()).post("/account/not-me/here/")
    page = mailed("account-frozen")
    for code in (codes[0], app_code(story.secret)):
        assert Client().post(page, {"code": code, "password": NEW_PASSWORD}).status_code == 422
