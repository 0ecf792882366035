"""A doctor asks, the patient decides: what opens, what is told, what is not?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from cast import Person, app_code, messages_to, party_of_person
from passing import CARL, Recipient, consultant, shown_to
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.consent.models import Consent, ConsentRequest
from safelight.exchange.consent.requests import Answer, RequestState
from safelight.exchange.consent.terms import Further
from safelight.exchange.release.sharing.asking import (
    ask_patient,
    asked_by,
    asked_of,
    begin_request,
    decline_request,
    request_to,
    withdraw_request,
)
from safelight.exchange.release.sharing.ceremony import confirm, present
from safelight.exchange.release.sharing.drafts import choose, find_draft
from safelight.exchange.release.sharing.wishes import Wish
from safelight.exchange.release.signed import terms_of
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.kernel.ids import to_text
from safelight.records.accounts.queries import address_of
from story import Story, accept_share, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def anna(story: Story, clinician: Person) -> Recipient:
    """Return a doctor who was shown the exam, with nothing said of passing it on."""
    return shown_to(story, clinician)


def test_the_page_of_the_exam_offers_to_ask(anna: Recipient, clinician: Person) -> None:
    browser = browser_of(clinician, app_code(anna.secret))
    page = browser.get(f"/exams/{to_text(anna.study_id)}/").content.decode()
    assert "Nobody has made this record their own yet" not in page
    assert f"/exams/{to_text(anna.study_id)}/ask/" in page


def test_whoever_did_not_say_what_they_would_do_is_asked_again(
    anna: Recipient, clinician: Person
) -> None:
    browser = browser_of(clinician, app_code(anna.secret))
    page = f"/exams/{to_text(anna.study_id)}/ask/"
    later = (clock.now() + timedelta(days=20)).date().isoformat()
    said = {"purpose": "treatment", "note": "To compare it.", "ends_on": later}
    again = browser.post(page, said)
    assert again.status_code == 422
    assert "Choose what you would like to do." in again.content.decode()
    assert not ConsentRequest.objects.exists()
    assert browser.post(page, said | {"may_download": "yes"}).status_code == 302
    (asked,) = asked_by(anna.party, at=clock.now())
    assert asked.wish.may_download


def wish(**changes: object) -> Wish:
    later = (clock.now() + timedelta(days=20)).date().isoformat()
    usual = Wish(
        purpose="second-opinion",
        note="Dr Consultant knows more of this than I do.",
        ends_on=later,
        pass_to=("Carl Consultant", CARL),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]  # fields by name


def ask(anna: Recipient, **changes: object) -> UUID:
    return ask_patient(anna.party, anna.study_id, wish(**changes), at=clock.now())


def agree(story: Story, request_id: UUID, **changes: object) -> UUID:
    """Let the owner agree to a request, as it is or with changes."""
    draft = begin_request(story.party, request_id, at=clock.now())
    if changes:
        _, choices = find_draft(story.party, draft.id)
        choose(draft, choices, at=clock.now(), **changes)
    presented = present(story.party, draft.id, statement_version="1", at=clock.now())
    approved = story.approve(presented.challenge_id)
    return confirm(story.party, draft.id, approved, at=clock.now()).consent_id


def answer(anna: Recipient) -> Answer:
    (only,) = asked_by(anna.party, at=clock.now())
    return only.answer


def test_what_was_asked_for_and_agreed_to_lets_the_doctor_pass_it_on(
    story: Story, anna: Recipient
) -> None:
    request_id = ask(anna)
    owner = address_of(story.owner.account)
    (facts,) = [facts for template, facts in messages_to(owner) if template == "consent-asked"]
    assert set(facts) == {"home"}  # no name, no exam
    (asked,) = asked_of(story.party, at=clock.now())
    assert (asked.asker, asked.places) == ("Clara Clinician", ("Example Hospital",))
    assert asked.wish.note == "Dr Consultant knows more of this than I do."
    assert asked.wish.note.encode() not in bytes(ConsentRequest.objects.get().sealed_wish)

    consent_id = agree(story, request_id)
    further = terms_of(Consent.objects.get(pk=consent_id)).further
    assert (further.kind, further.named[0].address) == (Further.NAMED, CARL)
    assert asked_of(story.party, at=clock.now()) == []
    assert answer(anna) is Answer.GRANTED
    carl = consultant()
    accept_share(anna.pass_on(), carl)
    seen = decide(party_of_person(carl), Action.VIEW, story.study_id, at=clock.now())
    assert seen.allowed


def test_nothing_opens_by_asking_or_by_beginning_to_answer(story: Story, anna: Recipient) -> None:
    request_id = ask(anna, may_download=True)
    begin_request(story.party, request_id, at=clock.now())
    assert not decide(anna.party, Action.DOWNLOAD, story.study_id, at=clock.now()).allowed
    assert not decide(anna.party, Action.PASS_ON, story.study_id, at=clock.now()).allowed
    assert request_to(story.party, request_id, at=clock.now()).state is RequestState.VIEWED
    assert answer(anna) is Answer.OPEN
    assert Consent.objects.count() == 1


def test_the_patient_can_change_every_choice(story: Story, anna: Recipient) -> None:
    request_id = ask(anna, may_download=True)
    consent_id = agree(story, request_id, may_download=False, further="none", further_named=())
    assert not decide(anna.party, Action.DOWNLOAD, story.study_id, at=clock.now()).allowed
    terms = terms_of(Consent.objects.get(pk=consent_id))
    assert terms.further.kind is Further.NONE
    assert Consent.objects.get(pk=consent_id).recipient_account_id == anna.person.account.pk


def test_a_consent_for_somebody_else_does_not_open_anything_to_the_asker(
    story: Story, anna: Recipient
) -> None:
    consent_id = agree(story, ask(anna), name="Dora", address="dora@clinic.example")
    assert Consent.objects.get(pk=consent_id).recipient_account_id is None


def test_no_is_a_whole_answer(story: Story, anna: Recipient) -> None:
    request_id = ask(anna)
    decline_request(story.party, request_id, at=clock.now())
    assert answer(anna) is Answer.NOT_GRANTED
    with pytest.raises(NotFoundError):
        begin_request(story.party, request_id, at=clock.now())
    assert not [each for each in messages_to(address_of(anna.person.account)) if "ask" in each[0]]


def test_two_weeks_without_an_answer_read_like_a_no(
    story: Story, anna: Recipient, moved_clock: Callable[[timedelta], datetime]
) -> None:
    request_id = ask(anna)
    moved_clock(timedelta(days=14))
    assert answer(anna) is Answer.NOT_GRANTED
    assert asked_of(story.party, at=clock.now()) == []
    with pytest.raises(NotFoundError):
        request_to(story.party, request_id, at=clock.now())
    ask(anna)
    assert len(asked_of(story.party, at=clock.now())) == 1


def test_one_question_at_a_time_and_it_can_be_withdrawn(story: Story, anna: Recipient) -> None:
    request_id = ask(anna)
    with pytest.raises(StateConflictError):
        ask(anna)
    withdraw_request(anna.party, request_id, at=clock.now())
    assert asked_of(story.party, at=clock.now()) == []
    assert answer(anna) is Answer.WITHDRAWN
    with pytest.raises(NotFoundError):
        withdraw_request(anna.party, request_id, at=clock.now())


def test_only_who_sees_an_exam_can_ask_and_only_its_owner_can_answer(
    story: Story, anna: Recipient, stranger: Person
) -> None:
    nobody = party_of_person(stranger)
    for asker in (nobody, story.party):
        with pytest.raises(NotFoundError):
            ask_patient(asker, story.study_id, wish(), at=clock.now())
    request_id = ask(anna)
    for someone in (nobody, anna.party, replace(story.party, token_scopes=frozenset())):
        with pytest.raises(NotFoundError):
            decline_request(someone, request_id, at=clock.now())
        with pytest.raises(NotFoundError):
            begin_request(someone, request_id, at=clock.now())
    with pytest.raises(NotFoundError):
        withdraw_request(story.party, request_id, at=clock.now())


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        pytest.param({"purpose": "everything"}, "purpose", id="no purpose"),
        pytest.param({"ends_on": "some day"}, "ends_on", id="no day"),
        pytest.param({"ends_on": "2001-01-01"}, "ends_on", id="a day gone by"),
        pytest.param({"note": "a" * 501}, "note", id="too many words"),
        pytest.param({"pass_to": ("", CARL)}, "pass_name", id="nobody's address"),
        pytest.param({"pass_to": ("Carl", "carl")}, "pass_address", id="no address"),
    ],
)
def test_a_question_must_make_sense(anna: Recipient, changes: dict[str, object], name: str) -> None:
    with pytest.raises(InvalidFieldError) as wrong:
        ask(anna, **changes)
    assert wrong.value.field == name
