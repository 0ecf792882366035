"""Nothing comes through any more to the database, the store, the witness or the repository.

A relay swallows what is said, in both directions, until the partition is over. The record
goes on meanwhile: what its witness and its repository lack, they get afterwards, in order.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from figures import figure
from ledger import Ledger
from outages import OTHER, Bases, Round, behind_relays, relayed
from relay import Fault, Relay
from repository import Repository
from server import EMAIL, Server
from witnessing import WitnessProcess

pytestmark = [pytest.mark.server, pytest.mark.timeout(1500)]

HALF_A_MINUTE = 30.0
A_WHILE = 10.0  # seconds that a partition lasts at least; it is over once both have noticed it
NOTICED_WITHIN = 120.0  # the witness is asked, and the repository sent to, each minute
CAUGHT_UP_WITHIN = 150.0
WAYS = (Fault.SILENT, Fault.CUT, Fault.REFUSED)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bases]:
    with behind_relays(tmp_path_factory.mktemp("parted")) as made:
        yield made


@pytest.mark.bases
@pytest.mark.postgres_server
@pytest.mark.parametrize("other", ["database", "store"])
def test_a_partition_costs_nothing_acknowledged(faulty: Bases, other: str) -> None:
    relayed(faulty, getattr(faulty, other), Fault.SILENT, times=2, seconds=1.0)
    figure(f"faults.made.parted-from-{other}", 2, "partitions")
    figure(f"faults.lost.parted-from-{other}", 0, "objects")


@pytest.mark.long
@pytest.mark.parametrize("piece", range(2))
@pytest.mark.parametrize("other", ["database", "store"])
def test_twenty_partitions_of_half_a_minute(faulty: Bases, other: str, piece: int) -> None:
    relayed(faulty, getattr(faulty, other), Fault.SILENT, times=10, seconds=HALF_A_MINUTE)
    figure(f"faults.made.parted-from-{other}-30s.{piece}", 10, "partitions")
    figure(f"faults.lost.parted-from-{other}-30s.{piece}", 0, "objects")


@dataclass
class Watched:
    """A served instance, and the relays before its witness and its repository."""

    server: Server
    wrong: tuple[str, ...]
    witness: Relay
    audit: Relay
    repository: Repository

    def asked(self, question: str) -> tuple[object, ...]:
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as database:
            found: tuple[object, ...] | None = database.execute(question).fetchone()
        return found or ()

    @property
    def database(self) -> Path:
        return self.server.data / "safelight.sqlite3"

    def size(self) -> int:
        (size,) = self.asked("SELECT max(seq) FROM audit_entry") or (0,)
        return int(str(size or 0))

    def times(self) -> list[str]:
        """Return when each entry was made, in the order of the record."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as database:
            found = database.execute("SELECT at FROM audit_entry WHERE seq > 0 ORDER BY seq")
            return [f"{datetime.fromisoformat(at):%Y-%m-%dT%H:%M:%S.%fZ}" for (at,) in found]

    def witnessed(self) -> int:
        """Return up to where the witness has signed; -1 where it is silent."""
        size, trouble = self.asked("SELECT size, trouble FROM audit_standing") or (0, "")
        return -1 if trouble else int(str(size))

    def sent_on(self) -> int:
        """Return up to where the repository has the record; -1 where it does not take it."""
        seq, since = self.asked("SELECT seq, failing_since FROM trail_spool") or (0, None)
        return -1 if since else int(str(seq))


