"""Do the pages let one ask, another approve, a clinician break the glass, an officer review?"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.test import Client
from starlette.testclient import TestClient

from acting import make_staff
from cast import PASSWORD, Person, app_code, give_second_factor, make_person
from powers import Runner, admin, elevate, emergency, make_runner, request, security_officer
from safelight.exchange.access.powers.approvals import state_of
from safelight.exchange.access.powers.kinds import ApprovalState
from safelight.exchange.access.powers.models import Approval, TimedAccess
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.platform.audit.queries import TrailFilter, page_of
from safelight.records.accounts.models import Kind, StaffRole
from safelight.records.imaging.models import Study
from story import Story, another_ct, browser_of, session_cookie, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

NUMBER, BORN = "MRN-7", "1970-02-03"
_CHALLENGE = re.compile(r'name="confirm-challenge" value="(\w+)"')
_HIDDEN = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">')
LINE = "key_export key/root needed=2 shares=3"
WHY = {"cause": "incident", "reason": "The <b>exam</b> does not open", "ticket": "INC-4"}


@dataclass
class Surfer:
    """Somebody at the pages, who signs what they are shown."""

    person: Person
    browser: Client

    def sign(self, page: str, **said: str) -> int:
        """Send a page back with what it carries, and password and code."""
        shown = self.browser.post(page, said) if said else self.browser.get(page)
        assert shown.status_code == 200, shown.text
        carried = {name: html.unescape(value) for name, value in _HIDDEN.findall(shown.text)}
        (challenge,) = _CHALLENGE.findall(shown.text)
        proof = {
            "confirm-challenge": challenge,
            "confirm-password": PASSWORD,
            "confirm-code": _code(self.person),
        }
        return self.browser.post(page, carried | proof).status_code


def _code(person: Person) -> str:
    """Return a code as if none had been used in this half minute."""
    app = Authenticator.objects.get(user=person.account, type=Authenticator.Type.TOTP)
    app.data["last_counter"] = 0
    app.save()
    return app_code(decrypt(app.data["secret"]))


def surfer(person: Person) -> Surfer:
    if not Authenticator.objects.filter(user=person.account).exists():
        give_second_factor(person)
    return Surfer(person, browser_of(person, _code(person)))


@pytest.fixture
def asker() -> Runner:
    return admin()


@pytest.fixture
def second() -> Runner:
    return security_officer()


def test_one_asks_for_a_printed_line_and_another_approves_it(asker: Runner, second: Runner) -> None:
    one, two = surfer(asker.person), surfer(second.person)
    wrong = one.browser.post("/operate/powers/act/", {"deed": "party key/root", **WHY})
    assert wrong.status_code == 422
    assert one.sign("/operate/powers/act/", deed=LINE, **WHY) == 302
    waiting = Approval.objects.get()
    assert (waiting.deed, waiting.reason) == (LINE, WHY["reason"])
    page = f"/operate/powers/{to_text(waiting.pk)}/"
    assert LINE in one.browser.get("/operate/powers/").text
    assert "Sign and approve" not in one.browser.get(page).text
    assert one.browser.post(page).status_code == 403
    said = page_of(TrailFilter(kinds=["approval.given"])).entries
    assert [each.outcome for each in said] == ["denied"]
    assert "Read and decide" in two.browser.get("/operate/powers/").text
    assert "&lt;b&gt;exam" in two.browser.get(page).text
    assert two.browser.post(page, {"confirm-code": "000000"}).status_code == 401
    assert two.sign(page) == 302
    assert state_of(Approval.objects.get(), at=clock.now()) is ApprovalState.APPROVED


def test_an_elevation_from_asking_to_looking_to_its_end(
    story: Story, asker: Runner, second: Runner
) -> None:
    one, two = surfer(asker.person), surfer(second.person)
    subject = f"study/{story.study_id}"
    look = "/operate/powers/look/"
    assert one.browser.post(look, {"subject": subject, "hours": "9", **WHY}).status_code == 422
    assert one.sign(look, subject=subject, hours="1", **WHY) == 302
    waiting = to_text(Approval.objects.get().pk)
    assert two.sign(f"/operate/powers/{waiting}/") == 302
    exam = f"/exams/{to_text(story.study_id)}/"
    assert one.browser.get(exam).status_code == 404
    assert one.browser.post(f"/operate/powers/{waiting}/decide/", {"act": "begin"}).status_code
    shown = one.browser.get(exam)
    assert shown.status_code == 200
    frame = "/dicomweb" + story.address + "/frames/1"
    assert story.web.get(frame, headers=session_cookie(one.browser)).status_code == 200
    file = story.web.get("/dicomweb" + story.address, headers=session_cookie(one.browser))
    assert file.status_code == 403
    access = TimedAccess.objects.get()
    mine = one.browser.get("/operate/powers/").text
    assert "End it now" in mine
    assert one.browser.post(f"/operate/powers/{to_text(access.pk)}/end/").status_code == 302
    assert one.browser.get(exam).status_code == 404
    assert story.web.get(frame, headers=session_cookie(one.browser)).status_code == 404
    assert "Ada Admin" in two.browser.get("/emergency/reviews/").text
    review = f"/emergency/reviews/{to_text(access.pk)}/"
    assert one.browser.get(review).status_code == 404
    assert str(story.study_id) in two.browser.get(review).text
    said = {"act": "review", "verdict": "justified", "words": "As the ticket says"}
    assert two.browser.post(review, {**said, "words": ""}).status_code == 422
    assert two.browser.post(review, said).status_code == 302
    assert TimedAccess.objects.get().verdict == "justified"


def test_the_owner_reads_it_among_what_happened(
    story: Story, asker: Runner, second: Runner
) -> None:
    elevate(asker, second, f"study/{story.study_id}")
    owner = browser_of(story.owner, story.code())
    page = owner.get(f"/exams/{to_text(story.study_id)}/activity/").text
    assert "Ada Admin" in page
    assert "got access to" in page
    assert "The exam does not open" in page
    assert "Helps run this service" in owner.get(f"/exams/{to_text(story.study_id)}/").text


@pytest.fixture
def doctor(web: TestClient, clinician: Person) -> Person:
    of_whom = {"PatientID": NUMBER, "PatientBirthDate": BORN.replace("-", "")}
    store(web, clinician, another_ct(**of_whom))
    return make_person("Dora Duty", Kind.PROVIDER, "Example Hospital")


def test_a_clinician_breaks_the_glass_and_an_officer_reviews_it(doctor: Person) -> None:
    officer = surfer(make_staff("Olga Officer"))
    at_work = surfer(doctor)
    exam = f"/exams/{to_text(Study.objects.get().pk)}/"
    assert at_work.browser.get(exam).status_code == 404
    what = emergency(NUMBER, BORN)
    said = {
        "number": NUMBER,
        "born_on": BORN,
        "cause": what.cause,
        "reason": what.reason,
        "hold_notice": "yes",
    }
    page = "/emergency/"
    assert "You answer for this" in at_work.browser.get(page).text
    assert at_work.browser.post(page, said | {"cause": ""}).status_code == 422
    nothing = at_work.browser.post(page, {})
    assert nothing.status_code == 422
    assert re.findall(r'href="#(\w+)"', nothing.text.partition('class="errors')[2]) == [
        *("number", "born_on", "cause", "reason")
    ]
    there = at_work.browser.post(page, said).text
    nowhere = at_work.browser.post(page, said | {"number": "MRN-9"}).text
    same = re.compile(r'MRN-\d|value="\w{26}"|csrfmiddlewaretoken" value="\w+"')
    assert same.sub("", there) == same.sub("", nowhere)
    assert at_work.sign(page, **(said | {"number": "MRN-9"})) == 422
    assert at_work.sign(page, **said) == 302
    assert at_work.browser.get(exam).status_code == 200
    review = f"/emergency/reviews/{to_text(TimedAccess.objects.get().pk)}/"
    held = {"act": "hold", "until": "2020-01-01", "because": "At home"}
    assert officer.browser.post(review, held).status_code == 422
    assert officer.browser.post(review, {"act": "end"}).status_code == 302
    assert at_work.browser.get(exam).status_code == 404
    verdict = {"act": "review", "verdict": "unjustified", "words": "Nobody was ill"}
    assert officer.browser.post(review, verdict).status_code == 302
    assert "not justified" in officer.browser.get("/emergency/reviews/").text


def test_for_all_others_these_pages_are_not_there(story: Story, doctor: Person) -> None:
    stranger = surfer(make_person("Stan Stranger", Kind.INDIVIDUAL)).browser
    desk = surfer(doctor).browser
    auditor = surfer(make_runner("Aude Auditor", StaffRole.AUDITOR).person).browser
    waiting = to_text(request(admin("Ann Other")).pk)
    assert story.study_id
    for browser, pages in (
        (stranger, ["/emergency/", "/emergency/reviews/", "/operate/powers/"]),
        (desk, ["/emergency/reviews/", "/operate/powers/", "/operate/powers/look/"]),
        (auditor, [f"/operate/powers/{waiting}/", "/emergency/", "/emergency/reviews/"]),
    ):
        for page in pages:
            assert browser.get(page).status_code == 404, page
    assert auditor.get("/operate/powers/").status_code == 200
    refused = {"deed": LINE, **WHY}
    assert auditor.post("/operate/powers/act/", refused).status_code == 404
