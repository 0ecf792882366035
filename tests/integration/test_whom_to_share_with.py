"""Can an owner name a person, an institution or a group, without any directory of people?"""

from __future__ import annotations

import pytest
from django.test import Client

from cast import Person, make_person, party_of_person
from safelight.exchange.release.sharing.ceremony import Shared
from safelight.exchange.release.sharing.drafts import Choices, find_draft
from safelight.exchange.release.sharing.known import known_recipients, own_groups
from safelight.kernel.ids import from_text, to_text
from safelight.records.accounts.models import Kind, Organization
from story import DOCTOR, Story, browser_of, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

DORA = {
    "audience": "person",
    "name": "Dr Dora Doctor",
    "address": DOCTOR,
    "address_again": DOCTOR,
    "kind": "clinician",
}


@pytest.fixture
def browser(story: Story) -> Client:
    return browser_of(story.owner, story.code())


def begin(browser: Client, story: Story, act: str = "") -> str:
    """Begin to share one series, and return the draft's id."""
    answer = browser.post(f"/exams/{to_text(story.study_id)}/share/", {"act": act})
    draft = answer.headers["Location"].split("/")[2]
    browser.post(f"/share/{draft}/what/", {"series": [str(story.series_id)]})
    return draft


def chosen(story: Story, draft: str) -> Choices:
    _, choices = find_draft(party_of_person(story.owner), from_text(draft))
    return choices


def test_a_slip_in_the_address_is_asked_about_and_the_person_decides(
    story: Story, browser: Client
) -> None:
    who = f"/share/{begin(browser, story)}/who/"
    slip = "dora@gmial.com"
    typed = DORA | {"address": slip, "address_again": slip}
    asked = browser.post(who, typed)
    assert asked.status_code == 422
    assert "Did you mean <b>dora@gmail.com</b>?" in asked.content.decode()

    assert browser.post(who, typed | {"sure": slip}).status_code == 302
    assert browser.post(who, typed | {"fixed": "dora@gmail.com"}).status_code == 302
    assert chosen(story, who.split("/")[2]).address == "dora@gmail.com"


def test_whoever_proved_their_address_before_is_one_press_away(
    story: Story, browser: Client
) -> None:
    first: Shared = story.share()
    draft = begin(browser, story)
    assert DOCTOR not in browser.get(f"/share/{draft}/who/").content.decode()

    open_share(first)
    page = browser.get(f"/share/{draft}/who/").content.decode()
    assert DOCTOR in page
    answer = browser.post(f"/share/{draft}/who/", {"recent": str(first.consent_id)})
    assert answer.headers["Location"].endswith("/why/")
    assert chosen(story, draft).address == DOCTOR

    # One who proved an address at this clinic makes a slip in its name noticed.
    slip = "dr.dora@clinc.example"
    typed = DORA | {"address": slip, "address_again": slip}
    assert "clinic.example" in browser.post(f"/share/{draft}/who/", typed).content.decode()


def test_an_institution_is_found_by_its_exact_name_only(
    story: Story, browser: Client, clinician: Person
) -> None:
    del clinician
    draft = begin(browser, story)
    who = f"/share/{draft}/who/"
    page = browser.get(f"{who}?to=institution").content.decode()
    assert "Example Hospital" not in page
    asked = {"audience": "institution", "within": "desk"}
    assert browser.post(who, asked | {"institution": "Example"}).status_code == 422
    assert browser.post(who, asked | {"institution": ""}).status_code == 422
    assert browser.post(who, {"audience": "institution", "institution": "x"}).status_code == 422
    assert browser.post(who, asked | {"institution": "example  HOSPITAL"}).status_code == 302
    assert chosen(story, draft).audience == "desk"
    assert chosen(story, draft).organization_id == str(Organization.objects.get().pk)
    assert (
        "What if the address is mistyped?"
        not in browser.get(f"/share/{draft}/why/").content.decode()
    )


def test_a_group_is_kept_and_chosen_by_its_own_manager_alone(
    story: Story, browser: Client, stranger: Person
) -> None:
    assert browser.post("/groups/", {"name": " "}).status_code == 422
    at = browser.post("/groups/", {"name": "My family"}).headers["Location"]
    assert browser.post(at, {"address": "nobody@people.example"}).status_code == 422
    draft = begin(browser, story)
    (group,) = own_groups(story.party)
    choice = {"audience": "group", "group": str(group.group_id)}
    assert "no members but you" in browser.post(f"/share/{draft}/who/", choice).content.decode()

    browser.post(at, {"address": "stan.stranger@people.example"})
    assert "Stan Stranger" in browser.get(at).content.decode()
    assert "Stan Stranger" in browser.get(f"/share/{draft}/who/?to=group").content.decode()
    assert browser.post(f"/share/{draft}/who/", choice).status_code == 302
    assert chosen(story, draft).group_id == str(group.group_id)
    assert not chosen(story, draft).future_members

    other = make_person("Nora Nosy", Kind.INDIVIDUAL)
    assert own_groups(party_of_person(other)) == []
    member = to_text(stranger.account.pk)
    assert browser.post(f"{at}{member}/remove/").status_code == 302
    assert "Stan Stranger" not in browser.get(at).content.decode().partition("<h1>")[2]


def test_nothing_that_shows_who_you_are_is_published_to_the_public(
    story: Story, browser: Client
) -> None:
    who = f"/share/{begin(browser, story, 'publish')}/who/"
    page = browser.get(f"{who}?to=public").content.decode()
    assert "So nothing is made public here" in page
    refused = browser.post(who, {"audience": "public"})
    assert refused.status_code == 422
    assert "nothing is made public here" in refused.content.decode()
    assert "One person" not in page, "a publication is for more than one"


def test_who_was_shared_with_before_is_nobody_elses_to_know(story: Story, stranger: Person) -> None:
    open_share(story.share())
    assert len(known_recipients(story.party)) == 1
    assert known_recipients(party_of_person(stranger)) == []
