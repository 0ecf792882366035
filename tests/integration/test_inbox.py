"""What does somebody find of what was shared with them, their group or their desk?"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from cast import Person, app_code, give_second_factor, make_person
from passing import shown_to
from safelight.exchange.access.groups import admit_member, make_group
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.records.accounts.models import Kind, Organization, Role
from safelight.records.accounts.queries import address_of
from story import Story, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_a_desk_finds_who_sent_what_for_what_until_when(story: Story, clinician: Person) -> None:
    hospital = Organization.objects.get()
    clinician.account.memberships.update(role=Role.IMAGING_DESK)
    shared = story.share(
        audience="desk", organization_id=str(hospital.pk), address="", name="", purpose="treatment"
    )
    other = make_person("Nora Nurse", Kind.PROVIDER, hospital.name)
    at_desk = browser_of(clinician, app_code(give_second_factor(clinician)))
    elsewhere = browser_of(other, app_code(give_second_factor(other)))

    page = at_desk.get("/inbox/").content.decode()
    exam = f"/exams/{to_text(story.study_id)}/"
    for said in ("Olga Owner", "Treatment", exam, "New"):
        assert said in page
    assert "Olga Owner" not in elsewhere.get("/inbox/").content.decode()
    assert exam in at_desk.get("/inbox/?show=new").content.decode()
    assert exam not in at_desk.get("/inbox/?show=soon").content.decode()

    at_desk.get(exam)
    assert exam not in at_desk.get("/inbox/?show=new").content.decode()
    withdraw(story.party, shared.consent_id, at=clock.now())
    page = at_desk.get("/inbox/").content.decode()
    assert "Not open to you now" in page
    for gone in ("Olga", exam, "Treatment", "CT"):
        assert not re.search(rf"\b{gone}\b", page)  # a token may hold the letters


def test_a_group_and_one_person_find_it_too_and_what_ends_soon_is_marked(
    story: Story, stranger: Person, moved_clock: Callable[[timedelta], datetime]
) -> None:
    group = make_group(story.party, "Tumour board", at=clock.now())
    admit_member(story.party, group.pk, address_of(stranger.account), at=clock.now())
    story.share(audience="group", group_id=str(group.pk))
    received = shown_to(story, stranger)
    browser = browser_of(stranger, received.code())
    exam = f'data-open href="/exams/{to_text(story.study_id)}/"'
    assert browser.get("/inbox/").content.decode().count(exam) == 1  # given twice, listed once
    moved_clock(timedelta(days=28))
    browser = browser_of(stranger, received.code())
    soon = browser.get("/inbox/?show=soon").content.decode()
    assert "2 days left" in soon
