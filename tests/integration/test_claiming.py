"""A patient makes an institution's record their own with what the desk handed them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client
from starlette.testclient import TestClient

from acting import make_staff
from cast import (
    Person,
    app_code,
    give_second_factor,
    make_person,
    messages_to,
    party_of_person,
)
from safelight.exchange.access.caring.reasons import CareCause, give_reason
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action, Reason
from safelight.exchange.access.models import CareRelation, RecordClaim
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.activity import activity
from safelight.exchange.release.board import lamp, seers
from safelight.exchange.release.claimed import claimed_by, claims_at_desk
from safelight.exchange.release.claiming import (
    claim_record,
    disown_record,
    end_claim,
    offer_claim,
)
from safelight.exchange.release.viewing.find import find_study_by_id
from safelight.exchange.release.viewing.looks import look
from safelight.exchange.release.viewing.overview import exams
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.kernel.ids import to_text
from safelight.records.accounts.errors import RateLimitedError
from safelight.records.accounts.models import Kind, Role
from safelight.records.accounts.queries import address_of
from safelight.records.imaging.models import PatientRecord, Study
from story import another_ct, browser_of, open_share, store, story_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

NUMBER, BORN = "MRN-7", "1970-02-03"


@pytest.fixture
def exam(web: TestClient, clinician: Person) -> UUID:
    """Let a clinician bring in an exam of a patient; return it."""
    store(web, clinician, another_ct(PatientID=NUMBER, PatientBirthDate=BORN.replace("-", "")))
    return Study.objects.get().pk


@pytest.fixture
def desk(exam: UUID) -> Person:
    assert exam
    return make_staff("Dana Desk", Role.IMAGING_DESK)


def offer(desk: Person) -> str:
    """Let the desk make the code; return it."""
    party = party_of_person(desk)
    return offer_claim(party, NUMBER, BORN, "Identity card seen", at=clock.now())[1]


def claim(person: Person, code: str, born_on: str = BORN) -> RecordClaim:
    return claim_record(party_of_person(person), code, born_on, at=clock.now())


def refusal(person: Person, code: str, born_on: str = BORN) -> str:
    with pytest.raises(InvalidFieldError) as refused:
        claim(person, code, born_on)
    return f"{refused.value.field}: {refused.value}"


def test_with_the_code_and_the_birthday_the_record_is_theirs(
    exam: UUID, desk: Person, owner: Person, clinician: Person
) -> None:
    code = offer(desk)
    assert exams(party_of_person(owner), at=clock.now()) == []
    claim(owner, "-".join((code[:4], code[4:8].upper(), code[8:])))
    party = party_of_person(owner)
    (mine,) = exams(party, at=clock.now())
    assert mine.study_id == exam
    assert decide(party, Action.SHARE, exam, at=clock.now()).reason == Reason.OWNER
    assert decide(party, Action.REMOVE, exam, at=clock.now()).reason == Reason.CUSTODIAN_KEEPS
    assert decide(party_of_person(clinician), Action.VIEW, exam, at=clock.now()).allowed
    assert [(each.way, each.name) for each in seers(party, exam, at=clock.now())] == [
        ("owner", "Olga Owner"),
        ("care", "Clara Clinician"),
    ]
    told = [template for template, _ in messages_to(address_of(owner.account))]
    assert "record-claimed" in told
    (line,) = claims_at_desk(party_of_person(desk), at=clock.now())
    assert line.claimed_at is not None


def test_no_page_says_that_only_they_see_what_who_treats_them_sees_too(
    desk: Person, owner: Person
) -> None:
    alone, not_alone = (
        "Only you can see the images in your account.",
        "Who treats you or acts for you may see some",
    )
    browser = browser_of(owner, app_code(give_second_factor(owner)))
    pages = ["/", "/exams/", "/access/"]
    assert all(alone in browser.get(page).content.decode() for page in pages[1:])
    claim(owner, offer(desk))
    assert lamp(party_of_person(owner), at=clock.now()).is_seen_by_right
    for page in pages:
        told = browser.get(page).content.decode()
        assert not_alone in told, page
        assert alone not in told, page
        assert "for you alone" not in told, page


def test_what_nobody_was_given_wears_no_lamp(desk: Person, owner: Person, exam: UUID) -> None:
    claim(owner, offer(desk))
    (mine,) = exams(party_of_person(owner), at=clock.now())
    assert (mine.people, mine.given) == (1, 0)
    browser = browser_of(owner, app_code(give_second_factor(owner)))
    for page in ("/exams/", f"/exams/{to_text(exam)}/"):
        told = browser.get(page).content.decode()
        assert "1 person may see it" in told
        assert "Shared with" not in told
    assert "No exam of yours is like that" in browser.get("/exams/?show=shared").content.decode()


def test_whatever_does_not_fit_has_one_answer_and_the_code_works_once(
    desk: Person, owner: Person, stranger: Person
) -> None:
    code = offer(desk)
    wrong = refusal(owner, "0000-0000-0000")
    assert refusal(owner, code, "1970-02-04") == wrong
    claim(owner, code)
    assert refusal(stranger, code) == wrong
    assert PatientRecord.objects.get().account_id == owner.account.pk
    with pytest.raises(StateConflictError):
        offer(desk)


def test_five_wrong_birthdays_end_a_code_and_ten_tries_are_enough(
    desk: Person, owner: Person, stranger: Person
) -> None:
    code = offer(desk)
    for day in range(4, 9):
        refusal(stranger, code, f"1970-02-0{day}")
    refusal(owner, code)
    assert RecordClaim.objects.get().ended_by == "tries"
    for _ in range(5):
        refusal(stranger, "0000-0000-0000")
    with pytest.raises(RateLimitedError):
        claim(stranger, "0000-0000-0000")


def test_a_code_that_is_old_replaced_or_ended_opens_nothing(
    desk: Person, owner: Person, moved_clock: Callable[[timedelta], datetime]
) -> None:
    first = offer(desk)
    second = offer(desk)
    refusal(owner, first)
    end_claim(party_of_person(desk), RecordClaim.objects.latest("made_at").pk, at=clock.now())
    refusal(owner, second)
    third = offer(desk)
    moved_clock(timedelta(days=30))
    refusal(owner, third)
    assert claims_at_desk(party_of_person(desk), at=clock.now()) == []


def test_only_a_desk_makes_codes_and_only_a_person_uses_them(
    desk: Person, clinician: Person, owner: Person
) -> None:
    at = clock.now()
    other = make_person("Otto Other", Kind.PROVIDER, "Other Clinic")
    other.account.memberships.update(role=Role.IMAGING_DESK)
    for nobody in (clinician, owner):
        with pytest.raises(NotFoundError):
            offer_claim(party_of_person(nobody), NUMBER, BORN, "x", at=at)
    with pytest.raises(InvalidFieldError):
        offer_claim(party_of_person(other), NUMBER, BORN, "x", at=at)
    with pytest.raises(InvalidFieldError):
        offer_claim(party_of_person(desk), NUMBER, BORN, " ", at=at)
    code = offer(desk)
    program = replace(party_of_person(owner), token_scopes=frozenset({"exchange:write"}))
    for party in (party_of_person(clinician), program):
        with pytest.raises(NotFoundError):
            claim_record(party, code, BORN, at=at)
    with pytest.raises(NotFoundError):
        end_claim(party_of_person(other), RecordClaim.objects.get().pk, at=at)
    with pytest.raises(NotFoundError):
        disown_record(party_of_person(owner), RecordClaim.objects.get().pk, at=at)


@pytest.mark.parametrize("side", ["desk", "person"])
def test_either_side_undoes_it_and_what_was_shared_of_it_ends(
    exam: UUID, web: TestClient, desk: Person, owner: Person, side: str
) -> None:
    linked = claim(owner, offer(desk))
    story = story_of(web, owner)
    shared = story.share()
    cookie = open_share(shared)
    assert story.as_guest(shared, cookie) == 200
    if side == "desk":
        end_claim(party_of_person(desk), linked.pk, at=clock.now())
    else:
        disown_record(party_of_person(owner), linked.pk, at=clock.now())
    assert story.as_guest(shared, cookie) == 410
    assert Consent.objects.get().ended_by == "unlinked"
    assert not decide(party_of_person(owner), Action.VIEW, exam, at=clock.now()).allowed
    assert claimed_by(party_of_person(owner)) == []
    told = [template for template, _ in messages_to(address_of(owner.account))]
    assert "record-unlinked" in told
    claim(owner, offer(desk))
    assert story.as_guest(shared, cookie) == 410


def test_the_patient_reads_who_treats_them_and_why_they_looked(
    exam: UUID, desk: Person, owner: Person, clinician: Person
) -> None:
    claim(owner, offer(desk))
    CareRelation.objects.update(since=clock.now() - timedelta(days=3))
    party, at = party_of_person(clinician), clock.now()
    give_reason(party, exam, CareCause.CONFERENCE, "Tumour board", at=at)
    look(party, find_study_by_id(party, exam, at=at), at=at)
    happened = activity(party_of_person(owner), exam, at=clock.now())
    assert [(each.cause, each.cause_words) for each in happened if not each.is_you] == [
        ("conference", "Tumour board")
    ]
    browser = browser_of(owner, app_code(give_second_factor(owner)))
    assert "Clara Clinician" in browser.get("/access/").content.decode()
    assert "Tumour board" in browser.get("/activity/").content.decode()


def test_the_pages_of_both_sides(desk: Person, owner: Person) -> None:
    office: Client = browser_of(desk, app_code(give_second_factor(desk)))
    said = {"number": NUMBER, "born_on": BORN, "checked": "Identity card seen"}
    assert office.post("/desk/records/", said | {"number": "MRN-0"}).status_code == 422
    paper = office.post("/desk/records/", said, follow=True)
    page = paper.content.decode()
    code = page.partition("<b>")[2].partition("</b>")[0]
    assert len(code) == len("XXXX-XXXX-XXXX")
    assert "<svg" in page
    again = office.get(paper.redirect_chain[-1][0]).content.decode()
    assert code not in again

    home = browser_of(owner, app_code(give_second_factor(owner)))
    wrong = home.post("/records/", {"code": code, "born_on": "1970-02-04"})
    assert wrong.status_code == 422
    right = home.post("/records/", {"code": code, "born_on": BORN}, follow=True)
    assert "This record is yours now" in right.content.decode()
    assert "Example Hospital" in home.get("/records/").content.decode()
    exam = f"/exams/{to_text(Study.objects.get().pk)}"
    shown = home.get(f"{exam}/").content.decode()
    assert "Brought it in at the hospital that keeps it" in shown
    assert "You decide who else sees it." in right.content.decode()
    # What is seen by right wears no lamp, beside a person either.
    assert "disc lit" not in shown + home.get("/access/").content.decode()
    assert f"{exam}/remove/" not in shown
    assert home.post(f"{exam}/remove/").status_code == 404
    assert home.get(f"{exam}/view/").status_code == 200
    assert "Belongs to its patient" in office.get("/desk/records/").content.decode()
    assert office.post("/desk/records/", said).status_code == 422
