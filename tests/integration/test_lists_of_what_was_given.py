"""A list of what was given is remembered: does it ever show too much, too little, or the past?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from cast import Person, make_person, party_of_person
from safelight.exchange.access import given
from safelight.exchange.access.actions import admit_account
from safelight.exchange.access.facts import Party
from safelight.exchange.access.given import given_in_order
from safelight.exchange.access.groups import admit_member, dismiss_member, make_group
from safelight.exchange.access.parties import party_of
from safelight.exchange.release.remove import bring_back, remove
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.exchange.release.viewing.overview import exams
from safelight.kernel import clock
from safelight.records.accounts.actors import Actor, Belonging
from safelight.records.accounts.models import Kind, Organization, Role
from safelight.records.accounts.queries import address_of
from story import Story, another_ct

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def listed(party: Party) -> list[UUID]:
    """Return what a list shows, made a second time from what the first one left behind."""
    first = [each.study_id for each in exams(party, at=clock.now())]
    assert [each.study_id for each in exams(party, at=clock.now())] == first
    return first


def one_more(story: Story, day: str) -> Story:
    """Let the owner add an exam of a day, and go on with that one."""
    known = set(listed(story.party))
    uids = {
        f"{level}InstanceUID": f"1.2.{number}.{day}"
        for number, level in enumerate(("Study", "Series", "SOP"))
    }
    story.add(another_ct(StudyDate=day, **uids))
    (new,) = (each for each in exams(story.party, at=clock.now()) if each.study_id not in known)
    return replace(story, study_id=new.study_id, series_id=new.series[0].series_id)


def share_with(story: Story, person: Person, **changes: object) -> UUID:
    shared = story.share(address=address_of(person.account), **changes)
    with transaction.atomic():
        admit_account(shared.consent_id, person.account.pk)
    return shared.consent_id


def test_what_is_given_later_joins_the_list_in_its_place(story: Story, stranger: Person) -> None:
    theirs = party_of_person(stranger)
    assert listed(theirs) == []
    old, new = one_more(story, "19990101"), one_more(story, "20240101")
    share_with(old, stranger)
    assert listed(theirs) == [old.study_id]
    share_with(story, stranger)
    share_with(new, stranger)
    assert listed(theirs) == [new.study_id, story.study_id, old.study_id]


def test_an_exam_given_twice_is_listed_once(story: Story, stranger: Person) -> None:
    first = share_with(story, stranger)
    assert listed(party_of_person(stranger)) == [story.study_id]
    share_with(story, stranger)
    assert listed(party_of_person(stranger)) == [story.study_id]
    withdraw(story.party, first, at=clock.now())
    assert listed(party_of_person(stranger)) == [story.study_id]


def test_what_is_taken_back_leaves_the_list(story: Story, stranger: Person) -> None:
    consent_id = share_with(story, stranger)
    assert listed(party_of_person(stranger)) == [story.study_id]
    withdraw(story.party, consent_id, at=clock.now())
    assert listed(party_of_person(stranger)) == []


def test_an_exam_that_is_removed_and_brought_back_does_as_much_in_the_list(
    story: Story, stranger: Person
) -> None:
    share_with(story, stranger)
    remove(story.party, story.study_id, at=clock.now())
    assert listed(party_of_person(stranger)) == []
    bring_back(story.party, story.study_id, at=clock.now())
    assert listed(party_of_person(stranger)) == [story.study_id]


def test_members_of_a_group_gain_and_lose_what_it_was_given(
    story: Story, stranger: Person, clinician: Person
) -> None:
    second = one_more(story, "20240101")
    share_with(second, clinician)
    theirs = party_of_person(clinician)
    assert listed(theirs) == [second.study_id]
    group = make_group(story.party, "Tumour board", at=clock.now())
    admit_member(story.party, group.pk, address_of(stranger.account), at=clock.now())
    story.share(audience="group", group_id=str(group.pk), future_members=True)
    assert listed(theirs) == [second.study_id]
    admit_member(story.party, group.pk, address_of(clinician.account), at=clock.now())
    assert listed(theirs) == [second.study_id, story.study_id]
    dismiss_member(story.party, group.pk, clinician.account.pk, at=clock.now())
    assert listed(theirs) == [second.study_id]
    admit_member(story.party, group.pk, address_of(clinician.account), at=clock.now())
    assert listed(theirs) == [second.study_id, story.study_id]


def test_a_member_of_one_group_who_changes_to_another_sees_the_other_list(
    story: Story, stranger: Person, clinician: Person
) -> None:
    second = one_more(story, "20240101")
    groups = [make_group(story.party, name, at=clock.now()) for name in ("Here", "There")]
    for each, group in zip((story, second), groups, strict=True):
        admit_member(story.party, group.pk, address_of(stranger.account), at=clock.now())
        each.share(audience="group", group_id=str(group.pk), future_members=True)
    theirs = party_of_person(clinician)
    for group, exam in (*zip(groups, (story, second), strict=True), (groups[0], story)):
        admit_member(story.party, group.pk, address_of(clinician.account), at=clock.now())
        assert listed(theirs) == [exam.study_id]
        dismiss_member(story.party, group.pk, clinician.account.pk, at=clock.now())


def test_a_desk_is_shown_what_it_is_given_while_it_looks(story: Story) -> None:
    nurse = make_person("Nora Nurse", Kind.PROVIDER, "Example Hospital")
    hospital = Organization.objects.get()
    nurse.account.memberships.update(role=Role.IMAGING_DESK)
    at_the_desk = party_of(
        Actor(
            account_id=nurse.account.pk,
            kind=Kind.PROVIDER,
            aal=2,
            memberships=(Belonging(hospital.pk, Role.IMAGING_DESK),),
        )
    )
    second = one_more(story, "20240101")
    to_them: dict[str, Any] = {
        "audience": "desk",
        "organization_id": str(hospital.pk),
        "address": "",
        "name": "",
    }
    assert listed(at_the_desk) == []
    story.share(**to_them)
    assert listed(at_the_desk) == [story.study_id]
    second.share(**to_them)
    assert listed(at_the_desk) == [second.study_id, story.study_id]


def test_results_to_come_join_the_list_as_they_come(
    story: Story, stranger: Person, moved_clock: Callable[[timedelta], datetime]
) -> None:
    until = (clock.now() + timedelta(days=20)).date().isoformat()
    share_with(story, stranger, standing_until=until)
    theirs = party_of_person(stranger)
    assert listed(theirs) == [story.study_id]
    moved_clock(timedelta(days=1))
    new = one_more(story, "20240101")
    assert listed(theirs) == [new.study_id, story.study_id]
    old = one_more(story, "19990101")
    assert listed(theirs) == [new.study_id, story.study_id, old.study_id]


def test_a_second_list_does_not_read_the_consents_again(story: Story, stranger: Person) -> None:
    share_with(story, stranger)
    theirs = party_of_person(stranger)
    asked: list[str] = []

    def watch(execute: Callable[..., object], sql: str, *others: object) -> object:
        asked.append(sql)
        return execute(sql, *others)

    with connection.execute_wrapper(watch):
        for _ in range(2):
            assert given_in_order(theirs) == [story.study_id]
    assert len([sql for sql in asked if "consentitem" in sql]) == 1


def test_a_consent_that_never_came_to_be_is_not_remembered(story: Story, stranger: Person) -> None:
    theirs = party_of_person(stranger)
    share_with(one_more(story, "19990101"), stranger)
    before = listed(theirs)
    never = one_more(story, "20240101").share()
    with transaction.atomic():
        admit_account(never.consent_id, stranger.account.pk)
        assert len(given_in_order(theirs)) == len(before) + 1
        transaction.set_rollback(True)
    share_with(story, stranger)
    assert given_in_order(theirs) == [story.study_id, *before]


def test_only_so_many_exams_are_remembered(
    story: Story, stranger: Person, clinician: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = given._Memory()
    monkeypatch.setattr(given, "_memory", memory)
    monkeypatch.setattr(given, "_MOST_EXAMS", 2 + given._EACH_LIST)
    for number in range(3):
        exam = one_more(story, f"2024010{number + 1}")
        share_with(exam, stranger)
        share_with(exam, clinician)
        for person in (stranger, clinician):
            assert len(given_in_order(party_of_person(person))) == number + 1
            kept = sum(named.size for _, named in memory._read.values())
            assert kept == memory._exams <= 2 + given._EACH_LIST
