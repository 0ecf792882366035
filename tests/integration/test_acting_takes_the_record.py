"""Who acts for somebody takes along what left of all their exams, where their scope covers it."""

from __future__ import annotations

import csv

import pytest
from django.test import Client

from acting import make_helper
from api import Program
from cast import Person, app_code, give_second_factor, make_person, party_of_person
from safelight.exchange.access.representing.ending import end_acting
from safelight.exchange.release.papers.accounting import Extent
from safelight.exchange.release.papers.listing import Form, accounting, written
from safelight.exchange.release.papers.sealing import check_paper
from safelight.exchange.release.periods import ALWAYS
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from safelight.records.accounts.models import Kind, Representative
from story import Story, browser_of, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def helper(story: Story) -> Person:
    """Let somebody use the owner's rights, and somebody else look at the picture."""
    person = make_person("Hanna Helper", Kind.INDIVIDUAL)
    make_helper(story.owner, person, may_use_rights=True)
    shared = story.share()
    assert story.as_guest(shared, open_share(shared)) == 200
    return person


def place(person: Person) -> str:
    return to_text(Representative.objects.get(account=person.account).pk)


def test_the_page_offers_it_and_it_says_who_asked(story: Story, helper: Person) -> None:
    browser = browser_of(helper, app_code(give_second_factor(helper)))
    page = f"/acting/{place(helper)}/activity/"
    assert f"{page}export/?extent=complete&amp;form=csv" in browser.get(page).content.decode()

    table = browser.get(f"{page}export/?extent=complete&form=csv").content.decode("utf-8-sig")
    lines = list(csv.DictReader(table.splitlines()))
    # What the helper themself saw, reading the page, is among it.
    assert {each["recipient"] for each in lines} == {"Dr Dora Doctor", "Hanna Helper"}
    own = accounting(story.party, Extent.COMPLETE, ALWAYS, at=clock.now())
    assert {each.first.number for each in own.lines} == {each["number"] for each in lines}
    assert browser.get("/activity/export/?form=csv").content.decode("utf-8-sig").count("\n") == 1


def test_the_paper_is_the_persons_and_names_who_acted(story: Story, helper: Person) -> None:
    row = Representative.objects.get()
    party, at = party_of_person(helper), clock.now()
    made = accounting(party, Extent.STATUTORY, ALWAYS, acting=row.pk, at=at)
    assert (made.name, made.asked_by) == ("Olga Owner", "Hanna Helper")
    assert made.number_in_year == 1
    assert check_paper(written(made, Form.PDF))
    entry = Entry.objects.get(kind="accounting.made")
    assert entry.actor == party.name
    assert entry.subject == f"representative/{row.pk}"
    assert f"account/{story.owner.account.pk}" in entry.text
    # It counts as one that the person had made.
    second = accounting(story.party, Extent.STATUTORY, ALWAYS, at=at)
    assert second.number_in_year == 1


def test_a_program_takes_it_along_by_the_same_right(story: Story, helper: Person) -> None:
    program = Program(Client(), **helper.headers)
    told = program(f"GET /accounting?acting={place(helper)}")
    assert [each["recipient"] for each in told["lines"]] == ["Dr Dora Doctor"]
    assert program("GET /accounting")["lines"] == []
    other = Program(Client(), **story.owner.headers)
    other(f"GET /accounting?acting={place(helper)}", status=404)


def test_who_may_look_alone_or_acts_no_more_takes_nothing(
    story: Story, stranger: Person, helper: Person
) -> None:
    looker = make_helper(story.owner, stranger)
    row = Representative.objects.get(account=helper.account)
    end_acting(story.party, row.pk, at=clock.now())
    for person, authority in ((stranger, looker), (helper, row), (stranger, row)):
        with pytest.raises(NotFoundError):
            accounting(
                party_of_person(person),
                Extent.COMPLETE,
                ALWAYS,
                acting=authority.pk,
                at=clock.now(),
            )
