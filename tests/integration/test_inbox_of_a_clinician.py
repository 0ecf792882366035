"""What lies before a clinician: given, treated, ending; narrowed, in pages, at a flat cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from starlette.testclient import TestClient

from acting import make_staff
from cast import Person, make_person, party_of_person
from passing import shown_to
from safelight.exchange.release.inbox.listing import InboxPage, inbox
from safelight.exchange.release.inbox.rows import InboxRow
from safelight.exchange.release.inbox.wanted import PAGE, wanted_of
from safelight.exchange.release.models import Disclosure, Look
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.exchange.release.viewing.overview import exam
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.records.accounts.models import Kind, Organization, Role
from safelight.records.accounts.queries import address_of
from safelight.records.imaging.models import Study
from story import Story, accept_share, another_ct, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def page_of(person: Person, **asked: str) -> InboxPage:
    return inbox(party_of_person(person), wanted_of(asked), at=clock.now())


def exams_in(person: Person, **asked: str) -> list[UUID]:
    return [row.study_id for row in page_of(person, **asked).rows]


def row_of(person: Person, study_id: UUID) -> InboxRow:
    (row,) = [row for row in page_of(person).rows if row.study_id == study_id]
    return row


def bring_in(web: TestClient, clinician: Person, count: int, **values: object) -> list[UUID]:
    """Let a clinician bring in exams of different patients; return them, the newest first."""
    known = set(Study.objects.values_list("pk", flat=True))
    files = []
    for number in range(count):
        own = f"1.2.826.0.1.{len(known)}.{number}"
        said = {
            "StudyInstanceUID": own,
            "SeriesInstanceUID": f"{own}.1",
            "SOPInstanceUID": f"{own}.1.1",
            "PatientID": f"N-{len(known)}-{number}",
        }
        files.append(another_ct(**(said | values)))
    store(web, clinician, *files)
    fresh = Study.objects.exclude(pk__in=known).order_by("-received_at", "pk")
    return list(fresh.values_list("pk", flat=True))


def test_what_was_given_and_whom_one_treats_are_one_list(
    story: Story, web: TestClient, clinician: Person
) -> None:
    own = bring_in(web, clinician, 2)
    shown_to(story, clinician)
    assert exams_in(clinician) == [story.study_id, *own]

    given, treated = row_of(clinician, story.study_id), row_of(clinician, own[0])
    assert given.terms is not None
    assert (given.source, given.is_new, given.patient_name) == ("Olga Owner", True, "")
    assert (treated.source, treated.terms) == ("Example Hospital", None)
    assert treated.patient_name == "CT1 CompressedSamples"
    assert treated.modalities == given.modalities == ("CT",)
    assert (given.way, treated.way) == ("consent", "delivery")
    # Nothing was opened by it, so nobody is told of a look and it is unread still.
    assert not Look.objects.filter(actor=party_of_person(clinician).name).exists()
    assert not Disclosure.objects.filter(study_id=story.study_id, recipient__contains="account")
    stranger = make_person("Nora Nurse", Kind.PROVIDER, "Example Hospital")
    assert exams_in(stranger) == []


def test_filters_narrow_and_what_is_unknown_narrows_nothing(
    story: Story,
    web: TestClient,
    clinician: Person,
    moved_clock: Callable[[timedelta], datetime],
) -> None:
    old = bring_in(web, clinician, 1, Modality="MR")
    moved_clock(timedelta(days=8))
    shown_to(story, clinician)
    given = story.study_id
    house = Organization.objects.get()

    assert exams_in(clinician, modality="MR") == old
    assert exams_in(clinician, modality="CT") == [given]
    assert exams_in(clinician, days="7") == [given]
    assert exams_in(clinician, days="30") == [given, *old]
    assert exams_in(clinician, show="report") == old
    assert exams_in(clinician, **{"from": to_text(house.pk)}) == old
    assert exams_in(clinician, **{"from": to_text(story.owner.account.pk)}) == [given]
    assert exams_in(clinician, show="x", days="2", held="x", modality="x", after="x") == [
        given,
        *old,
    ]
    exam(party_of_person(clinician), given, at=clock.now())
    assert exams_in(clinician, show="new") == old
    assert exams_in(clinician, show="soon") == []
    moved_clock(timedelta(days=28))
    assert exams_in(clinician, show="soon") == [given]
    assert exams_in(clinician)[0] == given  # what ends within days comes first


def test_a_desk_an_institution_and_what_was_taken_back(story: Story, clinician: Person) -> None:
    hospital = Organization.objects.get()
    desk = make_staff("Dana Desk", Role.IMAGING_DESK)
    to_desk = story.share(
        audience="desk", organization_id=str(hospital.pk), address="", name="", purpose="treatment"
    )
    assert exams_in(desk) == [story.study_id]
    assert exams_in(clinician) == []
    withdraw(story.party, to_desk.consent_id, at=clock.now())
    assert exams_in(desk) == []


def test_pages_follow_one_another_without_gap_or_repetition(
    web: TestClient, clinician: Person
) -> None:
    brought = bring_in(web, clinician, PAGE + 3)
    first = page_of(clinician)
    assert len(first.rows) == PAGE
    assert first.next is not None
    second = page_of(clinician, after=first.next.text())
    assert second.next is None
    assert [row.study_id for row in (*first.rows, *second.rows)] == brought


def test_a_page_costs_as_many_statements_with_one_exam_as_with_fifty(
    story: Story, web: TestClient, clinician: Person
) -> None:
    bring_in(web, clinician, 1)
    shown_to(story, clinician)
    few = statements(clinician)
    bring_in(web, clinician, PAGE)
    for _ in range(3):
        accept_share(story.share(address=address_of(clinician.account)), clinician)
    assert len(page_of(clinician).rows) == PAGE
    many = statements(clinician)
    assert few == many
    assert many[0] < 30


def statements(person: Person) -> tuple[int, int]:
    """Count what a page asks of both databases, after the first in a process."""
    party, wanted = party_of_person(person), wanted_of({})
    inbox(party, wanted, at=clock.now())
    with (
        CaptureQueriesContext(connections["default"]) as asked,
        CaptureQueriesContext(connections["keys"]) as keys,
    ):
        inbox(party, wanted, at=clock.now())
    # Once a second the ring looks for keys that were destroyed or rotated: that is no row of a key.
    return len(asked), len([each for each in keys if "wrappedkey" in each["sql"]])
