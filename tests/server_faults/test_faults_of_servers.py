"""The database or the object store fails: nothing acknowledged is lost, and nobody is let in by it.

A relay stands before each of the two servers and fails as they do: stopped, restarted, cut off,
silent, slow, full of errors. Meanwhile exams are sent, and a stranger and a revoked token ask.
"""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import orjson
import psycopg
import pytest

import bases
from cast import multipart
from figures import figure
from ledger import Ledger, address
from objects import a_file, uid
from relay import Fault, Relay
from server import EMAIL, Answer, Server

pytestmark = [pytest.mark.server, pytest.mark.timeout(1500)]

STORED = "00081199"
OTHER = "sam.stranger@people.example"
RECOVERS_WITHIN = 30.0  # seconds after the fault is over
ANSWERS_WITHIN = 2.0  # seconds, where a server is not there at all
_NOT_THERE = frozenset({Fault.REFUSED, Fault.STATUS_500, Fault.STATUS_503})


@dataclass
class Bases:
    """An instance on servers, and the relays before them."""

    server: Server
    database: Relay
    store: Relay
    database_url: str
    stranger: str = ""
    revoked: str = ""


@dataclass
class Round:
    """What was seen while a fault lasted and after it."""

    bases: Bases
    ledger: Ledger
    number: int = field(default_factory=partial(next, count(1)))
    over: threading.Event = field(default_factory=threading.Event)
    wrongly_let_in: list[str] = field(default_factory=list)
    slowest: float = 0.0
    answers: dict[int, int] = field(default_factory=dict)

    def go(self, inject: Callable[[], None], heal: Callable[[], None], seconds: float) -> None:
        """Send and ask before, during and after a fault, then look at everything."""
        self.store(0, 1)
        threads = [threading.Thread(target=self._send, args=(sender,)) for sender in (1, 2)] + [
            threading.Thread(target=self._ask_wrongly)
        ]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        inject()
        time.sleep(seconds)
        heal()
        self.over.set()
        for thread in threads:
            thread.join(120)
            assert not thread.is_alive(), "a request hangs for ever"
        self._recover()
        self.look()

    def store(self, sender: int, number: int) -> None:
        instance = uid(self.number, sender + 1, number)
        data = a_file(number, study=self.number, series=sender + 1)
        self.ledger.send({instance: data})
        body, headers = multipart(data)
        began = time.monotonic()
        with suppress(OSError, http.client.HTTPException):
            answer = self.bases.server.request("POST", "/dicomweb/studies", body, headers)
            self._count(answer, began)
            if answer.status == 200:
                said = orjson.loads(answer.body)[STORED]["Value"]
                self.ledger.keep([each["00081155"]["Value"][0] for each in said])

    def look(self) -> None:
        """Everything that was acknowledged is there as it was sent."""
        for instance in sorted(self.ledger.kept):
            got = self.bases.server.get(address(instance), accept="application/dicom")
            assert got.status == 200, (instance, got)
            assert got.body == self.ledger.sent[instance], instance
        assert not self.wrongly_let_in, self.wrongly_let_in

    def _send(self, sender: int) -> None:
        number = 0
        while not self.over.is_set():
            number += 1
            self.store(sender, number)

    def _ask_wrongly(self) -> None:
        """Ask for somebody else's exam, and with a token that was revoked."""
        known = address(uid(self.number, 1, 1))
        while not self.over.is_set():
            for token in (self.bases.stranger, self.bases.revoked):
                for path in (known, known + "/metadata", "/dicomweb/studies"):
                    with suppress(OSError, http.client.HTTPException):
                        began = time.monotonic()
                        asked = {"Authorization": f"Bearer {token}"}
                        answer = self.bases.server.request("GET", path, headers=asked)
                        self._count(answer, began)
                        if answer.status in {200, 206}:
                            self.wrongly_let_in.append(f"{path}: {answer.body[:100]!r}")

    def _count(self, answer: Answer, began: float) -> None:
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.answers[answer.status] = self.answers.get(answer.status, 0) + 1

    def _recover(self) -> None:
        """See that it works again by itself."""
        deadline, number = time.monotonic() + RECOVERS_WITHIN, 0
        before = len(self.ledger.kept)
        while len(self.ledger.kept) == before:
            assert time.monotonic() < deadline, "it did not recover by itself"
            number += 1
            self.store(3, number)
            time.sleep(0.05)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bases]:
    """Serve one instance for all faults: each test leaves it as well as it was."""
    tmp_path = tmp_path_factory.mktemp("faulty")
    server = Server(
        tmp_path / "data",
        tmp_path / "keys" / "root.key",
        env=bases.on_servers(),
        log=tmp_path / "log",
    )
    server.init()
    server.token = server.add_person()
    stranger = server.add_person(OTHER, "Sam Stranger")
    revoked = _revoked(server)
    database = Relay(str(tmp_path / ".s.PGSQL.5432"), str(bases.cluster().folder / ".s.PGSQL.5432"))
    endpoint = urlsplit(bases.objects().endpoint)
    store = Relay(("127.0.0.1", 0), (str(endpoint.hostname), int(endpoint.port or 0)))
    made = Bases(server, database, store, server.env["SAFELIGHT_DATABASE_URL"], stranger, revoked)
    for name in ("SAFELIGHT_DATABASE_URL", "SAFELIGHT_KEYS_DATABASE_URL"):
        server.env[name] = _through(server.env[name], host=str(tmp_path))
    where = f"http://127.0.0.1:{store.place[1]}"
    server.env["SAFELIGHT_STORE_URL"] = _through(server.env["SAFELIGHT_STORE_URL"], endpoint=where)
    server.start()
    yield made
    database.set(Fault.NONE)
    store.set(Fault.NONE)
    server.stop()
    database.close()
    store.close()


