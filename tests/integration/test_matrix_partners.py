"""Every address about partners and their connections, in every state of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cast import Person
from matrix.cells import ask_all, states_of
from matrix.partners import PARTNERS, put_partners
from matrix.people import gather, gather_desks, signed_in
from story import Story

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
    pytest.mark.timeout(1800),
]


def test_every_cell(story: Story, clinician: Person, tmp_path: Path) -> None:
    people = gather(story, clinician) | gather_desks()
    things = put_partners(people, tmp_path, story.study_id)
    for kind, states in PARTNERS.items():
        assert states_of(things, kind) == set(states)
    near = {"owner", "colleague", "officer", "desk", "second desk", "administrator"}
    near |= {"treats", "elsewhere", "desk elsewhere"}
    everybody = signed_in({name: each for name, each in people.items() if name in near})
    ask_all("partners", everybody, things)
