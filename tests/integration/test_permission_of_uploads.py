"""Who may go on with a delivery through our own pages? Each actor, each address, each state."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from acting import make_helper, make_staff
from cast import Person, give_second_factor, make_person
from safelight.exchange.receive.models import IntakeBatch, Upload
from safelight.exchange.receive.uploads import WAITS
from safelight.kernel.ids import new_id, to_text
from safelight.records.accounts.models import Kind, Role
from safelight.records.accounts.sessions import AAL, SessionStore
from safelight.surfaces.dicomweb.app import app
from uploading import TUS, Browser, browser_of, bundled, pictures
from walk import services

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

BYTES: Final = bundled(*pictures())

# What an address does with a bundle that the actor sends, or with the delivery it belongs to.
CREATE, FINISH = "POST /uploads", "POST /uploads/batches/{batch}/finish"
VERDICTS, OFFSET = "GET /uploads/{upload}/verdicts", "HEAD /uploads/{upload}"
ADD, FORGET = "PATCH /uploads/{upload}", "DELETE /uploads/{upload}"
ADDRESSES: Final = (VERDICTS, OFFSET, ADD, CREATE, FORGET, FINISH)

# State -> address -> the status of whoever sends it. Everybody else is refused as of nothing.
TABLE: Final[dict[str, dict[str, int]]] = {
    "receiving": {VERDICTS: 200, OFFSET: 200, ADD: 204, CREATE: 201, FORGET: 204},
    "looked at": {VERDICTS: 200, OFFSET: 200, ADD: 409, CREATE: 201, FORGET: 409},
    "waited too long": {
        VERDICTS: 410,
        OFFSET: 410,
        ADD: 410,
        CREATE: 201,
        FORGET: 410,
        FINISH: 200,
    },
    "finished": {VERDICTS: 200, OFFSET: 200, ADD: 409, CREATE: 409, FORGET: 409},
}
# By a session of their own with both factors; nobody sends for another, nor reads what they sent.
OTHERS: Final = ("stranger", "helper who manages", "clinician", "desk", "officer")
# Whoever is not wholly there is told what is missing, whatever the bundle.
NOT_THERE: Final = {
    "nobody": 401,
    "a program of the sender": 401,
    "the sender with one factor": 403,
    "the sender from another page": 403,
}


def everybody(web: TestClient, sender: Person) -> dict[str, Browser]:
    """Return a browser for each kind of actor but the sender's own."""
    helper = make_person("Hanna Helper", Kind.INDIVIDUAL)
    give_second_factor(sender)
    make_helper(sender, helper, may_manage=True)
    people = {
        "stranger": make_person("Stan Stranger", Kind.INDIVIDUAL),
        "helper who manages": helper,
        "clinician": make_person("Clara Clinician", Kind.PROVIDER, "Example Hospital"),
        "desk": make_staff("Dana Desk", Role.IMAGING_DESK),
        "officer": make_staff("Otis Officer"),
    }
    found = {name: browser_of(web, person) for name, person in people.items()}
    own = browser_of(web, sender)
    half = browser_of(web, sender)
    session = SessionStore(half.cookies.partition("=")[2].partition(";")[0])
    session[AAL] = 1
    session.save()
    return found | {
        "nobody": Browser(web),
        "a program of the sender": Browser(web, tus=TUS | sender.headers),
        "the sender with one factor": half,
        "the sender from another page": replace(own, token="0" * 32),
    }


def put(own: Browser, state: str, moved: Callable[[timedelta], datetime]) -> dict[str, str]:
    """Bring one bundle of one delivery into a state, and name both."""
    batch = own.open_batch()
    upload = own.create(batch, len(BYTES)).headers["Location"]
    if state in {"looked at", "finished"}:
        assert own.add(upload, 0, BYTES).status_code == 204
    if state == "finished":
        assert own.ask("POST", f"/uploads/batches/{batch}/finish").status_code == 200
    if state == "waited too long":
        moved(WAITS)
    return {"batch": batch, "upload": upload.rpartition("/")[2]}


def ask(browser: Browser, asked: str, names: dict[str, str]) -> Response:
    method, _, path = asked.partition(" ")
    path = path.format(**names)
    if asked == CREATE:
        told = f"batch {base64.b64encode(names['batch'].encode()).decode()}"
        headers = browser.tus | {"Upload-Length": "10", "Upload-Metadata": told}
        return browser.ask(method, path, headers=headers)
    if asked == ADD:
        return browser.add(path, 0, b"x", **browser.tus)
    return browser.ask(method, path, headers=browser.tus)


def plain(answer: Response) -> tuple[int, str]:
    """Return what an answer says, without the moment until which something waits."""
    return answer.status_code, re.sub(r"[0-9a-hjkmnp-tv-z]{26}", "*", answer.text)


def test_every_address_of_a_delivery_is_asked() -> None:
    served = {
        f"{method} {path}"
        for path, methods in services(app.routes).items()
        for method in methods
        if path.startswith("/uploads") and "{" in path and "by-link" not in path
    }
    assert served - {"HEAD /uploads/{upload}/verdicts"} == set(ADDRESSES) - {CREATE}


@pytest.mark.parametrize("state", TABLE)
def test_only_who_sends_it_goes_on_with_it(
    web: TestClient,
    owner: Person,
    state: str,
    moved_clock: Callable[[timedelta], datetime],
) -> None:
    actors = everybody(web, owner)
    names = put(browser_of(web, owner), state, moved_clock)
    if state == "waited too long":  # and so did everybody's session
        actors = {"nobody": actors["nobody"]}
        actors["stranger"] = browser_of(web, make_person("Stella Stranger", Kind.INDIVIDUAL))
    before = list(Upload.objects.values()), list(IntakeBatch.objects.values())
    nothing = {name: to_text(new_id()) for name in names}
    wrong = []
    for name, browser in actors.items():
        for asked in ADDRESSES:
            said, absent = ask(browser, asked, names), ask(browser, asked, nothing)
            due = NOT_THERE.get(name, 404)
            safe = asked.startswith(("GET", "HEAD")) and name == "the sender from another page"
            if not safe and (said.status_code != due or plain(said) != plain(absent)):
                wrong.append(f"{asked} / {state} / {name}: {plain(said)}, absent {plain(absent)}")
    assert not wrong, "\n".join(wrong)
    assert (list(Upload.objects.values()), list(IntakeBatch.objects.values())) == before

    own = browser_of(web, owner)
    got = {asked: ask(own, asked, names).status_code for asked in TABLE[state]}
    assert got == TABLE[state]
    assert ask(own, FINISH, names).status_code == 200
