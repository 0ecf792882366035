"""V1: whoever knows an exam's UID and nothing else is given nothing, by any door, and it is seen.

Every door is tried with the UID of an exam that is there, and again with one that is not: the
answers are the same, and each try stands in the record as refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from cast import Person, app_code, give_second_factor
from dicom_peer import (
    CT,
    EXPLICIT,
    FIND_STUDY,
    GET_STUDY,
    MOVE_STUDY,
    Caller,
    connect,
    found,
    identifier,
    served,
)
from fhir_client import client_of
from partnering import a_house
from safelight.kernel.ids import new_id, to_text
from safelight.platform.audit.events import Outcome
from safelight.platform.audit.models import DenialFold, Entry
from story import Story, browser_of

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
    pytest.mark.filterwarnings("ignore:unclosed <s"),
]
NOT_THERE = "1.2.826.0.1.3680043.10.999.404"
AE_ELSEWHERE = "ELSEWHERE"


def refusals() -> int:
    """Return how often something was refused: a repeated refusal is counted, not written anew."""
    folded = sum(DenialFold.objects.values_list("more", flat=True))
    return Entry.objects.filter(outcome=Outcome.DENIED).count() + folded


@pytest.fixture
def seen_as_refused() -> Iterator[None]:
    before = refusals()
    yield
    assert refusals() >= before + 2, "both tries should be on record as refused"


@pytest.fixture
def elsewhere() -> Iterator[Caller]:
    """Let in a system of another hospital, which may send and ask."""
    house = a_house("Elsewhere").organization_id
    sent_to = {"we_send": True, "host": "127.0.0.1", "port": "11112"}
    connect(AE_ELSEWHERE, organization=house, **sent_to)
    with served() as port:
        yield Caller(port, AE_ELSEWHERE)


def study_of(story: Story) -> str:
    return str(story.dataset.StudyInstanceUID)


@pytest.mark.usefixtures("seen_as_refused")
def test_the_web_pages_know_of_no_such_exam(story: Story, stranger: Person) -> None:
    browser = browser_of(stranger, app_code(give_second_factor(stranger)))
    for path in ("", "view/", "workplace/", "send/", "reports/", "activity/"):
        there, not_there = (
            browser.get(f"/exams/{to_text(each)}/{path}") for each in (story.study_id, new_id())
        )
        assert there.status_code == not_there.status_code == 404, path


@pytest.mark.usefixtures("seen_as_refused")
def test_searches_by_qido_find_nothing(story: Story, stranger: Person) -> None:
    for uid in (study_of(story), NOT_THERE):
        answer = story.web.get(
            f"/dicomweb/studies?StudyInstanceUID={uid}", headers=stranger.headers
        )
        assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.usefixtures("seen_as_refused")
def test_objects_by_wado_are_not_there(story: Story, stranger: Person) -> None:
    for uid in (study_of(story), NOT_THERE):
        answer = story.web.get(f"/dicomweb/studies/{uid}", headers=stranger.headers)
        assert answer.status_code == 404


@pytest.mark.usefixtures("seen_as_refused")
def test_searches_by_c_find_find_nothing(story: Story, elsewhere: Caller) -> None:
    association = elsewhere.associate(FIND_STUDY)
    for uid in (study_of(story), NOT_THERE):
        assert found(association, identifier("STUDY", StudyInstanceUID=uid)) == []
    association.release()


@pytest.mark.usefixtures("seen_as_refused")
def test_objects_by_c_get_are_not_there(story: Story, elsewhere: Caller) -> None:
    taken: list[bytes] = []
    for uid in (study_of(story), NOT_THERE):
        association = elsewhere.collecting(taken, GET_STUDY, objects={CT: [EXPLICIT]})
        asked = identifier("STUDY", StudyInstanceUID=uid)
        for status, _ in association.send_c_get(asked, GET_STUDY):
            assert status.get("NumberOfCompletedSuboperations", 0) == 0
        association.release()
    assert taken == []


@pytest.mark.usefixtures("seen_as_refused")
def test_objects_by_c_move_go_nowhere(story: Story, elsewhere: Caller) -> None:
    association = elsewhere.associate(MOVE_STUDY)
    for uid in (study_of(story), NOT_THERE):
        asked = identifier("STUDY", StudyInstanceUID=uid)
        for status, _ in association.send_c_move(asked, AE_ELSEWHERE, MOVE_STUDY):
            assert status.get("NumberOfCompletedSuboperations", 0) == 0
    association.release()


@pytest.mark.usefixtures("seen_as_refused")
def test_fhir_knows_of_no_such_exam(story: Story, stranger: Person) -> None:
    client = client_of(stranger)
    for key in (story.study_id, new_id()):
        client.issue(f"ImagingStudy/{to_text(UUID(str(key)))}", 404)
    assert client.ids(f"ImagingStudy?identifier=urn:oid:{study_of(story)}") == []
