"""Which cells are there, and in which piece of the suite is each of them asked?

A file of tests is what one process runs, so the long tables are dealt into several files by
what they ask for: no piece shares an address with another, and together they are all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from django.test import Client
from starlette.testclient import TestClient

from cast import Person
from figures import figure
from matrix import needs
from matrix.asking import Address, Asking, at_api
from matrix.exams import put_exams
from matrix.houses import HOUSES
from matrix.objects import Clock, Thing, put_objects
from matrix.operating import OPERATING
from matrix.partners import PARTNERS
from matrix.people import Actor, actors, gather
from matrix.powers import POWERS
from matrix.standing import put_credentials, put_representatives
from safelight.kernel.ids import to_text
from story import DOCTOR, Story, open_share
from walk import operations, pages, resources

_UNKNOWN = "PUT", "DELETE", "PATCH"


def _about(*kinds: str) -> Callable[[Address], bool]:
    return lambda address: address.need.kind in kinds


def _read(address: Address) -> bool:
    return address.method == "GET"


PIECES: Final[dict[str, Callable[[Address], bool]]] = {
    "exam_pages_read": lambda each: _about("exam")(each) and each.is_page and _read(each),
    "exam_pages_sent": lambda each: _about("exam")(each) and each.is_page and not _read(each),
    "exam_services": lambda each: _about("exam")(each) and not each.is_page,
    "consents_read": lambda each: _about("consent")(each) and _read(each),
    "consents_changed": lambda each: _about("consent")(each) and not _read(each),
    "drafts": _about("draft"),
    "representatives": _about("representative"),
    "own_things": _about("request", "group", "delivery", "copy", "credential"),
    "sent_and_kept": _about("link", "parcel", *HOUSES),
    "two_people": _about(*POWERS, *OPERATING),
    "partners": _about(*PARTNERS),
}
"""What each file `tests/integration/test_matrix_NAME.py` asks for."""


def addresses_of(piece: str) -> list[Address]:
    """Return what one piece asks for."""
    return [each for each in addresses() if PIECES[piece](each)]


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


def ask_all(piece: str, everybody: list[Actor], things: list[Thing]) -> None:
    """Ask for every cell of a piece; the first of these people also asks by unknown methods."""
    asking = Asking()
    for address in addresses_of(piece):
        about = [each for each in things if each.kind == address.need.kind]
        if about and (unknown := _unknown(address)):
            asking.ask_by_no_method(everybody[0], unknown, about[0])
        for thing in about:
            for actor in [*everybody, *_visitors(thing)]:
                if _is_of_use(actor, address, is_first=thing is about[0]):
                    asking.ask(actor, address, thing)
    assert not asking.wrong, f"{len(asking.wrong)} of {asking.cells}\n" + "\n".join(asking.wrong)
    figure(f"matrix.cells.{piece}.{len(everybody)}", asking.cells, "cells")
    figure(f"matrix.wrong.{piece}.{len(everybody)}", len(asking.wrong), "cells")


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
    return [with_cookie(name, thing.cookie, each) for name, each in thing.visitors.items()]


def guest_of_another(story: Story) -> Actor:
    """Let somebody in by a share of their own."""
    cookie = open_share(story.share(), address=DOCTOR)
    return with_cookie("guest of another share", "__Host-guest", cookie)


def with_cookie(name: str, cookie: str, value: str) -> Actor:
    """Make a browser without an account that came by some link."""
    browser = Client()
    browser.cookies[cookie] = value
    return Actor(name, browser)


def states_of(things: list[Thing], kind: str) -> set[str]:
    """Return the states in which one kind of thing is there."""
    return {each.state for each in things if each.kind == kind}


def ask_about_exams(
    piece: str, story: Story, clinician: Person, web: TestClient, moved_clock: Clock
) -> None:
    """Bring one exam into each state, and let everybody ask."""
    people = gather(story, clinician)
    exams = put_exams(story, people, web, moved_clock)
    things = [Thing("exam", each.state, {"exam_id": to_text(each.study_id)}) for each in exams]
    assert states_of(things, "exam") == set(needs.KINDS["exam"])
    ask_all(piece, actors(story, people), things)


def ask_about_things(piece: str, story: Story, clinician: Person, moved_clock: Clock) -> None:
    """Bring one of each other kind of people's own things into each state, and let them ask."""
    people = gather(story, clinician)
    things = put_objects(story, people, moved_clock)
    everybody = [*actors(story, people), guest_of_another(story)]
    things += [*put_representatives(people), *put_credentials(story)]
    for kind in {each.need.kind for each in addresses_of(piece)}:
        assert states_of(things, kind) == set(needs.KINDS[kind])
    ask_all(piece, everybody, things)
