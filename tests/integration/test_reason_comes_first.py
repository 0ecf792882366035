"""Who treats a patient says why before they look, by whichever way they look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client
from starlette.testclient import TestClient

from api import Program
from cast import Person, app_code, give_second_factor, make_person, party_of_person
from safelight.exchange.access.caring.reasons import CareCause, give_reason
from safelight.exchange.access.models import CareReason
from safelight.exchange.release.models import Look
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.records.accounts.models import Kind
from safelight.records.imaging.models import Study
from story import Story, another_ct, browser_of, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

STUDY, SERIES, OBJECT = "1.2.826.0.1.5", "1.2.826.0.1.6", "1.2.826.0.1.7"
WITHIN = f"/dicomweb/studies/{STUDY}"
WAYS = (
    WITHIN,
    f"{WITHIN}/metadata",
    f"{WITHIN}/series",
    f"{WITHIN}/instances",
    f"{WITHIN}/series/{SERIES}/instances",
    f"{WITHIN}/series/{SERIES}/thumbnail",
    f"{WITHIN}/series/{SERIES}/instances/{OBJECT}/frames/1",
    f"{WITHIN}/series/{SERIES}/instances/{OBJECT}/rendered",
    f"{WITHIN}/series/{SERIES}/instances/{OBJECT}/metadata",
)
URI = f"/dicomweb/wado?requestType=WADO&studyUID={STUDY}&seriesUID={SERIES}&objectUID={OBJECT}"


@pytest.fixture
def exam(web: TestClient, clinician: Person, moved_clock: Callable[[timedelta], datetime]) -> UUID:
    """Let a clinician bring in an exam, and a day go by."""
    named = {"StudyInstanceUID": STUDY, "SeriesInstanceUID": SERIES, "SOPInstanceUID": OBJECT}
    store(web, clinician, another_ct(**named))
    moved_clock(timedelta(days=1))
    return Study.objects.latest("received_at").pk


@pytest.fixture
def program(clinician: Person) -> Program:
    return Program(Client(), **clinician.headers)


def test_no_way_of_dicomweb_opens_an_exam_before_the_reason(
    web: TestClient, exam: UUID, clinician: Person, program: Program
) -> None:
    for way in (*WAYS, URI):
        refused = web.get(way, headers=clinician.headers)
        assert refused.status_code == 403, way
        assert refused.headers["Content-Type"] == "application/problem+json"
        said = refused.json()
        assert said["code"] == "care_reason_required"
        assert f"POST /api/v1/exams/{to_text(exam)}/reason" in said["detail"]
    assert not Look.objects.exists()

    program("POST /exams/{exam_id}/reason", {"code": "reporting"}, ids={"exam_id": to_text(exam)})
    for way in (*WAYS, URI):
        assert web.get(way, headers=clinician.headers).status_code == 200, way
    assert Look.objects.exists()


def test_lists_name_the_exam_and_show_nothing_in_it(
    web: TestClient, exam: UUID, clinician: Person
) -> None:
    assert exam
    headers = clinician.headers
    (told,) = web.get("/dicomweb/studies", headers=headers).json()
    assert told["0020000D"]["Value"] == [STUDY]
    for within in ("series", "instances"):
        assert web.get(f"/dicomweb/{within}", headers=headers).status_code == 204
        named = web.get(f"/dicomweb/{within}?SeriesInstanceUID={SERIES}", headers=headers)
        assert named.status_code == 204
    give_reason(party_of_person(clinician), exam, CareCause.PLANNING, "", at=clock.now())
    for within in ("series", "instances"):
        assert len(web.get(f"/dicomweb/{within}", headers=headers).json()) == 1


def test_a_program_gives_the_reason_in_its_persons_words(
    exam: UUID, program: Program, moved_clock: Callable[[timedelta], datetime]
) -> None:
    ids = {"exam_id": to_text(exam)}
    refused = program("GET /exams/{exam_id}", status=403, ids=ids)
    assert refused["code"] == "care_reason_required"
    assert refused["next"] == f"/exams/{to_text(exam)}/reason/"
    unfit = program("POST /exams/{exam_id}/reason", {"code": "other"}, status=422, ids=ids)
    assert unfit["code"] == "invalid:words"
    assert not CareReason.objects.exists()

    said = {"code": "other", "words": "The family asked us"}
    given = program("POST /exams/{exam_id}/reason", said, ids=ids)
    assert (given["code"], given["words"]) == ("other", "The family asked us")
    assert program("GET /exams/{exam_id}", ids=ids)["study_instance_uid"] == STUDY
    again = program("POST /exams/{exam_id}/reason", {"code": "quality"}, ids=ids)
    assert again["code"] == "other"  # the first answer of a day stands

    moved_clock(timedelta(days=1))
    program("GET /exams/{exam_id}", status=403, ids=ids)


def test_nobody_else_is_asked_and_nobody_else_can_say(
    story: Story, exam: UUID, clinician: Person
) -> None:
    colleague = make_person("Carl Colleague", Kind.PROVIDER, "Example Hospital")
    for person, study_id in ((colleague, exam), (story.owner, exam), (clinician, story.study_id)):
        program = Program(Client(), **person.headers)
        ids = {"exam_id": to_text(study_id)}
        program("GET /exams/{exam_id}", status=404, ids=ids)
        program("POST /exams/{exam_id}/reason", {"code": "quality"}, status=404, ids=ids)
    own = Program(Client(), **story.owner.headers)
    ids = {"exam_id": to_text(story.study_id)}
    own("GET /exams/{exam_id}", ids=ids)
    own("POST /exams/{exam_id}/reason", {"code": "quality"}, status=404, ids=ids)


def test_every_page_about_an_exam_asks_and_then_shows_it(exam: UUID, clinician: Person) -> None:
    browser = browser_of(clinician, app_code(give_second_factor(clinician)))
    listed = browser.get("/exams/").content.decode()
    assert to_text(exam) in listed
    assert "/thumbnail" not in listed
    page, why = f"/exams/{to_text(exam)}/", f"/exams/{to_text(exam)}/reason/"
    asked = browser.get(page)
    assert (asked.status_code, asked.headers["Location"]) == (302, f"{why}?then=exam")
    assert not Look.objects.exists()
    given = browser.post(asked.headers["Location"], {"code": "treatment"})
    assert given.headers["Location"] == page
    assert browser.get(page).status_code == 200
    assert "/thumbnail" in browser.get("/exams/").content.decode()
