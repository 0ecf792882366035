"""Each limit holds at exactly its number, for exactly whom it is meant, and after a restart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.test import Client
from starlette.testclient import TestClient

from asking import INSTANCE, store
from cast import Person
from objects import a_file
from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.access.parties import party_of
from safelight.exchange.access.volume import brings, downloads, searched, takes_objects
from safelight.exchange.receive.slots import MOST_AT_ONCE, a_slot
from safelight.kernel import clock
from safelight.kernel.ids import new_id
from safelight.platform.audit.models import Entry
from safelight.records.accounts import allowances, throttle
from safelight.records.accounts.actions.tokens import create_token
from safelight.records.accounts.actors import actor_of_token
from safelight.records.accounts.allowances import spend
from safelight.records.accounts.errors import RateLimitedError
from safelight.records.accounts.throttle import LIMITS, Limit
from safelight.records.accounts.tokens import Scope

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "limits.md"
FEW = [limit for limit in LIMITS if limit.count <= 100]  # the others are asked in their own way
SOMEBODY = Party(kind=PartyKind.PROVIDER, account_id=new_id())
GUEST = Party(kind=PartyKind.GUEST, share_id=new_id())
SYSTEM = Party(kind=PartyKind.SYSTEM, account_id=new_id())


@pytest.fixture(autouse=True)
def _starts_from_nothing() -> Iterator[None]:
    allowances.forget()
    yield
    allowances.forget()


def fill(limit: Limit, whom: str, *, at: datetime) -> None:
    """Take all but one of a limit."""
    spend(limit, whom, amount=limit.count - 1, at=at)


@pytest.mark.parametrize(
    ("act", "party", "limit"),
    [
        (searched, SOMEBODY, throttle.SEARCHES),
        (searched, GUEST, throttle.GUEST_SEARCHES),
        (searched, SYSTEM, throttle.FINDS),
        (lambda party, at: takes_objects(party, 1, at=at), SOMEBODY, throttle.OBJECTS),
        (lambda party, at: takes_objects(party, 1, at=at), GUEST, throttle.GUEST_OBJECTS),
        (lambda party, at: brings(party, 1024, at=at), SOMEBODY, throttle.UPLOADED),
    ],
    ids=["searches", "guest-searches", "finds", "objects", "guest-objects", "uploaded"],
)
def test_the_last_one_is_let_through_and_the_next_one_waits_for_the_window(
    act: Callable[..., None], party: Party, limit: Limit
) -> None:
    start = clock.now()
    fill(limit, party.name, at=start)
    act(party, at=start)
    with pytest.raises(RateLimitedError) as refused:
        act(party, at=start + limit.per / 4)
    assert refused.value.retry_after == limit.per * 3 / 4
    act(replace(party, account_id=new_id(), share_id=new_id()), at=start)
    act(replace(party, is_unlimited=True), at=start)
    act(party, at=start + limit.per)


def test_downloads_are_counted_to_the_last_one() -> None:
    at = clock.now()
    for _ in range(throttle.DOWNLOADS.count):
        downloads(SOMEBODY, at=at)
    with pytest.raises(RateLimitedError):
        downloads(SOMEBODY, at=at)


@pytest.mark.parametrize("limit", FEW, ids=[limit.name for limit in FEW])
def test_a_counted_try_is_refused_at_exactly_one_more_than_its_number(limit: Limit) -> None:
    at = clock.now()
    for _ in range(limit.count):
        throttle.take(limit, "somebody", at=at)
    with pytest.raises(RateLimitedError):
        throttle.take(limit, "somebody", at=at)
    throttle.take(limit, "somebody else", at=at)


def test_a_restart_forgets_nothing_that_was_settled() -> None:
    at = clock.now()
    fill(throttle.OBJECTS, SOMEBODY.name, at=at)
    allowances.settle()
    allowances.forget()  # the process is another one now
    takes_objects(SOMEBODY, 1, at=at)
    with pytest.raises(RateLimitedError):
        takes_objects(SOMEBODY, 1, at=at)


def test_two_processes_add_up_once_they_have_settled() -> None:
    at = clock.now()
    here, there = allowances._Tallies(), allowances._Tallies()
    limit = throttle.SEARCHES
    here.spend(limit, ("one",), limit.count // 2, at)
    there.spend(limit, ("one",), limit.count // 2, at)
    here.settle()
    there.settle()
    with pytest.raises(RateLimitedError):
        there.spend(limit, ("one",), 1, at)


def test_what_is_refused_is_not_counted() -> None:
    at = clock.now()
    fill(throttle.OBJECTS, SOMEBODY.name, at=at)
    with pytest.raises(RateLimitedError):
        takes_objects(SOMEBODY, 2, at=at)
    takes_objects(SOMEBODY, 1, at=at)


def test_a_program_is_told_when_to_come_back(web: TestClient, owner: Person) -> None:
    store(web, owner, a_file())
    name = f"account/{owner.account.pk}"
    spend(throttle.SEARCHES, name, amount=throttle.SEARCHES.count - 1, at=clock.now())
    assert web.get("/dicomweb/studies", headers=owner.headers).status_code == 200
    told = web.get("/dicomweb/studies", headers=owner.headers)
    assert told.status_code == 429
    assert told.json()["code"] == "rate_limited"
    assert 1 <= int(told.headers["retry-after"]) <= 60
    assert web.get(INSTANCE + "/frames/1", headers=owner.headers).status_code == 200


def test_a_program_that_took_too_many_exams_is_told_when_to_come_back(
    web: TestClient, owner: Person
) -> None:
    """It cannot sign in again, as a person is asked to: it waits."""
    store(web, owner, a_file())
    at = clock.now()
    session = party_of(actor_of_token(owner.token, at=at)).session
    for _ in range(throttle.COPIES.count):
        throttle.take(throttle.COPIES, session, at=at)
    told = web.get(INSTANCE, headers=owner.headers)
    assert (told.status_code, told.json()["code"]) == (429, "rate_limited")
    assert 1 <= int(told.headers["retry-after"]) <= 3600
    assert Entry.objects.filter(kind="access.budget-spent").count() == 1


def test_a_program_of_the_api_is_told_when_to_come_back_and_others_are_not_held(
    owner: Person, clinician: Person
) -> None:
    """What a token spends is its account's; one made without limits goes on."""
    at = clock.now()
    scopes = list(Scope)
    limited, also, without, other = (
        create_token(person.account, scopes, no_rate_limit=is_free, actor="operator", at=at)[0]
        for person, is_free in (
            *((owner, False), (owner, False), (owner, True)),
            *((clinician, False),),
        )
    )
    spend(throttle.API, str(owner.account.pk), amount=throttle.API.count - 1, at=at)

    def asked(token: str) -> Any:  # noqa: ANN401 (Django's test answer)
        return Client(headers={"Authorization": f"Bearer {token}"}).get("/api/v1/exams")

    assert asked(limited).status_code == 200
    for token in (limited, also):
        told = asked(token)
        assert told.status_code == 429
        assert told["Content-Type"] == "application/problem+json"
        assert orjson.loads(told.content)["code"] == "rate_limited"
        assert 1 <= int(told["Retry-After"]) <= 60
    assert asked(without).status_code == 200
    assert asked(other).status_code == 200


