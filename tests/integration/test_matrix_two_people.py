"""Every address about what takes two people, in every state of it."""

from __future__ import annotations

import pytest

from cast import Person
from matrix.cells import ask_all, states_of
from matrix.operating import OPERATING, put_operating
from matrix.people import gather, signed_in
from matrix.powers import POWERS, gather_staff, put_powers
from story import Story

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
    pytest.mark.timeout(1800),
]


def test_every_cell(story: Story, clinician: Person) -> None:
    people = gather(story, clinician) | gather_staff()
    things = [*put_powers(story, people), *put_operating()]
    for kind, states in (POWERS | OPERATING).items():
        assert states_of(things, kind) == set(states)
    near = {"owner", "colleague", "officer", "desk", "asks", "decides", "supports", "audits"}
    everybody = signed_in({name: each for name, each in people.items() if name in near})
    ask_all("two_people", everybody, things)
