"""Do programs of a person's own session act on representatives, and take shares, as pages do?"""

from __future__ import annotations

from typing import Any

import pytest

from acting import hospital_id, make_helper, make_staff
from api import Program, page_of, program_of
from cast import PASSWORD, Person, app_code, give_second_factor, make_person
from passing import shown_to
from safelight.exchange.access.representing.ending import end_acting
from safelight.exchange.consent.models import Consent
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from safelight.records.accounts.models import Kind, Representative, Role
from safelight.records.accounts.queries import address_of
from safelight.records.accounts.tokens import Scope
from story import Story, browser_of, link_secret

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

ONE = "/representatives/{representative_id}"


def page_for(person: Person) -> Program:
    """Return a script of our own pages in a session of this person's."""
    return page_of(browser_of(person, app_code(give_second_factor(person))))


def states(page: Program) -> list[str]:
    said = page("GET /representatives")
    return [each["state"] for side in said.values() for each in side]


def test_a_helper_is_invited_by_signing_says_yes_and_is_ended(
    story: Story, stranger: Person
) -> None:
    owner = page_of(browser_of(story.owner, story.code()))
    asked = {"name": "Stan Stranger", "address": address_of(stranger.account), "may_share": True}
    wrong = owner("POST /representatives/helpers/present", asked | {"address": "x"}, status=422)
    assert wrong["code"] == "invalid:address"
    shown = owner("POST /representatives/helpers/present", asked)
    assert "Stan Stranger can look at all your exams" in shown["words_html"]

    answer: dict[str, Any] = {
        "digest": shown["digest"],
        "challenge": shown["challenge"]["id"],
        "password": PASSWORD,
        "code": story.code(),
    }
    # The signature is over the very choice that was shown.
    wider = answer | {"help": asked | {"may_manage": True}}
    refused = owner("POST /representatives/helpers", wider, status=403)
    assert refused["code"] == "authorization_other_content"
    assert not Representative.objects.exists()
    shown = owner("POST /representatives/helpers/present", asked)
    answer |= {"digest": shown["digest"], "challenge": shown["challenge"]["id"]}
    answer |= {"code": story.code(), "help": asked}
    made = owner("POST /representatives/helpers", answer, status=201)
    assert (made["state"], made["powers"]) == ("invited", ["look", "share"])
    again = owner("POST /representatives/helpers", answer, status=409)
    assert again["code"] == "state_conflict"

    helper, place = page_for(stranger), {"representative_id": made["id"]}
    helper(f"POST {ONE}/accept", status=204, ids=place)
    assert [each["id"] for each in helper("GET /exams")["items"]] == [to_text(story.study_id)]
    owner(f"POST {ONE}/dispute", {"words": "I want to decide."}, status=204, ids=place)
    said = owner(f"POST {ONE}/dispute", {"words": "Still."}, status=409, ids=place)
    assert said["code"] == "state_conflict"
    helper(f"POST {ONE}/settle", {"words": "We did not speak."}, status=404, ids=place)
    owner(f"POST {ONE}/settle", {"words": "We spoke."}, status=204, ids=place)
    owner(f"POST {ONE}/end", status=204, ids=place)
    assert states(owner) == ["ended"]
    assert helper("GET /exams")["items"] == []
    # A token, whatever its scopes, does nothing of this.
    token = program_of(story.owner)
    assert token(f"POST {ONE}/end", status=403, ids=place)["code"] == "token_omits_scope"


def test_two_of_the_institution_verify_and_its_officer_blocks(story: Story) -> None:
    officer, desk = make_staff("Otis Officer"), make_staff("Dana Desk", Role.IMAGING_DESK)
    mother = page_for(make_person("Paula Parent", Kind.INDIVIDUAL))
    claim = {
        "kind": "parent",
        "name": "Mia Minor",
        "organization": to_text(officer.account.memberships.get().organization_id),
        "address": address_of(story.owner.account),
        "born_on": "2015-05-05",
        "may_share": True,
        "words": "The birth certificate, seen at the desk.",
    }
    assert hospital_id()
    unsaid = mother("POST /representatives/claims", claim | {"words": ""}, status=422)
    assert unsaid["code"] == "invalid:words"
    made = mother("POST /representatives/claims", claim, status=201)
    place = {"representative_id": made["id"]}
    assert mother("GET /representatives/to-verify", status=404)["code"] == "not_found"
    assert mother(f"POST {ONE}/confirm", status=404, ids=place)["code"] == "not_found"

    first, second = page_for(officer), page_for(desk)
    (waiting,) = first("GET /representatives/to-verify")
    assert (waiting["name"], waiting["is_known"]) == ("Paula Parent", True)
    (shown,) = first(f"GET {ONE}/evidence", ids=place)
    assert shown["words"].startswith("The birth certificate")
    assert first(f"POST {ONE}/confirm", ids=place)["state"] == "pending"
    assert first(f"POST {ONE}/confirm", status=409, ids=place)["code"] == "state_conflict"
    assert second(f"POST {ONE}/confirm", ids=place)["state"] == "verified"
    assert second(f"POST {ONE}/refuse", status=409, ids=place)["code"] == "state_conflict"
    assert mother("GET /exams")["items"] != []

    # To block is the privacy officer's; the one it is about learns only that it has ended.
    danger = {"words": "The ward is worried."}
    assert second(f"POST {ONE}/block", danger, status=404, ids=place)["code"] == "not_found"
    first(f"POST {ONE}/block", danger, status=204, ids=place)
    assert mother("GET /exams")["items"] == []
    assert states(mother) == ["ended"]


