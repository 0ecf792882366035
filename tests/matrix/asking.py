"""How is one address asked by one actor, without leaving a trace, and what did it say?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson
from django.db import connections, transaction

from cast import PASSWORD
from matrix.need import Need
from matrix.needs import Due, due
from matrix.objects import Thing
from matrix.people import Actor
from safelight.kernel.ids import new_id, to_text
from safelight.records.accounts.allowances import forget
from walk import API_ROOT

_KNOWN = re.compile(r"\{(\w+)\}")
# What is fresh in each answer, and the number of a factor in its own address.
_FRESH = re.compile(
    rb'name="(csrfmiddlewaretoken|confirm-challenge)" value="\w+"|"csrf": ?"\w+"|(?<=/factors/)\d+'
)
_LONGEST_NUMBER = 6  # a shorter one may stand anywhere
_TODAY = "2099-01-01"


@dataclass(frozen=True)
class Address:
    """One method of one address: `asked` is how the tables name it."""

    asked: str
    path: str
    method: str
    need: Need
    is_page: bool


@dataclass(frozen=True)
class Said:
    """An answer, without what is fresh in each and without the ids that were asked for."""

    status: int
    words: bytes


@dataclass
class Asking:
    """Asks every cell, and remembers what each actor is told of what does not exist."""

    wrong: list[str] = field(default_factory=list)
    cells: int = 0
    _absent: dict[tuple[str, str], Said] = field(default_factory=dict)

    def ask(self, actor: Actor, address: Address, thing: Thing) -> None:
        """Ask for one cell and compare the answer with the tables."""
        self.cells += 1
        said = answer(actor, address, thing.ids)
        absent = self._nothing(actor, address, thing)
        wanted = due(address.need, thing.state, actor.name, is_page=address.is_page)
        if not _fits(said, absent, wanted):
            where = f"{address.asked} / {thing.kind} {thing.state} / {actor.name}"
            self.wrong.append(f"{where}: {said.status}, absent {absent.status}, due: {wanted.name}")

    def ask_by_no_method(self, actor: Actor, address: Address, thing: Thing) -> None:
        """Ask by a method that the address does not know, which does nothing for anybody."""
        self.cells += 1
        said = answer(actor, address, thing.ids)
        if said.status != HTTPStatus.METHOD_NOT_ALLOWED:
            self.wrong.append(f"{address.asked} / {thing.kind} / {actor.name}: {said.status}")

    def _nothing(self, actor: Actor, address: Address, thing: Thing) -> Said:
        key = actor.name, address.asked
        if key not in self._absent:
            none: dict[str, object] = {name: to_text(new_id()) for name in thing.ids}
            none |= {"factor": 999_999_999} if "factor" in thing.ids else {}
            self._absent[key] = answer(actor, address, none)
        return self._absent[key]


def _fits(said: Said, absent: Said, wanted: Due) -> bool:
    if wanted is Due.NOTHING:
        return said == absent and said.status < 500
    if said == absent:
        return False
    if wanted is Due.REASON:
        return said.status in {403, 409, 410, 423}
    return said.status < 400 or said.status in {401, 403, 409, 422}


def answer(actor: Actor, address: Address, ids: dict[str, object]) -> Said:
    """Ask, take the answer whole, and undo whatever it did."""
    path = _KNOWN.sub(lambda place: str(ids[place[1]]), address.path)
    with undone():
        forget()  # what is counted in memory is not undone with the rest
        actor.before()
        actor.browser.raise_request_exception = False
        cookies = dict(actor.browser.cookies)
        body, kind = _body(address, ids)
        said = actor.browser.generic(
            address.method, path, body, content_type=kind, headers=actor.headers
        )
        words = said.headers.get("Location", "").encode() + b"\n" + _whole(said)
    actor.browser.cookies.clear()
    actor.browser.cookies.update(cookies)
    for each in ids.values():
        if len(str(each)) > _LONGEST_NUMBER:
            words = words.replace(str(each).encode(), b"*")
    return Said(said.status_code, _FRESH.sub(b"*", words))


@contextmanager
def undone() -> Iterator[None]:
    """Let whatever happens happen in transactions that are taken back."""
    with ExitStack() as stack:
        for alias in connections:
            around = transaction.Atomic(using=alias, savepoint=True, durable=False)
            # As around a test case: what asks for a transaction of its own gets a savepoint.
            vars(around)["_from_testcase"] = True
            stack.enter_context(around)
        try:
            yield
        finally:
            for alias in connections:
                transaction.set_rollback(True, using=alias)


def _whole(said: Any) -> bytes:  # noqa: ANN401 (Django's test answer)
    whole: bytes = b"".join(said.streaming_content) if said.streaming else said.content
    return whole


def _body(address: Address, ids: dict[str, object]) -> tuple[bytes, str]:
    if address.method not in {"POST", "PUT", "PATCH"}:
        return b"", "application/octet-stream"
    if not address.is_page:
        made = _JSON.get(address.asked)
        return orjson.dumps(made(ids) if made else {}), "application/json"
    return _FORMS.get(address.asked, b""), "application/x-www-form-urlencoded"


_FORMS = {
    "POST desk-connection": b"act=test",
    "POST desk-agreement": b"act=end",
    "POST transfer": b"act=stop",
    "POST operator-alert-act": b"act=step-up|x",
    "POST operator-incident": b"state=triaged",
    "POST group": b"address=somebody@people.example",
    "POST acting-disagree": b"words=We+do+not+agree",
    "POST staff-acting-decide": b"act=settle&words=A+court+order",
    "POST ask-patient": b"purpose=treatment&ends_on=2099-01-01",
    "POST inbox-assign": b"to=me",
    "POST paper": b"act=refuse",
    "POST desk-death-decide": b"act=confirm",
    "POST desk-change-decide": b"act=confirm",
    "POST care-reason": b"code=conference",
    "POST operator-review-decide": b"decision=fine&words=It+was+right",
    "POST operator-right-act": b"act=identity_check",
    "POST operator-power-decide": b"act=cancel",
    "POST access-review": b"act=end",
    "POST sender-who": b"name=Pat&address=pat%40porter.example&relation=sister&may_send=yes",
}
_JSON: dict[str, Callable[[dict[str, object]], dict[str, Any]]] = {
    "POST /drafts": lambda ids: {"exams": [ids["exam_id"]]},
    "PATCH /drafts/{draft_id}": lambda _: {"purpose": "legal"},
    "POST /drafts/{draft_id}/confirm": lambda ids: {
        "digest": "0" * 64,
        "challenge": ids["series_id"],
        "password": PASSWORD,
        "code": "123456",
    },
    "POST /exams/{exam_id}/reason": lambda _: {"code": "conference"},
    "POST /exams/{exam_id}/signed-papers": lambda _: {
        "series": [],
        "patient": "Paul Patient",
        "name": "Dr Dora Doctor",
        "address": "dora@doctor.example",
        "kind": "clinician",
        "purpose": "treatment",
        "ends_on": _TODAY,
        "signed_on": _TODAY,
        "seen_by": "Nina Nurse",
        "seen_as": "nurse",
        "known_by": "photo-id",
        "scan": "",
    },
    "POST /signed-papers/{paper_id}/confirm": lambda ids: {
        "digest": "0" * 64,
        "challenge": ids["paper_id"],
        "password": PASSWORD,
        "code": "123456",
    },
    "POST /parcels/{parcel_id}/accept": lambda _: {"people": {"0": "mine"}, "believed_right": True},
    "PUT /exams/{exam_id}/sensitive": lambda _: {"classes": []},
    "POST /exams/{exam_id}/requests": lambda _: {"purpose": "treatment", "ends_on": _TODAY},
    "POST /representatives/{representative_id}/dispute": lambda _: {"words": "We do not agree."},
    "POST /representatives/{representative_id}/settle": lambda _: {"words": "A court order."},
    "POST /representatives/{representative_id}/block": lambda _: {"words": "Reported."},
    "POST /groups/{group_id}/members": lambda _: {"address": "somebody@people.example"},
}


def at_api(asked: str) -> str:
    """Return the whole path of an operation of the JSON API."""
    return API_ROOT.rstrip("/") + asked.partition(" ")[2]
