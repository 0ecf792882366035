"""Every service about an exam, asked by everybody, in every state of the exam."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from cast import Person
from matrix.cells import ask_about_exams
from matrix.objects import Clock
from story import Story

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
    pytest.mark.timeout(1800),
]


def test_every_cell(story: Story, clinician: Person, web: TestClient, moved_clock: Clock) -> None:
    ask_about_exams("exam_services", story, clinician, web, moved_clock)
