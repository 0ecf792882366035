"""How does a program share for a person? It prepares; the person signs, then and there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from api import Program, page_of, program_of
from cast import PASSWORD, Person, messages_to
from safelight.exchange.consent.models import Consent, ConsentDraft
from safelight.exchange.release.signed import record_of
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.records.accounts.actions.factors import add_passkey, offer_passkey
from safelight.records.accounts.models import Authorization
from safelight.records.accounts.questions.actions import set_questions
from safelight.records.accounts.sessions import SessionStore
from safelight.records.accounts.tokens import Scope
from soft_passkey import SoftAuthenticator
from story import DOCTOR, Story, another_ct, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
_NOW = clock.now()


@pytest.fixture
def program(story: Story) -> Program:
    return program_of(story.owner, Scope.EXCHANGE_WRITE)


def chosen(story: Story, **changes: object) -> dict[str, Any]:
    """Return what a share for the doctor needs, and what is chosen otherwise."""
    needed: dict[str, Any] = {
        "exams": [to_text(story.study_id)],
        "series": [to_text(story.series_id)],
        "name": "Dr Dora Doctor",
        "address": DOCTOR,
        "kind": "clinician",
        "purpose": "second-opinion",
        "second_check": "waived",
    }
    return needed | changes


def begun(program: Program, story: Story, **changes: object) -> dict[str, str]:
    """Begin a draft, and return how it is named in addresses."""
    draft = program("POST /drafts", chosen(story, **changes), status=201)
    return {"draft_id": draft["id"]}


def presented(program: Program, draft: dict[str, str]) -> dict[str, Any]:
    said: dict[str, Any] = program("POST /drafts/{draft_id}/present", ids=draft)
    return said


def answered(story: Story, shown: dict[str, Any], **changes: object) -> dict[str, Any]:
    """Return the person's answer to what was presented."""
    return {
        "digest": shown["digest"],
        "challenge": shown["challenge"]["id"],
        "password": PASSWORD,
        "code": story.code(),
    } | changes


def test_a_program_prepares_and_its_person_signs(story: Story, program: Program) -> None:
    draft = begun(program, story)
    shown = presented(program, draft)
    assert not Consent.objects.exists()
    signed = program(
        "POST /drafts/{draft_id}/confirm", answered(story, shown), status=201, ids=draft
    )

    consent = Consent.objects.get()
    assert to_text(consent.id) == signed["consent"]
    assert bytes(consent.signed_digest).hex() == shown["digest"]
    assert "Dr Dora Doctor" in shown["words_html"]
    assert [template for template, _ in messages_to(DOCTOR)] == ["share-invitation"]
    read = program_of(story.owner)(
        "GET /consents/{consent_id}", ids={"consent_id": signed["consent"]}
    )
    assert read["words_html"] == shown["words_html"]
    assert read["terms"] == shown["terms"]


def test_signing_twice_makes_one_consent(story: Story, program: Program) -> None:
    draft = begun(program, story)
    answer = answered(story, presented(program, draft))
    program("POST /drafts/{draft_id}/confirm", answer, status=201, ids=draft)
    again = program("POST /drafts/{draft_id}/confirm", answer, status=409, ids=draft)

    assert again["code"] == "state_conflict"
    assert Consent.objects.count() == 1


def test_many_who_sign_at_once_make_one_consent(story: Story, program: Program) -> None:
    draft = begun(program, story)
    answer = answered(story, presented(program, draft))

    def sign(_: int) -> int:
        try:
            answered = Client().post(
                f"/api/v1/drafts/{draft['draft_id']}/confirm",
                answer,
                content_type="application/json",
                headers=program.headers,
            )
            return answered.status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as crew:
        codes = list(crew.map(sign, range(4)))
    assert codes.count(201) == 1
    assert set(codes) == {201, 409}
    assert Consent.objects.count() == 1


def test_a_passkey_signs_exactly_what_was_presented(story: Story, program: Program) -> None:
    key = SoftAuthenticator()
    account, session = story.owner.account, SessionStore()
    session.create()
    made = key.create(offer_passkey(session, account))
    add_passkey(session, account, made, "", at=clock.now())
    draft, where = begun(program, story), "POST /drafts/{draft_id}/confirm"

    def signed_by(shown: dict[str, Any]) -> dict[str, Any]:
        return {
            "digest": shown["digest"],
            "challenge": shown["challenge"]["id"],
            "passkey": key.get(shown["challenge"]["passkey"]),
        }

    first = signed_by(presented(program, draft))
    shown = presented(program, draft)
    # What the passkey said to an earlier question is no answer to this one.
    stale = signed_by(shown) | {"passkey": first["passkey"]}
    assert program(where, stale, status=401, ids=draft)["code"] == "auth_required"
    answer = signed_by(shown)
    program(where, answer, status=201, ids=draft)
    assert program(where, answer, status=409, ids=draft)["code"] == "state_conflict"
    assert Authorization.objects.get().method == "passkey"


