"""AT-04.2: what happens when a child becomes an adult, by the application's clock?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from acting import approve, ask, make_staff, verify
from cast import Person, make_person, messages_to, party_of_person
from safelight.exchange.access.representing.coming_of_age import end_what_is_over
from safelight.exchange.access.representing.lists import acts_for
from safelight.exchange.access.representing.majority import age_of_majority, majority_at
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.activity import activity
from safelight.exchange.release.board import shared_by
from safelight.exchange.release.models import Disclosure
from safelight.exchange.release.sharing.keeping import keep_share, paused_for, present_keeping
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, NotFoundError
from safelight.records.accounts.actions.tokens import create_token
from safelight.records.accounts.models import Kind, Representative, Role
from safelight.records.accounts.queries import address_of
from safelight.records.accounts.tokens import Scope
from story import Story, open_share, sharing_as

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

DAYS = 100
"""So many days after the story begins the child is of age."""


def birthday_in(days: int) -> str:
    """Return the birth date of somebody who is 18 on the day that comes in so many days."""
    day = (clock.now() + timedelta(days=days)).date()
    return day.replace(year=day.year - 18).isoformat()


@pytest.fixture
def mother(story: Story) -> Person:
    """Let a mother be verified for the owner of the story, who is 17."""
    parent = make_person("Paula Parent", Kind.INDIVIDUAL)
    staff = make_staff("Otis Officer"), make_staff("Dana Desk", Role.IMAGING_DESK)
    row = ask(
        parent,
        address=address_of(story.owner.account),
        may_share=True,
        may_use_rights=True,
        born_on=birthday_in(DAYS),
    )
    verify(row, *staff)
    return parent


def looks(story: Story, person: Person) -> int:
    """Ask for the picture as a program of this person does; return the status."""
    path = "/dicomweb" + story.address + "/frames/1"
    token, _ = create_token(person.account, [Scope.DICOMWEB_READ], at=clock.now())
    return story.web.get(path, headers={"Authorization": f"Bearer {token}"}).status_code


def after_the_birthday() -> str:
    return (clock.now() + timedelta(days=DAYS + 60)).date().isoformat()


def mails(person: Person, template: str) -> int:
    return [each for each, _ in messages_to(address_of(person.account))].count(template)


def test_on_the_birthday_the_parent_sees_nothing_and_the_accounting_keeps_everything(
    story: Story, mother: Person, moved_clock: Callable[[timedelta], datetime]
) -> None:
    shared = sharing_as(story, mother).share(ends_on=after_the_birthday())
    cookie = open_share(shared)
    assert looks(story, mother) == 200
    assert story.as_guest(shared, cookie) == 200
    before = Disclosure.objects.count()

    # The job has not run yet: the decision knows the day by itself.
    moved_clock(timedelta(days=DAYS))
    assert looks(story, mother) == 404
    assert story.as_guest(shared, cookie) != 200

    end_what_is_over(at=clock.now())
    assert looks(story, mother) == 404
    assert looks(story, story.owner) == 200
    assert Disclosure.objects.count() == before
    names = {each.who for each in activity(story.party, at=clock.now())}
    assert {"Paula Parent", "Dr Dora Doctor"} <= names
    assert shared_by(party_of_person(mother), at=clock.now()) == []
    (kept,) = shared_by(story.party, at=clock.now())
    assert (kept.by, kept.is_paused) == ("Paula Parent", True)
    assert [each.state for each in acts_for(party_of_person(mother))] == ["ended"]


@pytest.mark.parametrize("keeps", [True, False])
def test_the_new_adult_keeps_or_ends_what_was_shared_in_their_name(
    story: Story, mother: Person, moved_clock: Callable[[timedelta], datetime], *, keeps: bool
) -> None:
    shared = sharing_as(story, mother).share(ends_on=after_the_birthday())
    moved_clock(timedelta(days=DAYS))
    end_what_is_over(at=clock.now())
    (waiting,) = paused_for(story.party, at=clock.now())
    assert waiting.pk == shared.consent_id
    if not keeps:
        withdraw(story.party, shared.consent_id, at=clock.now())
        assert paused_for(story.party, at=clock.now()) == []
        return
    with pytest.raises(NotFoundError):
        present_keeping(party_of_person(mother), shared.consent_id, at=clock.now())
    asked = present_keeping(story.party, shared.consent_id, at=clock.now())
    assert "acting for Mia Minor as parent" in asked.html
    given = approve(story.owner, story.party, asked.challenge_id)
    keep_share(story.party, shared.consent_id, given, at=clock.now())
    cookie = open_share(shared)
    assert story.as_guest(shared, cookie) == 200
    consent = Consent.objects.get(pk=shared.consent_id)
    assert consent.grantor_id == mother.account.pk
    with pytest.raises(ExpectedError):
        keep_share(story.party, shared.consent_id, given, at=clock.now())
    # Whoever no longer acts is not told when it is opened.
    assert mails(mother, "share-opened") == 0
    assert mails(story.owner, "share-opened") == 1


def test_both_are_told_90_and_30_days_before_and_on_the_day(
    story: Story, mother: Person, moved_clock: Callable[[timedelta], datetime]
) -> None:
    told = []
    for days in (0, 9, 2, 0, 58, 2, 28, 1):
        moved_clock(timedelta(days=days))
        end_what_is_over(at=clock.now())
        told.append(mails(mother, "majority-soon"))
    assert told == [0, 0, 1, 1, 1, 2, 2, 2]
    assert mails(story.owner, "majority-soon") == 2
    assert mails(story.owner, "majority-reached") == 1
    assert mails(mother, "acting-ended") == 1
    assert Representative.objects.get().ended_by == "majority"
    assert end_what_is_over(at=clock.now()) == 0


def test_the_earliest_birth_date_on_record_counts(story: Story, mother: Person) -> None:
    row = Representative.objects.get()
    assert row.is_until_majority
    assert datetime.fromisoformat(row.ends_on).date() == (clock.now() + timedelta(DAYS)).date()
    del mother, story


@pytest.mark.parametrize(
    ("born_on", "jurisdiction", "adult_on"),
    [
        (date(2008, 6, 1), "", date(2026, 6, 1)),
        (date(2008, 6, 1), "DE", date(2026, 6, 1)),
        (date(2008, 6, 1), "us-al", date(2027, 6, 1)),
        (date(2008, 6, 1), "US-MS", date(2029, 6, 1)),
        (date(2008, 6, 1), "KR-11", date(2027, 6, 1)),
        (date(2008, 2, 29), "", date(2026, 3, 1)),
    ],
)
def test_the_age_of_majority_is_that_of_the_place(
    born_on: date, jurisdiction: str, adult_on: date
) -> None:
    moment = majority_at(born_on, jurisdiction)
    assert moment == datetime(adult_on.year, adult_on.month, adult_on.day, tzinfo=UTC)
    assert age_of_majority(jurisdiction) >= 18