def test_an_object_counts_once_in_one_look(web: TestClient, owner: Person) -> None:
    store(web, owner, a_file())
    name = f"account/{owner.account.pk}"
    fill(throttle.OBJECTS, name, at=clock.now())
    for _ in range(3):
        assert web.get(INSTANCE + "/frames/1", headers=owner.headers).status_code == 200
    with pytest.raises(RateLimitedError):
        spend(throttle.OBJECTS, name, at=clock.now())


def test_a_look_that_would_be_too_much_shows_nothing(web: TestClient, owner: Person) -> None:
    store(web, owner, a_file())
    spend(
        throttle.OBJECTS,
        f"account/{owner.account.pk}",
        amount=throttle.OBJECTS.count,
        at=clock.now(),
    )
    told = web.get(INSTANCE + "/frames/1", headers=owner.headers)
    assert told.status_code == 429
    assert told.json()["code"] == "rate_limited"


def test_a_token_made_without_limits_has_none(owner: Person) -> None:
    at = clock.now()
    text, _ = create_token(
        owner.account, [Scope.DICOMWEB_READ], no_rate_limit=True, actor="operator", at=at
    )
    party = party_of(actor_of_token(text, at=at))
    for _ in range(3):
        takes_objects(party, throttle.OBJECTS.count, at=at)


def test_five_deliveries_of_one_sender_arrive_at_once_and_the_sixth_waits() -> None:
    with ExitStack() as held:
        for _ in range(MOST_AT_ONCE):
            held.enter_context(a_slot("account/one"))
        with pytest.raises(RateLimitedError), a_slot("account/one"):
            pass
        with a_slot("account/two"), a_slot("account/one", is_unlimited=True):
            pass
    with a_slot("account/one"):
        pass


def test_a_sixth_request_that_stores_is_told_to_come_back(web: TestClient, owner: Person) -> None:
    headers = owner.headers | {"Content-Type": "application/dicom"}
    with ExitStack() as held:
        for _ in range(MOST_AT_ONCE):
            held.enter_context(a_slot(f"account/{owner.account.pk}"))
        told = web.post("/dicomweb/studies", content=a_file(), headers=headers)
        assert (told.status_code, told.headers["retry-after"]) == (429, "5")
    assert web.post("/dicomweb/studies", content=a_file(), headers=headers).status_code == 200


def test_ten_wrong_secrets_a_minute_may_come_from_one_source() -> None:
    client = Client(HTTP_HOST="localhost:8000")
    address = "/s/0q09cd6vz7f5047yr2zxpx2bqe"
    for _ in range(throttle.REDEEM_SOURCE.count):
        assert client.post(address, {"secret": "wrong"}).status_code == 404
    told = client.post(address, {"secret": "wrong"})
    assert told.status_code == 429
    assert 1 <= int(told.headers["Retry-After"]) <= 60


def test_the_table_in_the_documents_is_the_table_in_the_code() -> None:
    lines = DOCUMENT.read_text().splitlines()
    told = {
        cells[0].strip("`"): (cells[1], cells[2])
        for line in lines
        if line.startswith("| `")
        for cells in [[cell.strip() for cell in line.strip("|").split("|")]]
    }
    kept = {limit.name: (f"{limit.count:,}", words(limit.per)) for limit in LIMITS}
    assert told == kept | {"uploads-at-once": (str(MOST_AT_ONCE), "at once")}


def words(per: timedelta) -> str:
    """Say a window as the document does."""
    minutes = int(per.total_seconds()) // 60
    known = {1: "a minute", 60: "an hour", 1440: "a day"}
    return known.get(minutes, f"{minutes} minutes")
