"""A desk files what waits into the record that it chose, and chooses the version that is shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from starlette.testclient import TestClient

from acting import make_staff
from asking import fetch, send
from cast import Person, app_code, give_second_factor
from objects import a_file, uid
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from safelight.records.accounts.models import Role
from safelight.records.imaging.erasing import erase_study
from safelight.records.imaging.models import (
    Instance,
    PatientRecord,
    ReviewItem,
    ReviewState,
    Study,
)
from safelight.records.imaging.upkeep.checking import Finding, check
from safelight.records.imaging.upkeep.shelved import needed
from story import browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

ELSE: dict[str, Any] = {"PatientName": "Else^Someone", "PatientBirthDate": "19800101"}
SAME_UID: dict[str, Any] = {"SeriesDescription": "changed"}


@pytest.fixture
def desk(web: TestClient, clinician: Person) -> Client:
    """Let a hospital hold one exam of one person."""
    assert send(web, clinician, a_file(1)).status_code == 200
    dana = make_staff("Dana Desk", Role.IMAGING_DESK)
    return browser_of(dana, app_code(give_second_factor(dana)))


def waits(web: TestClient, sender: Person, *files: bytes) -> ReviewItem:
    """Send what contradicts the record, and return what stands for it."""
    assert send(web, sender, *files).status_code in {202, 409}
    return ReviewItem.objects.filter(state=ReviewState.WAITING).latest("received_at", "pk")


def decide(desk: Client, row: ReviewItem, act: str, **said: str) -> Any:  # noqa: ANN401 (a client's answer)
    return desk.post(f"/desk/waiting/{to_text(row.pk)}/decide/", {"act": act, **said})


def told(kind: str) -> Entry:
    (entry,) = Entry.objects.filter(kind=kind)
    return entry


def test_a_new_exam_goes_whole_into_the_record_that_was_chosen(
    desk: Client, web: TestClient, clinician: Person
) -> None:
    sent = [a_file(number, study=2, **ELSE) for number in (1, 2, 3)]
    row, known = waits(web, clinician, *sent), PatientRecord.objects.get()
    page = desk.get(f"/desk/waiting/{to_text(row.pk)}/").content.decode()
    assert "3 objects" in page
    assert page.count('name="into"') == 2, "the one record, or one of its own"
    missing = decide(desk, row, "file", into=to_text(known.pk), words=" ")
    assert (missing.status_code, "Say why" in missing.content.decode()) == (422, True)
    answer = decide(desk, row, "file", into=to_text(known.pk), words="She married: card seen")
    assert answer.status_code == 302
    study = Study.objects.exclude(pk=Study.objects.earliest("received_at").pk).get()
    assert study.patient_id == known.pk
    assert Instance.objects.filter(study_id=study.pk).count() == 3
    entry = told("desk-waiting.filed")
    assert entry.subject == f"study/{study.pk}"
    assert json.loads(entry.text)["count"] == 3
    filed = ReviewItem.objects.filter(state=ReviewState.FILED)
    assert {each.decided_into for each in filed} == {known.pk}
    assert {bytes(each.wrapped_key) for each in filed} == {b""}
    assert {each.decided_words for each in filed} == {"She married: card seen"}
    listed = desk.get("/desk/waiting/").content.decode()
    assert "She married: card seen" in listed
    assert "Nothing waits" in listed
    more = a_file(4, study=2, **ELSE)
    assert send(web, clinician, more).status_code == 200, "the rest of it comes straight in"


def test_what_was_filed_lies_sealed_for_its_exam_and_its_first_place_is_free(
    desk: Client, web: TestClient, clinician: Person
) -> None:
    row = waits(web, clinician, a_file(1, study=2, **ELSE))
    assert decide(desk, row, "file", into="new", words="Two people, one number").status_code == 302
    (instance,) = Instance.objects.filter(study_id__in=Study.objects.filter(patient_id=_new().pk))
    assert check(instance) is Finding.SOUND
    assert sum(each.records for each in needed().values()) == Instance.objects.count() == 2


def _new() -> PatientRecord:
    return PatientRecord.objects.exclude(pk=Study.objects.earliest("received_at").patient_id).get()


def test_a_record_of_its_own_takes_the_persons_next_exam_too(
    desk: Client, web: TestClient, clinician: Person
) -> None:
    row = waits(web, clinician, a_file(1, study=2, **ELSE))
    assert decide(desk, row, "file", into="new", words="Two people, one number").status_code == 302
    assert PatientRecord.objects.count() == 2
    assert {"patient.created", "study.filed"} <= set(
        Entry.objects.filter(actor=told("desk-waiting.filed").actor).values_list("kind", flat=True)
    )
    assert send(web, clinician, a_file(1, study=3, **ELSE)).status_code == 200
    assert send(web, clinician, a_file(1, study=4)).status_code == 200
    assert Study.objects.filter(patient_id=_new().pk).count() == 2
    assert send(web, clinician, a_file(1, study=5, PatientName="Third^Man")).status_code == 409


def test_another_person_in_a_known_exam_goes_into_its_record_or_nowhere(
    desk: Client, web: TestClient, clinician: Person
) -> None:
    row, known = waits(web, clinician, a_file(2, **ELSE)), PatientRecord.objects.get()
    assert decide(desk, row, "file", into="new", words="another").status_code == 422
    assert decide(desk, row, "file", into="nonsense", words="another").status_code == 422
    assert decide(desk, row, "file", into=to_text(known.pk), words="typing").status_code == 302
    assert Instance.objects.filter(study_id=Study.objects.get().pk).count() == 2
    assert fetch(
        web, clinician, f"/dicomweb/studies/{uid(1)}/series/{uid(1, 1)}/instances/{uid(1, 1, 2)}"
    ) == a_file(2, **ELSE)
    assert decide(desk, row, "file", into=to_text(known.pk), words="typing").status_code == 404


def test_a_record_that_was_not_beside_it_cannot_be_chosen(
    desk: Client, web: TestClient, clinician: Person
) -> None:
    assert send(web, clinician, a_file(1, study=9, PatientID="Z-1", PatientName="Z^Z")).is_success
    far = PatientRecord.objects.exclude(pk=Study.objects.earliest("received_at").patient_id).get()
    row = waits(web, clinician, a_file(1, study=2, **ELSE))
    assert decide(desk, row, "file", into=to_text(far.pk), words="why not").status_code == 422
    assert not Study.objects.filter(patient_id=far.pk).exclude(study_on=None).count() > 1


def test_the_version_that_was_chosen_is_shown_and_the_other_kept(
    desk: Client, web: TestClient, clinician: Person
) -> None:
    first = Instance.objects.get()
    row = waits(web, clinician, a_file(1, **SAME_UID))
    assert decide(desk, row, "file", into="new", words="which?").status_code == 409
    assert decide(desk, row, "show", words="").status_code == 422
    assert decide(desk, row, "show", words="The sender corrected it").status_code == 302
    place = f"/dicomweb/studies/{uid(1)}/series/{uid(1, 1)}/instances/{uid(1, 1, 1)}"
    assert fetch(web, clinician, place) == a_file(1, **SAME_UID)
    shown = Instance.objects.get()
    assert shown.arrival > first.arrival, "no consent of before covers it"
    kept = ReviewItem.objects.get(state=ReviewState.KEPT)
    assert (kept.pk, kept.study_id) == (first.id, first.study_id)
    assert check(kept) is Finding.SOUND
    assert "The sender corrected it" in desk.get("/desk/waiting/").content.decode()
    assert told("desk-waiting.version-chosen").subject == f"study/{first.study_id}"
    assert send(web, clinician, a_file(1)).status_code == 200, "it is here: it is kept"
    assert decide(desk, kept, "show", words="It was right after all").status_code == 302
    assert fetch(web, clinician, place) == a_file(1)
    assert ReviewItem.objects.filter(state=ReviewState.KEPT).count() == 1


def test_a_version_that_is_kept_is_erased_with_its_exam(
    desk: Client, web: TestClient, clinician: Person
) -> None:
    row = waits(web, clinician, a_file(1, **SAME_UID))
    decide(desk, row, "show", words="The sender corrected it")
    kept = ReviewItem.objects.get(state=ReviewState.KEPT)
    assert erase_study(Study.objects.get(), at=clock.now())
    assert not ReviewItem.objects.filter(pk=kept.pk).exists()
    assert check(kept) is Finding.GONE
    assert kept.study_id == Study.objects.get().pk
    assert send(web, clinician, a_file(1)).status_code == 200, "a new exam begins"


def test_a_version_that_names_another_person_is_not_chosen(
    desk: Client, web: TestClient, clinician: Person
) -> None:
    row = waits(web, clinician, a_file(1, **ELSE))
    assert decide(desk, row, "show", words="It is hers").status_code == 409
    assert Instance.objects.count() == 1
    row.refresh_from_db()
    assert row.state == ReviewState.WAITING
