"""Every address about what outsiders send and desks keep, in every state of it."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from cast import Person
from matrix.cells import ask_all, guest_of_another, states_of, with_cookie
from matrix.houses import HOUSES
from matrix.kept import put_kept
from matrix.objects import Clock
from matrix.people import NEAR, actors, gather, gather_desks, signed_in
from matrix.sending import LINKS, PARCELS
from matrix.sent import COOKIE, put_links, put_parcels, sender_by_another_link
from story import Story

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
    pytest.mark.timeout(1800),
]


@pytest.mark.parametrize("who", ["near", pytest.param("everybody", marks=pytest.mark.long)])
def test_every_cell(
    story: Story, clinician: Person, web: TestClient, moved_clock: Clock, who: str
) -> None:
    people = gather(story, clinician) | gather_desks()
    things = put_kept(people, web, moved_clock)
    things += [*put_links(people), *put_parcels(people)]
    another = with_cookie("sender by another link", COOKIE, sender_by_another_link(people))
    if who == "near":
        everybody = signed_in({name: each for name, each in people.items() if name in NEAR})
    else:
        everybody = [*actors(story, people), guest_of_another(story)]
    for kind, states in ({"link": LINKS, "parcel": PARCELS} | HOUSES).items():
        assert states_of(things, kind) == set(states)
    ask_all("sent_and_kept", [*everybody, another], things)
