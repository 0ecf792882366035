"""The database is stopped, restarted or full: nothing acknowledged is lost, nobody is let in."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import cycle
from urllib.parse import urlsplit

import psycopg
import pytest

import bases
from figures import figure
from outages import ANSWERS_WITHIN, Bases, Seen, behind_relays, fail, relayed
from relay import Fault

pytestmark = [pytest.mark.server, pytest.mark.timeout(1500)]


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bases]:
    """Serve one instance for all faults: each test leaves it as well as it was."""
    with behind_relays(tmp_path_factory.mktemp("faulty")) as made:
        yield made


def _backends(faulty: Bases) -> list[int]:
    """Return the processes that serve this instance's sessions."""
    with psycopg.connect(bases.cluster().url("postgres")) as connection:
        found = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
            " ORDER BY state = 'active' DESC, xact_start",
            [urlsplit(faulty.database_url).path[1:]],
        )
        return [int(pid) for (pid,) in found]


def _end_sessions(faulty: Bases) -> None:
    """End every session from the database's side, in the middle of whatever it does."""
    with psycopg.connect(bases.cluster().url("postgres"), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = ANY(%s)",
            [_backends(faulty)],
        )


def _kill_a_session(faulty: Bases) -> None:
    """Kill one process of the database, which then ends all others and recovers from its log."""
    for pid in _backends(faulty)[:1]:
        os.kill(pid, signal.SIGKILL)


def _kill_the_database(_: Bases) -> None:
    """Kill the whole database server, and start it again."""
    bases.cluster().kill_and_start()


RESTARTS = (_end_sessions, _kill_a_session, _kill_the_database)


def _stopped(faulty: Bases, *, times: int, seconds: float) -> None:
    seen = relayed(faulty, faulty.database, Fault.REFUSED, times=times, seconds=seconds)
    assert seen.slowest < ANSWERS_WITHIN, f"an answer took {seen.slowest:.1f} s"
    assert seen.answers.get(503), seen.answers


def _restarted(faulty: Bases, *, times: int) -> None:
    ways: Iterator[Callable[[Bases], None]] = cycle(RESTARTS)
    fail(
        faulty,
        "database restarted",
        lambda: next(ways)(faulty),
        lambda: None,
        times=times,
        seconds=0.5,
    )


def _without_connections(faulty: Bases, *, times: int) -> Seen:
    held: list[psycopg.Connection[tuple[object, ...]]] = []

    def crowd() -> None:
        """End the product's sessions and take every connection that the database has."""
        _end_sessions(faulty)
        with suppress(psycopg.OperationalError):
            while True:
                held.append(psycopg.connect(bases.cluster().url("postgres")))

    def leave() -> None:
        while held:
            held.pop().close()

    seen = fail(faulty, "connections used up", crowd, leave, times=times, seconds=0.8)
    assert seen.answers.get(503), seen.answers
    assert seen.slowest < ANSWERS_WITHIN, f"an answer took {seen.slowest:.1f} s"
    return seen


@pytest.mark.bases
@pytest.mark.postgres_server
def test_a_database_that_is_away_costs_nothing_acknowledged(faulty: Bases) -> None:
    _stopped(faulty, times=5, seconds=0.8)
    figure("faults.made.database-away", 5, "faults")
    figure("faults.lost.database-away", 0, "objects")


@pytest.mark.bases
@pytest.mark.postgres_server
def test_a_database_that_is_restarted_costs_nothing_acknowledged(faulty: Bases) -> None:
    _restarted(faulty, times=6)
    figure("faults.made.database-restarted", 6, "faults")
    figure("faults.lost.database-restarted", 0, "objects")


@pytest.mark.bases
@pytest.mark.postgres_server
def test_a_database_without_a_free_connection_costs_nothing_acknowledged(faulty: Bases) -> None:
    _without_connections(faulty, times=5)
    figure("faults.made.connections-used-up", 5, "faults")
    figure("faults.lost.connections-used-up", 0, "objects")


@pytest.mark.long
@pytest.mark.parametrize("piece", range(5))
def test_fifty_times_without_a_database_for_half_a_minute(faulty: Bases, piece: int) -> None:
    _stopped(faulty, times=10, seconds=30)
    figure(f"faults.made.database-away-30s.{piece}", 10, "faults")
    figure(f"faults.lost.database-away-30s.{piece}", 0, "objects")


@pytest.mark.long
@pytest.mark.parametrize("piece", range(2))
def test_fifty_restarts_of_the_database(faulty: Bases, piece: int) -> None:
    _restarted(faulty, times=25)
    figure(f"faults.made.database-restarted-50.{piece}", 25, "faults")
    figure(f"faults.lost.database-restarted-50.{piece}", 0, "objects")


@pytest.mark.long
@pytest.mark.parametrize("piece", range(10))
def test_fifty_times_without_a_free_connection(faulty: Bases, piece: int) -> None:
    _without_connections(faulty, times=5)
    figure(f"faults.made.connections-used-up-50.{piece}", 5, "faults")
    figure(f"faults.lost.connections-used-up-50.{piece}", 0, "objects")
