"""Every address, by every method, for every kind of actor, before every state of what it names.

Made from the routes that are served. What is due stands in tests/matrix, written by hand: an
address that names something and has no entry there fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from starlette.testclient import TestClient

from cast import Person
from figures import figure
from matrix import needs
from matrix.asking import Address, Asking, at_api
from matrix.exams import put_exams
from matrix.houses import HOUSES
from matrix.kept import put_kept
from matrix.needs import KINDS
from matrix.objects import Thing, put_objects
from matrix.operating import OPERATING, put_operating
from matrix.partners import PARTNERS, put_partners
from matrix.people import NEAR, Actor, actors, gather, gather_desks, signed_in
from matrix.powers import POWERS, gather_staff, put_powers
from matrix.sending import LINKS, PARCELS
from matrix.sent import COOKIE, put_links, put_parcels, sender_by_another_link
from matrix.standing import put_credentials, put_representatives
from safelight.kernel.ids import to_text
from story import DOCTOR, Story, open_share
from walk import operations, pages, resources

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
    pytest.mark.timeout(1800),
]

Clock = Callable[[timedelta], datetime]
# The demo's own pages: nobody's, but in a demo.
_OF_THE_DEMO = {"scene", "internal-picture", "statement-version"}
_UNKNOWN = "PUT", "DELETE", "PATCH"
_OF_DESKS = {"link": LINKS, "parcel": PARCELS} | HOUSES


def addresses() -> list[Address]:
    """Return each method of each address that names something, with what it asks for."""
    found = []
    for page in pages():
        for method in ("GET", "POST"):
            asked = f"{method} {page.name}"
            if page.places and (need := needs.PAGES.get(asked)):
                found.append(Address(asked, page.address, method, need, is_page=True))
    for asked in sorted(operations()):
        if need := needs.API.get(asked):
            method = asked.partition(" ")[0]
            found.append(Address(asked, at_api(asked), method, need, is_page=False))
    for page in resources():
        if need := needs.FHIR.get(f"GET {page.name}"):
            asked = f"GET {page.name}"
            found.append(Address(asked, page.address, "GET", need, is_page=False))
    return found


def test_every_address_that_names_something_says_what_it_asks_for() -> None:
    named = {page.name for page in pages() if page.places} - _OF_THE_DEMO
    named |= {asked for asked in operations() if "{" in asked} | {"POST /drafts"}
    known = {asked.partition(" ")[2] for asked in needs.PAGES} | set(needs.API)
    assert known == named


def test_every_resource_that_is_read_is_an_exam_or_a_consent_or_follows_from_one() -> None:
    named = {page.name for page in resources() if page.places} - {"fhir-nothing"}
    # tests/integration/test_fhir_access.py asks for these by everybody.
    follows = {"fhir-patient", "fhir-report", "fhir-document", "fhir-event"}
    assert {asked.partition(" ")[2] for asked in needs.FHIR} | follows == named


def test_every_cell_about_an_exam(
    story: Story, clinician: Person, web: TestClient, moved_clock: Clock
) -> None:
    people = gather(story, clinician)
    exams = put_exams(story, people, web, moved_clock)
    things = [Thing("exam", each.state, {"exam_id": to_text(each.study_id)}) for each in exams]
    _ask_all(actors(story, people), things)
    assert {each.state for each in things} == set(KINDS["exam"])


def test_every_cell_about_everything_else(
    story: Story, clinician: Person, moved_clock: Clock
) -> None:
    people = gather(story, clinician)
    things = put_objects(story, people, moved_clock)
    everybody = [*actors(story, people), _guest_of_another(story)]
    things += [*put_representatives(people), *put_credentials(story)]
    _ask_all(everybody, things)
    elsewhere = {"exam", *_OF_DESKS, *POWERS, *OPERATING, *PARTNERS}
    for kind in set(KINDS) - elsewhere:
        assert {each.state for each in things if each.kind == kind} == set(KINDS[kind])


@pytest.mark.parametrize("who", ["near", pytest.param("everybody", marks=pytest.mark.long)])
def test_every_cell_about_what_outsiders_send_and_desks_keep(
    story: Story, clinician: Person, web: TestClient, moved_clock: Clock, who: str
) -> None:
    people = gather(story, clinician) | gather_desks()
    things = put_kept(people, web, moved_clock)
    things += [*put_links(people), *put_parcels(people)]
    another = _with_cookie("sender by another link", COOKIE, sender_by_another_link(people))
    if who == "near":
        everybody = signed_in({name: each for name, each in people.items() if name in NEAR})
    else:
        everybody = [*actors(story, people), _guest_of_another(story)]
    _ask_all([*everybody, another], things)
    for kind, states in _OF_DESKS.items():
        assert {each.state for each in things if each.kind == kind} == set(states)


def test_every_cell_about_what_takes_two_people(story: Story, clinician: Person) -> None:
    people = gather(story, clinician) | gather_staff()
    things = [*put_powers(story, people), *put_operating()]
    near = {"owner", "colleague", "officer", "desk", "asks", "decides", "supports", "audits"}
    _ask_all(signed_in({name: each for name, each in people.items() if name in near}), things)
    for kind, states in (POWERS | OPERATING).items():
        assert {each.state for each in things if each.kind == kind} == set(states)


def test_every_cell_about_partners(story: Story, clinician: Person, tmp_path: Path) -> None:
    people = gather(story, clinician) | gather_desks()
    things = put_partners(people, tmp_path, story.study_id)
    near = {"owner", "colleague", "officer", "desk", "second desk", "administrator"}
    near |= {"treats", "elsewhere", "desk elsewhere"}
    _ask_all(signed_in({name: each for name, each in people.items() if name in near}), things)
    for kind, states in PARTNERS.items():
        assert {each.state for each in things if each.kind == kind} == set(states)


def _ask_all(everybody: list[Actor], things: list[Thing]) -> None:
    """Ask for every cell about these things; the owner also asks by methods that are unknown."""
    asking = Asking()
    for address in addresses():
        about = [each for each in things if each.kind == address.need.kind]
        if about and (unknown := _unknown(address)):
            asking.ask_by_no_method(everybody[0], unknown, about[0])
        for thing in about:
            for actor in [*everybody, *_visitors(thing)]:
                if _is_of_use(actor, address, is_first=thing is about[0]):
                    asking.ask(actor, address, thing)
    assert not asking.wrong, f"{len(asking.wrong)} of {asking.cells}\n" + "\n".join(asking.wrong)
    piece = f"{'-'.join(sorted({each.kind for each in things})).replace(' ', '_')}.{len(everybody)}"
    figure(f"matrix.cells.{piece}", asking.cells, "cells")
    figure(f"matrix.wrong.{piece}", len(asking.wrong), "cells")


def _unknown(address: Address) -> Address | None:
    """Return the same address by a method that it does not know, where this is its first."""
    served = [each for each in addresses() if each.path == address.path]
    if served[0] != address:
        return None
    known = {each.method for each in served}
    return replace(address, method=next(each for each in _UNKNOWN if each not in known))


def _is_of_use(actor: Actor, address: Address, *, is_first: bool) -> bool:
    """Say whether a cell could differ from others: see `Actor`."""
    if actor.name in needs.PROGRAMS:
        return not address.is_page
    return is_first or not actor.no_standing


def _visitors(thing: Thing) -> list[Actor]:
    return [_with_cookie(name, thing.cookie, each) for name, each in thing.visitors.items()]


def _guest_of_another(story: Story) -> Actor:
    cookie = open_share(story.share(), address=DOCTOR)
    return _with_cookie("guest of another share", "__Host-guest", cookie)


def _with_cookie(name: str, cookie: str, value: str) -> Actor:
    browser = Client()
    browser.cookies[cookie] = value
    return Actor(name, browser)
