"""A new statement: written, reviewed, published; asked, put off, declined, accepted (R01)."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from starlette.testclient import TestClient

from accepting import CURRENT
from cast import PASSWORD, Person, app_code, make_person, multipart
from permission_matrix import PAGES
from powers import Runner, break_the_glass, browser_for, emergency
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action, Reason
from safelight.exchange.access.facts import Party
from safelight.exchange.access.parties import party_of
from safelight.governance.compliance.actions import Circumstances, accept, decline
from safelight.governance.compliance.drafting import Content, begin_draft, write_draft
from safelight.governance.compliance.errors import StatementSupersededError
from safelight.governance.compliance.models import Acceptance, Decline, Draft, StatementVersion
from safelight.governance.compliance.queries import asked_of, current_statement
from safelight.governance.compliance.rules import binds_at
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from safelight.records.accounts.actors import actor_of_token
from safelight.records.accounts.models import Kind
from safelight.records.imaging.models import Study
from safelight.surfaces.web.account.limited import OPEN_TO_THE_LIMITED
from stating import NEW_WORDS, make_official, publish_next
from story import Story, another_ct, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

HERE = Circumstances("session/1", "203.0.113.7")
Move = Callable[[timedelta], datetime]
_CHALLENGE = re.compile(r'name="confirm-challenge" value="(\w+)"')
_A_SECOND = timedelta(seconds=1)
_A_DAY = timedelta(days=1)


@pytest.fixture
def official() -> Runner:
    return make_official()


@pytest.fixture
def owner() -> Person:
    return make_person("Olga Owner", Kind.INDIVIDUAL)


def leads(browser: Client, page: str, **headers: str) -> str:
    """Return where a page leads, empty if it is shown."""
    return str(browser.get(page, headers=headers).headers.get("Location", ""))


def with_token(person: Person) -> Party:
    return party_of(actor_of_token(person.token, at=clock.now()))


def test_whoever_accepted_is_asked_again_by_every_page_and_told_what_changed(
    official: Runner, owner: Person
) -> None:
    browser = browser_for(owner)
    assert leads(browser, "/exams/") == ""
    version = publish_next(official, grace_days=14)

    assert leads(browser, "/exams/") == "/account/statement/?next=%2Fexams%2F"
    page = html.unescape(browser.get("/account/statement/?next=/exams/").content.decode())
    assert "It names the machines." in page
    assert "Decide later" in page
    changes = reverse("statement-changes", args=[version.number])
    shown = browser.get(f"{changes}?since={version.number - 1}").content.decode()
    assert "<ins>" in shown
    assert "<del>" in shown

    said = {"statement": version.number, "next": "/exams/"}
    assert browser.post("/account/statement/", said | {"later": "1"})["Location"] == "/exams/"
    assert leads(browser, "/access/") == ""
    assert "The privacy statement changed." in browser.get("/access/").content.decode()
    assert browser.post("/account/statement/", said | {"accept": "on"})["Location"] == "/exams/"
    assert "The privacy statement changed." not in browser.get("/access/").content.decode()
    kept = Acceptance.objects.get(account=owner.account, version=version)
    assert (kept.sha256, kept.locale) == (version.sha256, "en")


def test_grace_ends_to_the_second_and_leaves_what_is_one_s_own(
    official: Runner, story: Story, moved_clock: Move
) -> None:
    version = publish_next(official, grace_days=14)
    ends = binds_at(version.effective_at, 14)
    assert ends == version.effective_at + 14 * _A_DAY
    moved_clock(ends - _A_SECOND - clock.now())
    asked = asked_of(story.owner.account.pk, at=ends - _A_SECOND)
    assert asked is not None
    assert not asked.is_limited
    party = with_token(story.owner)
    assert decide(party, Action.PREPARE, story.study_id, at=clock.now()).allowed

    moved_clock(2 * _A_SECOND)
    party = with_token(story.owner)
    at = clock.now()
    for action in (Action.VIEW, Action.DOWNLOAD, Action.READ_ACTIVITY):
        assert decide(party, action, story.study_id, at=at).allowed, action
    refused = decide(party, Action.PREPARE, story.study_id, at=at)
    assert refused.reason == Reason.STATEMENT_NOT_ACCEPTED
    accept(story.owner.account, version.number, HERE, at=at)
    assert decide(with_token(story.owner), Action.PREPARE, story.study_id, at=at).allowed


def test_without_grace_what_runs_goes_on_for_a_quarter_of_an_hour(
    official: Runner, story: Story, moved_clock: Move
) -> None:
    """AT-01.1: pictures go on to be shown, and the next page asks."""
    browser = browser_for(story.owner)
    exam = reverse("exam", args=[to_text(story.study_id)])
    assert leads(browser, exam) == ""
    publish_next(official)
    frame = story.web.get(f"/dicomweb{story.address}/frames/1", headers=story.owner.headers)
    assert frame.status_code == 200
    assert leads(browser, exam, **{"Sec-Fetch-Dest": "empty"}) == ""
    assert leads(browser, exam).startswith("/account/statement/")
    assert not Decline.objects.exists()
    moved_clock(timedelta(minutes=16))
    body, headers = multipart(another_ct(SOPInstanceUID="1.2.3.4.5"))
    stored = story.web.post(
        "/dicomweb/studies", content=body, headers=headers | story.owner.headers
    )
    assert stored.status_code == 403


def test_who_declines_is_limited_at_once_and_what_is_not_theirs_answers_alike(
    official: Runner, story: Story, web: TestClient
) -> None:
    other = make_person("Otto Other", Kind.INDIVIDUAL)
    store(web, other, another_ct(StudyInstanceUID="1.2.3.4", SOPInstanceUID="1.2.3.4.5"))
    version = publish_next(official, grace_days=30)
    decline(other.account, version.number, HERE, at=clock.now())
    decline(other.account, version.number, HERE, at=clock.now())
    assert Decline.objects.count() == 1
    assert Entry.objects.filter(kind="statement.declined").count() == 1

    own = web.get("/dicomweb/studies/1.2.3.4/metadata", headers=other.headers)
    assert own.status_code == 200
    theirs = web.get(
        f"/dicomweb/studies/{story.dataset.StudyInstanceUID}/metadata", headers=other.headers
    )
    absent = web.get("/dicomweb/studies/1.2.3/metadata", headers=other.headers)
    assert (theirs.status_code, theirs.json()["code"]) == (403, "policy_acceptance_required")
    assert (absent.status_code, absent.json()["code"]) == (403, "policy_acceptance_required")
    accept(other.account, version.number, HERE, at=clock.now())
    gone = web.get("/dicomweb/studies/1.2.3/metadata", headers=other.headers)
    assert gone.status_code == 404
    with pytest.raises(StateConflictError):
        decline(other.account, version.number, HERE, at=clock.now())


def _routes(under: URLResolver | None = None) -> dict[str, URLPattern]:
    found: dict[str, URLPattern] = {}
    for each in (under or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            found |= _routes(each)
        elif each.name:
            found[each.name] = each
    return found


def _address(name: str, story: Story) -> str | None:
    names = _routes()[name].pattern.converters
    values = {
        key: 1 if "Int" in type(kind).__name__ else to_text(story.study_id)
        for key, kind in names.items()
    }
    try:
        return reverse(name, kwargs=values)
    except Exception:  # noqa: BLE001 (of a kind of its own; it is not one of these pages)
        return None


def test_who_declined_reaches_the_limited_list_and_nothing_else(
    official: Runner, story: Story
) -> None:
    """AT-01.2, route by route: every page there is, by GET and by POST."""
    browser = browser_for(story.owner)
    version = publish_next(official, grace_days=30)
    said = {"statement": version.number, "decline": "1"}
    assert browser.post("/account/statement/", said).status_code == 302
    page = html.unescape(browser.get("/account/statement/").content.decode())
    assert "You declined." in page
    walked = 0
    always = ("/statement/", "/static/", "/openapi.json", "/healthz", "/readyz")
    for name in _routes():
        where = _address(name, story)
        if name == "sign-out" or where is None or where.startswith(always):
            continue
        for method in ("get", "post"):
            if (name, method) in {("not-me-here", "post"), ("end-sessions", "post")}:
                continue  # they end this session
            answer = getattr(browser, method)(where)
            is_led = answer.headers.get("Location") == "/account/statement/"
            is_led |= b"policy_acceptance_required" in getattr(answer, "content", b"")
            if name in OPEN_TO_THE_LIMITED:
                assert not is_led, (name, method)
            else:
                assert is_led, (name, method, answer.status_code)
            assert "_auth_user_id" in browser.session, (name, method)
            walked += 1
    assert walked > 250
    assert PAGES.keys() >= OPEN_TO_THE_LIMITED
    assert browser.get("/exams/").status_code == 200
    exam = browser.get(reverse("exam", args=[to_text(story.study_id)]))
    assert exam.status_code == 200
    assert "only what is your own is open" in exam.content.decode()


def test_an_emergency_that_runs_is_not_interrupted(
    official: Runner, web: TestClient, clinician: Person
) -> None:
    of_whom = {"PatientID": "MRN-7", "PatientBirthDate": "19700203"}
    store(
        web, make_person("Carl Colleague", Kind.PROVIDER, "Example Hospital"), another_ct(**of_whom)
    )
    study_id = Study.objects.get().pk
    break_the_glass(clinician, emergency("MRN-7", "1970-02-03"))
    version = publish_next(official, grace_days=30)
    decline(clinician.account, version.number, HERE, at=clock.now())
    browser = browser_for(clinician)
    assert browser.get(reverse("viewer", args=[to_text(study_id)])).status_code == 200
    assert leads(browser, "/inbox/") == "/account/statement/"
    party = with_token(clinician)
    assert not decide(party, Action.DOWNLOAD, study_id, at=clock.now()).allowed


def test_what_is_not_material_is_told_and_asks_nothing(official: Runner, owner: Person) -> None:
    browser = browser_for(owner)
    version = publish_next(official, is_material=False)
    page = browser.get("/exams/")
    assert page.status_code == 200
    assert "The privacy statement changed." in page.content.decode()
    with pytest.raises(StateConflictError):
        decline(owner.account, version.number, HERE, at=clock.now())


def test_a_version_to_come_binds_when_its_moment_comes(
    official: Runner, owner: Person, moved_clock: Move
) -> None:
    before = current_statement(at=clock.now()).number
    version = publish_next(official, effective_at=clock.now() + 7 * _A_DAY)
    assert current_statement(at=clock.now()).number == before
    with pytest.raises(StatementSupersededError):
        accept(owner.account, version.number, HERE, at=clock.now())
    moved_clock(version.effective_at - _A_SECOND - clock.now())
    assert asked_of(owner.account.pk, at=clock.now()) is None
    moved_clock(2 * _A_SECOND)
    assert current_statement(at=clock.now()) == version
    assert Client().get(f"/statement/{before}/").status_code == 200
    moved_clock(timedelta(minutes=15))
    asked = asked_of(owner.account.pk, at=clock.now())
    assert asked is not None
    assert asked.is_limited


def test_a_text_in_one_s_own_language_is_what_is_shown_and_accepted(
    official: Runner, owner: Person
) -> None:
    owner.account.locale = "fr"
    owner.account.save()
    browser = browser_for(owner)
    version = publish_next(official, fr="# Notre promesse\n\nVos images sont à vous.\n")
    assert "Vos images" in browser.get("/account/statement/").content.decode()
    accept(owner.account, version.number, HERE, at=clock.now())
    kept = Acceptance.objects.get(account=owner.account, version=version)
    assert kept.locale == "fr"
    assert kept.sha256 != version.sha256
    owner.account.locale = "de"
    owner.account.save()
    assert "Your pictures are yours" in browser.get("/statement/").content.decode()


class Surfer:
    """The official at the pages."""

    def __init__(self, runner: Runner) -> None:
        self.runner, self.browser = runner, browser_for(runner.person)

    def write(self, **said: str) -> int:
        base = {"summary": "It names the machines.", "grace_days": "14", "text-en": NEW_WORDS}
        return self.browser.post(reverse("operator-statement"), base | said).status_code

    def review(self, role: str, **said: str) -> int:
        base = {"role": role, "name": "Rita", "reviewed_on": "2026-11-23", "note": "Read."}
        return self.browser.post(reverse("operator-statement-review"), base | said).status_code


def test_the_official_writes_has_reviewed_and_publishes_on_pages(official: Runner) -> None:
    surfer = Surfer(official)
    assert surfer.browser.get(reverse("operator-statement")).status_code == 404
    surfer.browser.post(reverse("operator-statement-begin"))
    assert surfer.browser.get(reverse("operator-statement")).status_code == 200
    # Nothing was written yet that could be reviewed.
    assert surfer.review("risk") == 422
    assert surfer.write(summary="") == 422
    assert surfer.write(grace_days="91") == 422
    assert surfer.write(**{"text-en": "no title"}) == 422
    assert surfer.write(new_locale="not a language", new_text="# X") == 422
    assert surfer.write(is_material="on", new_locale="fr", new_text="# Promesse\n\nOui.") == 302
    assert surfer.review("risk") == 302
    assert surfer.review("friend") == 422
    assert surfer.review("counsel", reviewed_on="2036-01-01") == 422
    where = reverse("operator-statement-publish")
    assert surfer.browser.get(where)["Location"] == reverse("operator-statement")
    assert surfer.review("counsel") == 302
    assert surfer.browser.get(where).status_code == 200
    # A word changed after the review voids it.
    assert surfer.write(is_material="on", summary="It names machines and people.") == 302
    assert surfer.browser.get(where)["Location"] == reverse("operator-statement")
    assert "does not count" in surfer.browser.get(reverse("operator-statement")).content.decode()
    assert surfer.review("risk") == surfer.review("counsel") == 302

    asked = (clock.now() + 3 * _A_DAY).strftime("%Y-%m-%dT%H:%M")
    page = surfer.browser.get(where, {"effective_at": asked}).content.decode()
    assert _CHALLENGE.search(page)
    past = surfer.browser.get(where, {"effective_at": "nonsense"})
    assert past.status_code == 422
    sent = _signed_by(surfer, where, asked)
    assert sent == 302
    version = StatementVersion.objects.latest("number")
    assert version.effective_at.strftime("%Y-%m-%dT%H:%M") == asked
    assert (version.grace_days, version.is_material, version.shipped) == (14, True, None)
    assert {each.role for each in version.draft.reviews.all()} == {"risk", "counsel"}
    assert Entry.objects.filter(kind="statement.published").count() == 1
    assert "to come" in surfer.browser.get(reverse("operator-statements")).content.decode()


def _signed_by(surfer: Surfer, where: str, asked: str) -> int:
    app = Authenticator.objects.get(user=surfer.runner.person.account, type=Authenticator.Type.TOTP)
    app.data["last_counter"] = 0
    app.save()
    page = surfer.browser.get(where, {"effective_at": asked}).content.decode()
    found = _CHALLENGE.search(page)
    assert found
    said = {
        "effective_at": asked,
        "confirm-challenge": found[1],
        "confirm-password": PASSWORD,
        "confirm-code": app_code(decrypt(app.data["secret"])),
    }
    return surfer.browser.post(where, said).status_code


def test_a_draft_is_one_at_a_time_and_can_be_given_up(official: Runner, owner: Person) -> None:
    begun = begin_draft(official.party, at=clock.now())
    assert f"This is version {CURRENT + 1}." in begun.texts.get().text
    assert f"This is version {CURRENT}." not in begun.texts.get().text
    with pytest.raises(StateConflictError):
        begin_draft(official.party, at=clock.now())
    browser = browser_for(official.person)
    assert browser.post(reverse("operator-statement-drop")).status_code == 302
    assert Draft.objects.get().state == Draft.State.DROPPED
    content = Content(texts={"en": NEW_WORDS}, summary="x", is_material=True, grace_days=0)
    with pytest.raises(NotFoundError):
        write_draft(official.party, content, at=clock.now())
    stranger = browser_for(owner)
    for name in ("operator-statements", "operator-statement", "operator-statement-publish"):
        assert stranger.get(reverse(name)).status_code == 404


def test_nothing_takes_effect_in_the_past(official: Runner) -> None:
    with pytest.raises(InvalidFieldError):
        publish_next(official, effective_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert Draft.objects.get().state == Draft.State.OPEN
