"""Requests, groups, deliveries, copies and credentials, asked for by everybody, in every state."""

from __future__ import annotations

import pytest

from cast import Person
from matrix.cells import ask_about_things
from matrix.objects import Clock
from story import Story

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
    pytest.mark.timeout(1800),
]


def test_every_cell(story: Story, clinician: Person, moved_clock: Clock) -> None:
    ask_about_things("own_things", story, clinician, moved_clock)