def test_a_token_alone_signs_nothing(story: Story, program: Program, stranger: Person) -> None:
    draft = begun(program, story)
    shown = presented(program, draft)
    where = "POST /drafts/{draft_id}/confirm"
    bare = {"digest": shown["digest"], "challenge": shown["challenge"]["id"]}

    assert program(where, bare, status=422, ids=draft)["code"] == "invalid:password"
    assert program(where, bare | {"passkey": {}}, status=401, ids=draft)["code"] == "auth_required"
    wrong = answered(story, shown, password="not the password")
    assert program(where, wrong, status=422, ids=draft)["code"] == "invalid:code"
    # The question is bound to the token that asked, and to its account.
    other = program_of(story.owner, Scope.EXCHANGE_WRITE)
    assert other(where, answered(story, shown), status=401, ids=draft)["code"] == "stepup_required"
    theirs = program_of(stranger)
    assert theirs(where, answered(story, shown), status=404, ids=draft)["code"] == "not_found"
    assert not Consent.objects.exists()


def test_guessing_the_code_is_slowed_down(story: Story, program: Program) -> None:
    draft = begun(program, story)
    shown = presented(program, draft)
    where = "POST /drafts/{draft_id}/confirm"
    for _ in range(5):
        program(where, answered(story, shown, code="000000"), status=422, ids=draft)
    said = program(where, answered(story, shown), status=429, ids=draft)

    assert said["code"] == "rate_limited"
    assert not Consent.objects.exists()


def test_what_changed_since_it_was_shown_is_shown_again(story: Story, program: Program) -> None:
    draft, where = begun(program, story), "POST /drafts/{draft_id}/confirm"
    first = presented(program, draft)
    presented(program, draft)
    changed = program(where, answered(story, first), status=409, ids=draft)["code"]
    shown = presented(program, draft)
    program("PATCH /drafts/{draft_id}", {"purpose": "legal"}, ids=draft)
    also = program(where, answered(story, shown), status=409, ids=draft)["code"]
    shown = presented(program, draft)
    story.add(another_ct(SOPInstanceUID="1.2.3.4.5"))
    too = program(where, answered(story, shown), status=409, ids=draft)["code"]

    assert (changed, also, too) == ("manifest_changed",) * 3
    assert not Consent.objects.exists()
    shown = presented(program, draft)
    program(where, answered(story, shown), status=201, ids=draft)


_DAY = timedelta(days=1)


def _in(days: int) -> str:
    return (_NOW + days * _DAY).date().isoformat()


UNFIT: dict[str, tuple[dict[str, Any], set[str]]] = {
    "no series": ({"series": []}, {"invalid:series"}),
    "no purpose": ({"purpose": None}, {"invalid:purpose"}),
    "other, unsaid": ({"purpose": "other"}, {"invalid:purpose"}),
    "end before start": ({"starts_on": _in(9), "ends_on": _in(5)}, {"invalid:ends_on"}),
    "end too late": ({"ends_on": _in(500)}, {"invalid:ends_on"}),
    "end in the past": ({"ends_on": "2020-01-01"}, {"invalid:starts_on", "invalid:ends_on"}),
    "to oneself": ({"address": "olga.owner@people.example"}, {"invalid:address"}),
    "to anyone": ({"name": "anyone"}, {"invalid:name"}),
    "to a list": ({"address": "a@b.example, c@d.example"}, {"invalid:address"}),
    "to nobody": ({"address": "", "name": ""}, {"invalid:name", "invalid:address"}),
    "no kind": ({"kind": None}, {"invalid:kind"}),
    "no check": ({"second_check": None}, {"invalid:second_check"}),
    "no such group": ({"audience": "group"}, {"invalid:group"}),
    "further to nobody": ({"further": "named"}, {"invalid:further"}),
    "several": ({"purpose": None, "kind": None}, {"invalid:kind", "invalid:purpose"}),
    "to the public": (
        {"act": "publish", "audience": "public"},
        {"identifiable_to_unbounded_audience"},
    ),
}


def test_unfit_terms_are_refused_field_by_field(story: Story, program: Program) -> None:
    for name, (changes, codes) in UNFIT.items():
        draft = begun(program, story, **changes)
        said = program("POST /drafts/{draft_id}/present", status=422, ids=draft)
        named = {fault["code"] for fault in said["errors"]}
        assert said["code"] in codes, f"{name}: {said}"
        assert named <= codes, f"{name}: {said}"
    assert not Consent.objects.exists()


UNREADABLE: dict[str, tuple[dict[str, Any], str]] = {
    "unknown field": ({"recipients": "all"}, "invalid:recipients"),
    "unknown purpose": ({"purpose": "curiosity"}, "invalid:purpose"),
    "no date": ({"ends_on": "soon"}, "invalid:ends_on"),
    "no exams": ({"exams": []}, "invalid:exams"),
    "no id": ({"series": ["1"]}, "invalid:series.0"),
    "too many": ({"most_openings": 100_000}, "invalid:most_openings"),
    "a control character": ({"name": "Dora\x00"}, "invalid:name"),
}