def test_evidence_that_shows_nothing_is_refused_and_opens_nothing(story: Story) -> None:
    officer = make_staff("Otis Officer")
    mother = page_for(make_person("Paula Parent", Kind.INDIVIDUAL))
    claim = {
        "kind": "parent",
        "name": "Mia Minor",
        "organization": to_text(officer.account.memberships.get().organization_id),
        "address": address_of(story.owner.account),
        "born_on": "2015-05-05",
        "words": "She says so.",
    }
    place = {"representative_id": mother("POST /representatives/claims", claim, status=201)["id"]}
    page_for(officer)(f"POST {ONE}/refuse", status=204, ids=place)
    assert states(mother) == ["ended"]
    assert mother("GET /exams")["items"] == []
    assert Entry.objects.filter(kind="access.representative-refused").count() == 1


def test_the_named_recipient_takes_a_share_with_their_account(
    story: Story, stranger: Person, clinician: Person
) -> None:
    address = address_of(stranger.account)
    shared = story.share(address=address, second_check="owner-release")
    place = {"share_id": to_text(shared.share_id)}
    page, other = page_for(stranger), page_for(clinician)
    letter = {"secret": link_secret(address)}
    where = "POST /shares/{share_id}/accept"
    # The letter without the address, and the address without the letter, are nothing.
    assert other(where, letter, status=404, ids=place)["code"] == "not_found"
    assert page(where, {"secret": "made up"}, status=404, ids=place)["code"] == "not_found"

    assert page(where, letter, ids=place)["waits"] is True
    assert page("GET /exams")["items"] == []
    owner = page_of(browser_of(story.owner, story.code()))
    owner("POST /shares/{share_id}/let-in", status=204, ids=place)
    assert page(where, letter, ids=place)["waits"] is False
    assert [each["way"] for each in page("GET /exams")["items"]] == ["consent"]


def test_the_named_recipient_turns_a_share_down(story: Story, stranger: Person) -> None:
    address = address_of(stranger.account)
    shared = story.share(address=address)
    place = {"share_id": to_text(shared.share_id)}
    page, letter = page_for(stranger), {"secret": link_secret(address)}
    where = "POST /shares/{share_id}/decline"
    unsaid = page(where, letter, status=422, ids=place)
    assert unsaid["code"] == "invalid:why"
    page(where, letter | {"why": "wrong-person"}, status=204, ids=place)
    assert Consent.objects.get().ended_by == "misdirected"
    over = page("POST /shares/{share_id}/accept", letter, status=410, ids=place)
    assert over["code"] == "share_declined"


def test_a_program_lists_what_its_person_decides_about_without_reading_pictures(
    story: Story, stranger: Person, clinician: Person
) -> None:
    reads = program_of(story.owner, Scope.EXCHANGE_READ)
    (exam,) = reads("GET /exams/decided")["items"]
    assert exam["id"] == to_text(story.study_id)
    assert [each["id"] for each in exam["series"]] == [to_text(story.series_id)]
    assert reads("GET /exams", status=403)["code"] == "token_omits_scope"
    pictures = "/dicomweb" + story.address + "/frames/1"
    assert story.web.get(pictures, headers=reads.headers).status_code in {401, 403, 404}
    sees = program_of(story.owner, Scope.DICOMWEB_READ)
    assert sees("GET /exams/decided", status=403)["code"] == "token_omits_scope"

    # Who was only shown it decides nothing; who acts for its owner decides within scope.
    shown_to(story, clinician)
    assert program_of(clinician, Scope.EXCHANGE_READ)("GET /exams/decided")["items"] == []
    helper = program_of(stranger, Scope.EXCHANGE_READ)
    row = make_helper(story.owner, stranger)
    assert helper("GET /exams/decided")["items"] == []
    end_acting(story.party, row.pk, at=clock.now())
    make_helper(story.owner, stranger, may_share=True)
    (acted_for,) = helper("GET /exams/decided?limit=1")["items"]
    assert acted_for["id"] == exam["id"]
    assert helper("GET /exams/decided?offset=1")["items"] == []
