"""L88: also your own doctor sees your exams here only after you said so."""

from __future__ import annotations

import pytest

from cast import Person
from story import Story, accept_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_a_clinician_sees_a_persons_exam_from_the_consent_on(
    story: Story, clinician: Person
) -> None:
    frame = "/dicomweb" + story.address + "/frames/1"
    assert story.web.get(frame, headers=clinician.headers).status_code == 404
    assert story.web.get("/dicomweb/studies", headers=clinician.headers).status_code == 204
    accept_share(story.share(address="clara.clinician@people.example"), clinician)
    assert story.web.get(frame, headers=clinician.headers).status_code == 200