def test_unreadable_fields_are_named_and_never_repeated(story: Story, program: Program) -> None:
    for name, (changes, code) in UNREADABLE.items():
        said = program("POST /drafts", chosen(story, **changes), status=422)
        assert [fault["code"] for fault in said["errors"]] == [code], name
        assert "curiosity" not in str(said)
        assert "Dora" not in str(said)
    assert not ConsentDraft.objects.exists()


def test_a_draft_is_changed_read_and_refused(story: Story, program: Program) -> None:
    draft = begun(program, story, second_check="passphrase", may_download=True)
    read = program("GET /drafts/{draft_id}", ids=draft)
    program("PATCH /drafts/{draft_id}", {"may_download": None, "ends_on": _in(3)}, ids=draft)
    changed = program("GET /drafts/{draft_id}", ids=draft)
    program("DELETE /drafts/{draft_id}", status=204, ids=draft)

    assert (read["may_download"], read["ends_on"]) == (True, None)
    assert (changed["may_download"], changed["ends_on"]) == (False, _in(3))
    assert "passphrase" not in read
    assert program("GET /drafts/{draft_id}", status=404, ids=draft)["code"] == "not_found"


def test_a_longer_share_has_a_passphrase_of_its_own(story: Story, program: Program) -> None:
    draft = begun(program, story, second_check="passphrase")
    answer = answered(story, presented(program, draft))
    where = "POST /drafts/{draft_id}/confirm"
    signed = program(where, answer, status=201, ids=draft)
    old = {"consent_id": signed["consent"]}
    longer = program("POST /consents/{consent_id}/extend", status=201, ids=old)
    draft = {"draft_id": longer["id"]}
    program("PATCH /drafts/{draft_id}", {"ends_on": _in(60)}, ids=draft)
    again = program(where, answered(story, presented(program, draft)), status=201, ids=draft)

    assert longer["replaces"] == signed["consent"]
    assert [len(each["passphrase"].split()) for each in (signed, again)] == [4, 4]
    assert signed["passphrase"] != again["passphrase"]
    live = Consent.objects.filter(revoked_at__isnull=True).get()
    assert to_text(live.id) == again["consent"]


def test_our_own_pages_sign_in_their_session_and_get_a_fresh_key(story: Story) -> None:
    browser = browser_of(story.owner, story.code())
    page = page_of(browser)
    draft = begun(page, story)
    shown = presented(page, draft)
    before = browser.cookies["__Host-session"].value
    page("POST /drafts/{draft_id}/confirm", answered(story, shown), status=201, ids=draft)

    assert browser.cookies["__Host-session"].value != before
    assert page("GET /consents")["items"][0]["recipient"] == "Dr Dora Doctor"


def test_another_site_cannot_use_the_session(story: Story) -> None:
    browser = browser_of(story.owner, story.code())
    browser.handler.enforce_csrf_checks = True
    ours = page_of(browser).headers
    for wrong in (
        {},
        {"Origin": ours["Origin"]},
        {"X-CSRF-Token": ours["X-CSRF-Token"]},
        ours | {"Origin": "https://elsewhere.example"},
        ours | {"X-CSRF-Token": "0" * 32},
    ):
        said = Program(browser, **wrong)("POST /drafts", chosen(story), status=403)
        assert said["code"] == "csrf_failed"
    assert not ConsentDraft.objects.exists()
    Program(browser, **ours)("POST /drafts", chosen(story), status=201)


def test_taking_back_is_done_in_person(story: Story) -> None:
    shared = story.share()
    place = {"consent_id": to_text(shared.consent_id)}
    program = program_of(story.owner)
    refused = program("POST /consents/{consent_id}/withdraw", status=403, ids=place)
    page = page_of(browser_of(story.owner, story.code()))
    for _ in range(2):
        page("POST /consents/{consent_id}/withdraw", status=204, ids=place)

    assert refused["code"] == "token_omits_scope"
    assert Consent.objects.get().revoked_at is not None


def test_a_drawing_and_an_answer_go_along_and_neither_signs_alone(
    story: Story, program: Program
) -> None:
    set_questions(story.owner.account, [("Which tree?", "walnut")], at=clock.now())
    refused: tuple[list[list[int]], ...] = ([[1, 1]], [[0, 0, 5000, 0]], [[]])
    for wrong in refused:
        program("POST /drafts", chosen(story, handwriting=wrong), status=422)
    drawn = [[90, 230, 150, 90, 210, 230], [260, 120, 300, 230]]
    draft = begun(program, story, handwriting=drawn)
    assert program("GET /drafts/{draft_id}", ids=draft)["is_drawn"]
    shown = presented(program, draft)
    assert shown["challenge"]["question"] == "Which tree?"

    confirm = "POST /drafts/{draft_id}/confirm"
    alone = answered(story, shown, answer="walnut") | {"password": None, "code": None}
    program(confirm, alone, ids=draft, status=422)
    program(confirm, answered(story, shown, answer="oak"), ids=draft, status=422)
    assert not Consent.objects.exists()
    program(confirm, answered(story, shown, answer="Walnut"), ids=draft, status=201)
    said = record_of(Consent.objects.get()).said
    assert said["in_addition"] == ["challenge-question"]
    assert said["handwriting_sha256"]
