"""An instance on a real PostgreSQL and a real S3 server, and what is seen while one of them fails.

A relay stands before each of the two. While it fails two senders store, and a stranger and a
revoked token ask for somebody's exam. Afterwards all that was acknowledged has to be there.
"""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import orjson
import psycopg

import bases
from cast import multipart
from ledger import Ledger, address
from objects import a_file, uid
from relay import Fault, Relay
from server import EMAIL, Answer, Server

STORED = "00081199"
OTHER = "sam.stranger@people.example"
RECOVERS_WITHIN = 30.0  # seconds after the fault is over
ANSWERS_WITHIN = 2.0  # seconds, where a server is not there at all
LONG = 2.0  # seconds from which on nobody asks without a pause
PAUSE = 0.3  # seconds


@dataclass
class Bases:
    """An instance on servers, and the relays before them."""

    server: Server
    database: Relay
    store: Relay
    database_url: str
    stranger: str = ""
    revoked: str = ""

    def whole(self) -> None:
        """See that the record is whole after all that."""
        done = self.server.run("audit", "verify", "--data", str(self.server.data))
        assert done.returncode == 0, done.stdout + done.stderr


@dataclass
class Round:
    """What was seen while a fault lasted and after it."""

    server: Server
    wrong: tuple[str, ...]  # tokens that may see nothing of what is sent
    ledger: Ledger
    number: int = field(default_factory=partial(next, count(1)))
    over: threading.Event = field(default_factory=threading.Event)
    wrongly_let_in: list[str] = field(default_factory=list)
    slowest: float = 0.0
    recovered: float = 0.0  # seconds until the first acknowledgement after it
    answers: dict[int, int] = field(default_factory=dict)
    refusal: str = ""  # the last answer to an upload that was no acknowledgement

    def go(self, inject: Callable[[], None], heal: Callable[[], None], seconds: float) -> None:
        """Send and ask before, during and after a fault, then look at everything."""
        pause = PAUSE if seconds > LONG else 0.0
        self.store(0, 1)
        threads = [
            threading.Thread(target=self._send, args=(sender, pause)) for sender in (1, 2)
        ] + [threading.Thread(target=self._ask_wrongly, args=(pause,))]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        inject()
        self.over.wait(seconds)
        heal()
        self.over.set()
        for thread in threads:
            thread.join(180)
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
            answer = self.server.request("POST", "/dicomweb/studies", body, headers)
            self._count(answer, began)
            if answer.status == 200:
                said = orjson.loads(answer.body)[STORED]["Value"]
                self.ledger.keep([each["00081155"]["Value"][0] for each in said])
            else:
                self.refusal = f"{answer.status} {answer.body[:500]!r}"

    def look(self) -> None:
        """Everything that was acknowledged is there as it was sent."""
        for instance in sorted(self.ledger.kept):
            got = self.server.get(address(instance), accept="application/dicom")
            assert got.status == 200, (instance, got)
            assert got.body == self.ledger.sent[instance], instance
        assert not self.wrongly_let_in, self.wrongly_let_in

    def _send(self, sender: int, pause: float) -> None:
        for number in count(1):
            self.store(sender, number)
            if self.over.wait(pause):
                return

    def _ask_wrongly(self, pause: float) -> None:
        """Ask for somebody else's exam, and with a token that was revoked."""
        known = address(uid(self.number, 1, 1))
        while not self.over.wait(pause):
            for token in self.wrong:
                for path in (known, known + "/metadata", "/dicomweb/studies"):
                    with suppress(OSError, http.client.HTTPException):
                        began = time.monotonic()
                        asked = {"Authorization": f"Bearer {token}"}
                        answer = self.server.request("GET", path, headers=asked)
                        self._count(answer, began)
                        if answer.status in {200, 206}:
                            self.wrongly_let_in.append(f"{path}: {answer.body[:100]!r}")

    def _count(self, answer: Answer, began: float) -> None:
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.answers[answer.status] = self.answers.get(answer.status, 0) + 1

    def _recover(self) -> None:
        """See that it works again by itself."""
        began, number = time.monotonic(), 0
        before = len(self.ledger.kept)
        while len(self.ledger.kept) == before:
            self.recovered = time.monotonic() - began
            assert self.recovered < RECOVERS_WITHIN, f"not well again by itself: {self.refusal}"
            number += 1
            self.store(3, number)
            time.sleep(0.05)


@dataclass
class Seen:
    """What came of several faults of a kind."""

    ledger: Ledger = field(default_factory=Ledger)
    times: int = 0
    slowest: float = 0.0
    recovered: float = 0.0
    answers: dict[int, int] = field(default_factory=dict)

    def add(self, one: Round) -> None:
        self.times += 1
        self.slowest = max(self.slowest, one.slowest)
        self.recovered = max(self.recovered, one.recovered)
        for status, times in one.answers.items():
            self.answers[status] = self.answers.get(status, 0) + times

    def say(self, what: str) -> None:
        print(  # noqa: T201 (the figures to report)
            f"{what}: {self.times} times, {len(self.ledger.kept)} acknowledged, 0 lost,"
            f" answers {dict(sorted(self.answers.items()))}, slowest {self.slowest:.1f} s,"
            f" again after {self.recovered:.1f} s"
        )


def fail(
    bases: Bases,
    what: str,
    inject: Callable[[], None],
    heal: Callable[[], None],
    *,
    times: int,
    seconds: float,
) -> Seen:
    """Let something fail so many times for so long, and see that all is well each time."""
    seen = Seen()
    for _ in range(times):
        one = Round(bases.server, (bases.stranger, bases.revoked), seen.ledger)
        one.go(inject, heal, seconds)
        seen.add(one)
    bases.whole()
    seen.say(what)
    assert seen.ledger.kept
    return seen


def relayed(bases: Bases, relay: Relay, fault: Fault, *, times: int, seconds: float) -> Seen:
    """Let a relay fail in this way, and see that somebody met it."""
    met = relay.faults_seen
    seen = fail(
        bases,
        f"{'database' if relay is bases.database else 'store'} {fault}, {seconds} s",
        lambda: relay.set(fault),
        lambda: relay.set(Fault.NONE),
        times=times,
        seconds=seconds,
    )
    assert relay.faults_seen > met, "nobody met the fault"
    return seen


@contextmanager
def behind_relays(folder: Path) -> Iterator[Bases]:
    """Serve an instance on servers of its own, each behind a relay."""
    server = Server(
        folder / "data",
        folder / "keys" / "root.key",
        env=bases.on_servers(),
        log=folder / "log",
    )
    server.init()
    server.token = server.add_person()
    stranger = server.add_person(OTHER, "Sam Stranger")
    revoked = _revoked(server)
    database = Relay(str(folder / ".s.PGSQL.5432"), str(bases.cluster().folder / ".s.PGSQL.5432"))
    endpoint = urlsplit(bases.objects().endpoint)
    store = Relay(("127.0.0.1", 0), (str(endpoint.hostname), int(endpoint.port or 0)))
    made = Bases(server, database, store, server.env["SAFELIGHT_DATABASE_URL"], stranger, revoked)
    for name in ("SAFELIGHT_DATABASE_URL", "SAFELIGHT_KEYS_DATABASE_URL"):
        server.env[name] = _through(server.env[name], host=str(folder))
    where = f"http://127.0.0.1:{store.place[1]}"
    server.env["SAFELIGHT_STORE_URL"] = _through(server.env["SAFELIGHT_STORE_URL"], endpoint=where)
    server.start()
    try:
        yield made
    finally:
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
