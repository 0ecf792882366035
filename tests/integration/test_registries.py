"""Can exams be given to a registry: by page and by program, to its desk and to nobody else?"""

from __future__ import annotations

import pytest
from django.test import Client

from cast import Person, make_person, party_of_person
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.terms import Terms
from safelight.exchange.consent.terms_data import as_data, terms_from_data
from safelight.exchange.release.errors import UnboundedAudienceError
from safelight.exchange.release.received import received_by
from safelight.exchange.release.sharing.ceremony import present
from safelight.exchange.release.sharing.drafts import find_draft
from safelight.exchange.release.signed import terms_of, words_of
from safelight.exchange.release.viewing.overview import exams
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, InvalidFieldError
from safelight.kernel.ids import from_text, to_text
from safelight.records.accounts.models import Kind, Role
from safelight.records.accounts.registries import (
    RegistryFacts,
    end_registry,
    enter_registry,
    registries,
)
from story import Story, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
PURPOSE = "To learn how lung nodules grow."
DUTIES = "It never passes anything on, and erases what is taken back within a week."


def begin(browser: Client, story: Story) -> str:
    """Begin to publish one series, and return the draft's id."""
    answer = browser.post(f"/exams/{to_text(story.study_id)}/share/", {"act": "publish"})
    draft = answer.headers["Location"].split("/")[2]
    browser.post(f"/share/{draft}/what/", {"series": [str(story.series_id)]})
    return draft


@pytest.fixture
def register() -> RegistryFacts:
    return enter_registry("Lung Register", PURPOSE, DUTIES, at=clock.now())


@pytest.fixture
def keeper(register: RegistryFacts) -> Person:
    person = make_person("Rita Register", Kind.PROVIDER, register.name)
    person.account.memberships.update(role=Role.IMAGING_DESK)
    return person


def test_its_page_shows_what_it_is_for_and_keeps_the_choice(
    story: Story, register: RegistryFacts
) -> None:
    browser: Client = browser_of(story.owner, story.code())
    draft = begin(browser, story)
    page = browser.get(f"/share/{draft}/who/?to=registry").content.decode()
    for words in ("Lung Register", PURPOSE, DUTIES):
        assert words in page
    asked = {"audience": "registry", "registry": ""}
    assert browser.post(f"/share/{draft}/who/", asked).status_code == 422
    asked["registry"] = str(register.organization_id)
    answer = browser.post(f"/share/{draft}/who/", asked)
    assert answer.headers["Location"] == f"/share/{draft}/why/"
    _, choices = find_draft(party_of_person(story.owner), from_text(draft))
    assert (choices.audience, choices.name) == ("registry", "Lung Register")


def test_its_own_words_are_part_of_what_is_signed_and_its_desk_alone_sees(
    story: Story, register: RegistryFacts, keeper: Person
) -> None:
    colleague = make_person("Cora Colleague", Kind.PROVIDER, register.name)
    shared = story.share(
        act="publish", audience="registry", organization_id=str(register.organization_id)
    )
    consent = Consent.objects.get(pk=shared.consent_id)
    signed = words_of(consent)
    for words in ("the registry Lung Register", PURPOSE, DUTIES):
        assert words in signed
    enter_registry(register.name, "Something else by now.", "Nothing.", at=clock.now())
    terms: Terms = terms_of(consent)
    assert (terms.recipient.exists_for, terms.recipient.undertakes) == (PURPOSE, DUTIES)
    at = clock.now()
    (received,) = received_by(party_of_person(keeper), at=at)
    assert received.study_ids == (story.study_id,)
    assert received_by(party_of_person(colleague), at=at) == []
    assert exams(party_of_person(colleague), at=at) == []


def test_an_institution_that_is_no_registry_or_ended_as_one_cannot_be_given_anything_as_one(
    story: Story, clinician: Person, register: RegistryFacts
) -> None:
    (membership,) = clinician.account.memberships.all()
    end_registry(register.organization_id, at=clock.now())
    assert registries() == []
    for place in (membership.organization_id, register.organization_id):
        draft = story.draft(act="publish", audience="registry", organization_id=str(place))
        with pytest.raises(ExpectedError) as refused:
            present(story.party, draft, statement_version="1", at=clock.now())
        assert not isinstance(refused.value, UnboundedAudienceError)
    browser = browser_of(story.owner, story.code())
    draft_id = begin(browser, story)
    asked = {"audience": "registry", "registry": str(register.organization_id)}
    assert browser.post(f"/share/{draft_id}/who/", asked).status_code == 422


def test_a_program_prepares_it_and_the_public_stays_impossible(
    story: Story, register: RegistryFacts
) -> None:
    browser, headers = Client(), story.owner.headers
    (listed,) = browser.get("/api/v1/registries", headers=headers).json()
    assert (listed["purpose"], listed["duties"]) == (PURPOSE, DUTIES)
    chosen = {
        "exams": [to_text(story.study_id)],
        "series": [to_text(story.series_id)],
        "act": "publish",
        "audience": "registry",
        "organization": listed["organization"],
        "purpose": "research",
        "ends_on": "2099-01-01",
    }
    made = browser.post("/api/v1/drafts", chosen, "application/json", headers=headers)
    assert made.status_code == 201, made.content
    assert made.json()["audience"] == "registry"
    path = f"/api/v1/drafts/{made.json()['id']}"
    browser.patch(path, {"audience": "public"}, "application/json", headers=headers)
    answer = browser.post(f"{path}/present", {}, "application/json", headers=headers)
    assert answer.status_code == 422
    assert answer.json()["code"] == "identifiable_to_unbounded_audience"


def test_a_registry_must_say_what_it_is_for_and_what_it_holds_itself_to() -> None:
    for name, purpose, duties in (("", "a", "b"), ("R", " ", "b"), ("R", "a", "x" * 601)):
        with pytest.raises(InvalidFieldError):
            enter_registry(name, purpose, duties, at=clock.now())


def test_terms_without_a_registry_read_as_they_always_did(story: Story) -> None:
    terms = terms_of(Consent.objects.get(pk=story.share().consent_id))
    data = as_data(terms)
    assert not {"exists_for", "undertakes"} & data["recipient"].keys()
    assert terms_from_data(data) == terms