@contextmanager
def watched(server: Server, folder: Path) -> Iterator[Watched]:
    """Serve an instance whose witness and repository stand behind relays."""
    stranger = server.add_person(OTHER, "Sam Stranger")
    revoked = _revoked(server)
    exported = server.run("audit", "export", "--data", str(server.data), str(folder / "trail"))
    assert exported.returncode == 0, exported.stderr
    with ExitStack() as until_the_end:
        witness = WitnessProcess(folder / "witness", exported.stdout.strip())
        witness.start()
        until_the_end.callback(witness.end)
        repository = Repository(folder)
        repository.start()
        until_the_end.callback(repository.stop)
        to_witness = Relay(("127.0.0.1", 0), ("127.0.0.1", witness.port))
        until_the_end.callback(to_witness.close)
        to_audit = Relay(("127.0.0.1", 0), ("127.0.0.1", repository.port))
        until_the_end.callback(to_audit.close)
        server.env |= {
            "SAFELIGHT_WITNESS_URLS": f"http://127.0.0.1:{to_witness.place[1]}",
            "SAFELIGHT_WITNESS_KEYS": witness.key,
            "SAFELIGHT_AUDIT_SYSLOG_URL": f"syslog+tls://localhost:{to_audit.place[1]}",
            "SAFELIGHT_AUDIT_SYSLOG_CA": str(repository.cert),
        }
        server.start()
        until_the_end.callback(server.stop)
        yield Watched(server, (stranger, revoked), to_witness, to_audit, repository)


def _revoked(server: Server) -> str:
    made = server.run(
        "token", "create", "--data", str(server.data), "--account", EMAIL,
        "--scope", "dicomweb:read",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    with closing(sqlite3.connect(server.data / "safelight.sqlite3")) as database, database:
        done = database.execute(
            "UPDATE accounts_apitoken SET revoked_at = created_at"
            " WHERE created_at = (SELECT max(created_at) FROM accounts_apitoken)"
        )
        assert done.rowcount == 1
    return made.stdout.strip()


def until(holds: Callable[[], bool], within: float) -> float:
    """Wait until something holds; return how many seconds it took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < within, "it did not come to that"
        time.sleep(0.5)
    return time.monotonic() - began


def part(instance: Watched, ledger: Ledger, fault: Fault) -> None:
    """Part witness and repository from the instance, and see what they get later."""

    def fail() -> None:
        instance.witness.set(fault)
        instance.audit.set(fault)

    def heal() -> None:
        # Both are noticed before it is over.
        until(lambda: instance.witnessed() == -1, NOTICED_WITHIN)
        until(lambda: instance.sent_on() == -1, NOTICED_WITHIN)
        instance.witness.set(Fault.NONE)
        instance.audit.set(Fault.NONE)

    before = instance.size()
    Round(instance.server, instance.wrong, ledger).go(fail, heal, A_WHILE)
    size = instance.size()
    assert size > before, "the record did not go on"
    until(lambda: instance.witnessed() >= size, CAUGHT_UP_WITHIN)
    until(lambda: instance.sent_on() >= size, CAUGHT_UP_WITHIN)
    # Each entry once, though a batch whose end was not heard of is sent again, and in order.
    times = [line.split(" ")[1] for line in dict.fromkeys(instance.repository.received())]
    assert times[:size] == instance.times()[:size]
    refused = "SELECT count(*) FROM audit_entry WHERE kind = 'checkpoint.witness-refused'"
    assert instance.asked(refused) == (0,), "a witness that was away contests nothing"


@pytest.mark.long
@pytest.mark.parametrize("piece", range(10))
def test_twenty_partitions_from_witness_and_repository(
    server: Server, tmp_path: Path, piece: int
) -> None:
    ledger = Ledger()
    with watched(server, tmp_path) as instance:
        until(lambda: instance.witnessed() > 0, CAUGHT_UP_WITHIN)
        until(lambda: instance.sent_on() > 0, CAUGHT_UP_WITHIN)
        for number in (2 * piece, 2 * piece + 1):
            part(instance, ledger, WAYS[number % len(WAYS)])
    done = server.run("audit", "verify", "--data", str(server.data))
    assert done.returncode == 0, done.stdout + done.stderr
    print(f"2 partitions, {len(ledger.kept)} acknowledged, 0 lost")  # noqa: T201
    figure(f"faults.made.parted-from-witness.{piece}", 2, "partitions")
    figure(f"faults.lost.parted-from-witness.{piece}", 0, "objects")
