"""What somebody who acts for another can answer, read and bring back, and what they cannot."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from acting import ask, make_helper, make_staff, verify
from cast import Person, app_code, give_second_factor, make_person, messages_to, party_of_person
from passing import Recipient, shown_to
from safelight.exchange.access.representing.ending import end_acting, raise_dispute
from safelight.exchange.access.representing.majority import age_of_majority, ages_said
from safelight.exchange.access.representing.verifying import end_by_majority
from safelight.exchange.access.sensitive import mark_sensitive
from safelight.exchange.consent.models import Consent, ConsentRequest
from safelight.exchange.consent.terms import Sensitive
from safelight.exchange.release.activity import activity
from safelight.exchange.release.remove import bring_back, remove, removed_exams
from safelight.exchange.release.sharing.asking import (
    ask_patient,
    asked_by,
    asked_of,
    begin_request,
    decline_request,
    request_to,
)
from safelight.exchange.release.sharing.ceremony import confirm, present
from safelight.exchange.release.sharing.wishes import Wish
from safelight.exchange.release.signed import terms_of
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import to_text
from safelight.records.accounts.models import Kind, Representative, Role
from story import Story, browser_of, sharing_as

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def doctor(story: Story, clinician: Person) -> Recipient:
    return shown_to(story, clinician)


def asks(doctor: Recipient) -> None:
    later = clock.now().date().isoformat()
    wish = Wish(purpose="second-opinion", note="May I show it?", ends_on=later)
    ask_patient(doctor.party, doctor.study_id, wish, at=clock.now())


def waiting_for(person: Person) -> list[str]:
    """Return for whom somebody may answer a question now; empty text is for oneself."""
    return [each.for_whom for each in asked_of(party_of_person(person), at=clock.now())]


def test_who_may_share_for_somebody_sees_and_answers_what_they_are_asked(
    story: Story, doctor: Recipient, stranger: Person
) -> None:
    looker = make_person("Lena Looker", Kind.INDIVIDUAL)
    make_helper(story.owner, looker)
    make_helper(story.owner, stranger, may_share=True)
    asks(doctor)
    assert waiting_for(story.owner) == [""]
    assert waiting_for(stranger) == ["Olga Owner"]
    assert waiting_for(looker) == []
    assert "consent-asked" in [name for name, _ in messages_to("stan.stranger@people.example")]
    (asked,) = asked_of(party_of_person(stranger), at=clock.now())
    for act in (request_to, begin_request, decline_request):
        with pytest.raises(NotFoundError):
            act(party_of_person(looker), asked.id, at=clock.now())

    acting = sharing_as(story, stranger)
    draft = begin_request(acting.party, asked.id, at=clock.now())
    shown = present(acting.party, draft.id, statement_version="1", at=clock.now())
    confirm(acting.party, draft.id, acting.approve(shown.challenge_id), at=clock.now())
    (answer,) = asked_by(doctor.party, at=clock.now())
    assert answer.answer == "granted"
    assert answer.consent_id is not None
    given = terms_of(Consent.objects.get(pk=answer.consent_id))
    assert (given.grantor_name, given.authority.subject_name) == ("Stan Stranger", "Olga Owner")
    assert waiting_for(story.owner) == []


def test_a_dispute_or_an_end_leaves_them_nothing_to_answer_with(
    story: Story, doctor: Recipient, stranger: Person
) -> None:
    row = make_helper(story.owner, stranger, may_share=True)
    asks(doctor)
    party = party_of_person(stranger)
    (asked,) = asked_of(party, at=clock.now())
    raise_dispute(story.party, row.pk, "I want to decide.", at=clock.now())
    with pytest.raises(StateConflictError, match="disagree"):
        begin_request(party, asked.id, at=clock.now())
    end_acting(story.party, row.pk, at=clock.now())
    assert waiting_for(stranger) == []
    decline_request(story.party, asked.id, at=clock.now())


def test_a_child_without_an_account_is_asked_through_who_acts_for_it(
    story: Story, clinician: Person
) -> None:
    """The mother keeps the exam of her child, which has no account, in her own vault."""
    staff = make_staff("Otis Officer"), make_staff("Dana Desk", Role.IMAGING_DESK)
    doctor = shown_to(story, clinician)
    verify(ask(story.owner, study_id=story.study_id, may_share=True), *staff)
    asks(doctor)
    assert waiting_for(story.owner) == ["Mia Minor"]
    assert ConsentRequest.objects.get().asked_id == story.owner.account.pk


def test_what_is_in_confidence_is_asked_of_the_minor_alone(
    story: Story, doctor: Recipient, stranger: Person
) -> None:
    make_helper(story.owner, stranger, may_share=True, may_manage=True)
    kinds = frozenset({Sensitive.MINOR_CONFIDENTIAL})
    asks(doctor)
    mark_sensitive(story.party, story.study_id, kinds, at=clock.now())
    assert waiting_for(stranger) == []
    assert waiting_for(story.owner) == [""]
    row = Representative.objects.get()
    assert activity(party_of_person(stranger), at=clock.now(), acting=row.pk) == []


def test_who_looked_at_all_their_exams_is_read_by_who_has_more_than_a_look(
    story: Story, stranger: Person
) -> None:
    story.share()
    row = make_helper(story.owner, stranger, may_use_rights=True)
    happened = activity(party_of_person(stranger), at=clock.now(), acting=row.pk)
    assert {each.did for each in happened} == {"shared"}
    looker = make_person("Lena Looker", Kind.INDIVIDUAL)
    only_looks = make_helper(story.owner, looker)
    for person, authority in ((looker, only_looks.pk), (looker, row.pk), (stranger, only_looks.pk)):
        with pytest.raises(NotFoundError):
            activity(party_of_person(person), at=clock.now(), acting=authority)

    browser = browser_of(stranger, app_code(give_second_factor(stranger)))
    page = f"/acting/{to_text(row.pk)}/activity/"
    assert page.encode() in browser.get("/acting/").content
    read = browser.get(page).content.decode()
    assert "Who looked at the exams of Olga Owner" in read
    line = " ".join(read[read.index("<b>Olga Owner</b> let") :].split())
    assert line.startswith("<b>Olga Owner</b> let Dr Dora Doctor look at 1 picture of the <a")
    assert "<b>You</b> let" not in read
    end_acting(story.party, row.pk, at=clock.now())
    assert browser.get(page).status_code == 404
    assert page.encode() not in browser.get("/acting/").content


def test_who_looks_after_the_exams_brings_back_what_was_removed(
    story: Story, stranger: Person
) -> None:
    sharer = make_person("Sam Sharer", Kind.INDIVIDUAL)
    make_helper(story.owner, sharer, may_share=True)
    make_helper(story.owner, stranger, may_manage=True)
    manager = party_of_person(stranger)
    remove(manager, story.study_id, at=clock.now())
    (found,) = removed_exams(manager, at=clock.now())
    assert (found.study_id, found.for_whom) == (story.study_id, "Olga Owner")
    (own,) = removed_exams(story.party, at=clock.now())
    assert own.for_whom == ""
    assert removed_exams(party_of_person(sharer), at=clock.now()) == []
    with pytest.raises(NotFoundError):
        bring_back(party_of_person(sharer), story.study_id, at=clock.now())
    bring_back(manager, story.study_id, at=clock.now())
    assert removed_exams(story.party, at=clock.now()) == []


def test_an_instance_says_itself_when_somebody_is_of_age(settings: LazySettings) -> None:
    said = ages_said(" us-al=18, GB-SCT=16,*=21 ")
    assert said == {"US-AL": 18, "GB-SCT": 16, "*": 21}
    ages = [age_of_majority(place, said) for place in ("US-AL", "gb-sct", "GB", "DE", "US-MS", "")]
    assert ages == [18, 16, 21, 21, 21, 21]
    assert age_of_majority("US-MS", said | {"US-MS": 19}) == 19
    for wrong in ("DE", "DE=", "=18", "DE=eighteen", "DE=4", "DE=40"):
        with pytest.raises(ValueError, match="ages_of_majority"):
            ages_said(wrong)
    settings.SAFELIGHT_AGES_OF_MAJORITY = {"DE": 20}
    child = Representative(kind="guardian", jurisdiction="DE", born_on="2010-04-05")
    ends_at = end_by_majority(child)
    assert ends_at is not None
    assert ends_at.date().isoformat() == "2030-04-05"