def _through(url: str, **changed: str) -> str:
    parts = urlsplit(url)
    query = urlencode(dict(parse_qsl(parts.query)) | changed, quote_via=quote)
    made = parts._replace(query=query).geturl()
    # A URL without a host keeps its two slashes.
    return made if "://" in made else made.replace(":/", ":///", 1)


def _revoked(server: Server) -> str:
    """Return a token of a person's that was theirs and is no more."""
    made = server.run(
        "token", "create", "--data", str(server.data), "--account", EMAIL,
        "--scope", "dicomweb:read",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    with psycopg.connect(server.env["SAFELIGHT_DATABASE_URL"]) as connection:
        done = connection.execute(
            "UPDATE accounts_apitoken SET revoked_at = now()"
            " WHERE created_at = (SELECT max(created_at) FROM accounts_apitoken)"
        )
        assert done.rowcount == 1
    return made.stdout.strip()


def _restart(faulty: Bases) -> None:
    """End every session of the database from its side, in the middle of whatever it does."""
    with psycopg.connect(bases.cluster().url("postgres"), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND pid <> pg_backend_pid()",
            [urlsplit(faulty.database_url).path[1:]],
        )


def _use_up(held: list[psycopg.Connection[tuple[object, ...]]]) -> None:
    """Take every connection that the database has left."""
    with suppress(psycopg.OperationalError):
        while True:
            held.append(psycopg.connect(bases.cluster().url("postgres")))


DATABASE = (Fault.REFUSED, Fault.SILENT)
STORE = (
    Fault.REFUSED,
    Fault.SILENT,
    Fault.STATUS_500,
    Fault.STATUS_503,
    Fault.CUT,
    Fault.SLOW,
    Fault.OTHER_ETAG,
)


def _fail(faulty: Bases, relay: Relay, fault: Fault, *, times: int, seconds: float) -> Ledger:
    ledger = Ledger()
    slowest = 0.0
    for _ in range(times):
        met = relay.faults_seen
        one = Round(faulty, ledger)
        one.go(lambda: relay.set(fault), lambda: relay.set(Fault.NONE), seconds)
        slowest = max(slowest, one.slowest)
        if fault is not Fault.REFUSED:
            assert relay.faults_seen > met, "nobody met the fault"
        if relay is faulty.database and fault in _NOT_THERE:
            assert one.slowest < ANSWERS_WITHIN, f"an answer took {one.slowest:.1f} s"
            assert one.answers.get(503), one.answers
    print(  # noqa: T201 (the figures to report)
        f"{fault}: {times} times, {len(ledger.kept)} acknowledged, slowest {slowest:.1f} s"
    )
    return ledger


def _whole(server: Server) -> None:
    """See that the record is whole after all that."""
    done = server.run("audit", "verify", "--data", str(server.data))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.bases
@pytest.mark.postgres_server
@pytest.mark.parametrize("fault", DATABASE)
def test_a_database_that_is_away_costs_nothing_acknowledged(faulty: Bases, fault: Fault) -> None:
    _fail(faulty, faulty.database, fault, times=5, seconds=0.8)
    _whole(faulty.server)
    figure(f"faults.database-{fault}.made", 5, "faults")
    figure(f"faults.database-{fault}.lost", 0, "objects")


@pytest.mark.bases
@pytest.mark.postgres_server
def test_a_database_that_ends_its_sessions_costs_nothing_acknowledged(faulty: Bases) -> None:
    ledger = Ledger()
    for _ in range(5):
        Round(faulty, ledger).go(lambda: _restart(faulty), lambda: None, 0.5)
    _whole(faulty.server)
    figure("faults.database-restarted.made", 5, "faults")


@pytest.mark.bases
@pytest.mark.postgres_server
def test_a_database_without_a_free_connection_costs_nothing_acknowledged(faulty: Bases) -> None:
    ledger = Ledger()
    held: list[psycopg.Connection[tuple[object, ...]]] = []

    def crowd() -> None:
        _restart(faulty)
        _use_up(held)

    def leave() -> None:
        while held:
            held.pop().close()

    for _ in range(3):
        Round(faulty, ledger).go(crowd, leave, 0.8)
    _whole(faulty.server)
    figure("faults.connections-used-up.made", 3, "faults")


@pytest.mark.bases
@pytest.mark.postgres_server
@pytest.mark.parametrize("fault", STORE)
def test_a_store_that_fails_costs_nothing_acknowledged(faulty: Bases, fault: Fault) -> None:
    _fail(faulty, faulty.store, fault, times=2, seconds=0.8)
    _whole(faulty.server)
    figure(f"faults.store-{fault}.made", 2, "faults")
    figure(f"faults.store-{fault}.lost", 0, "objects")


@pytest.mark.long
@pytest.mark.parametrize("piece", range(5))
@pytest.mark.parametrize("fault", DATABASE)
def test_fifty_times_without_a_database_for_half_a_minute(
    faulty: Bases, fault: Fault, piece: int
) -> None:
    ledger = _fail(faulty, faulty.database, fault, times=10, seconds=30)
    _whole(faulty.server)
    figure(f"faults.database-{fault}-30s.{piece}.made", 10, "faults")
    assert ledger.kept


@pytest.mark.long
@pytest.mark.parametrize("fault", STORE)
def test_twenty_times_with_a_store_that_fails(faulty: Bases, fault: Fault) -> None:
    ledger = _fail(faulty, faulty.store, fault, times=20, seconds=5)
    _whole(faulty.server)
    figure(f"faults.store-{fault}-5s.made", 20, "faults")
    assert ledger.kept
