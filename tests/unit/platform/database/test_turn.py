"""Do writers of one file take turns, and does nobody wait for a dead or a hung one?"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from safelight.platform.database.sqlite.base import DatabaseWrapper
from safelight.platform.database.sqlite.turn import Turn

_fork = multiprocessing.get_context("fork")
_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
}


def connected(place: Path) -> BaseDatabaseWrapper:
    settings = connections["default"].settings_dict | {"NAME": place, "OPTIONS": _OPTIONS}
    return DatabaseWrapper(settings, "apart")


@contextmanager
def in_another_process(act: Callable[[], None]) -> Iterator[int]:
    other = _fork.Process(target=act)
    other.start()
    assert other.pid is not None
    try:
        yield other.pid
    finally:
        other.kill()
        other.join()


def holding(place: Path, mark: Path) -> Callable[[], None]:
    def hold() -> None:
        assert Turn(str(place)).take(seconds=5)
        mark.touch()
        time.sleep(60)

    return hold


def wait_for(mark: Path) -> None:
    deadline = time.monotonic() + 20
    while not mark.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_two_processes_never_have_the_turn_together(tmp_path: Path) -> None:
    place, inside = tmp_path / "file", tmp_path / "inside"

    def come_and_go() -> None:
        turn = Turn(str(place))
        for _ in range(200):
            assert turn.take(seconds=20)
            os.close(os.open(inside, os.O_CREAT | os.O_EXCL))
            inside.unlink()
            turn.give()

    others = [_fork.Process(target=come_and_go) for _ in range(3)]
    for each in others:
        each.start()
    for each in others:
        each.join()
    assert [each.exitcode for each in others] == [0, 0, 0]


def test_a_process_with_many_writers_lets_another_come_between(tmp_path: Path) -> None:
    place, mark = tmp_path / "file", tmp_path / "mark"

    def write_much() -> None:
        turn = Turn(str(place))

        def go_on() -> None:
            while True:
                turn.take(seconds=20)
                mark.touch()
                time.sleep(0.002)
                turn.give()

        for _ in range(6):
            threading.Thread(target=go_on, daemon=True).start()
        time.sleep(60)

    with in_another_process(write_much):
        wait_for(mark)
        turn, waits = Turn(str(place)), []
        for _ in range(50):
            began = time.monotonic()
            assert turn.take(seconds=20)
            waits.append(time.monotonic() - began)
            turn.give()
    # Two turns of the other, not all that its threads could take.
    assert sorted(waits)[25] < 0.02


def test_the_turn_of_a_process_that_was_killed_is_free(tmp_path: Path) -> None:
    place, mark = tmp_path / "file", tmp_path / "mark"
    turn = Turn(str(place))
    with in_another_process(holding(place, mark)) as pid:
        wait_for(mark)
        assert not turn.take(seconds=0.05)
        os.kill(pid, signal.SIGKILL)
        fresh = Turn(str(place))
        assert fresh.take(seconds=10)
        fresh.give()


def test_whoever_hangs_with_the_turn_is_waited_for_once(tmp_path: Path) -> None:
    place, mark = tmp_path / "file", tmp_path / "mark"
    turn = Turn(str(place))
    with in_another_process(holding(place, mark)):
        wait_for(mark)
        assert not turn.take(seconds=0.2)
        began = time.monotonic()
        assert not turn.take(seconds=20)
        assert time.monotonic() - began < 1


@pytest.mark.django_db(databases=["default"])
def test_a_transaction_has_the_turn_until_it_ends_however_it_ends(tmp_path: Path) -> None:
    place = tmp_path / "base"
    connection = connected(place)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (number INTEGER UNIQUE)")
    connection.set_autocommit(autocommit=False, force_begin_transaction_with_broken_autocommit=True)
    assert not is_free(place)
    connection.commit()
    connection.set_autocommit(autocommit=True)
    assert is_free(place)
    connection.set_autocommit(autocommit=False, force_begin_transaction_with_broken_autocommit=True)
    connection.rollback()
    connection.set_autocommit(autocommit=True)
    assert is_free(place)
    connection.set_autocommit(autocommit=False, force_begin_transaction_with_broken_autocommit=True)
    connection.close()
    assert is_free(place)


def is_free(place: Path) -> bool:
    """Say whether another process would get the turn now."""
    answers = _fork.SimpleQueue()

    def ask() -> None:
        answers.put(Turn(str(place)).take(seconds=0.02))

    other = _fork.Process(target=ask)
    other.start()
    answer = bool(answers.get())
    other.join()
    return answer


@pytest.mark.django_db(databases=["default"])
def test_no_write_is_lost_between_processes_and_threads(tmp_path: Path) -> None:
    place = tmp_path / "base"
    with closing(sqlite3.connect(place)) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("CREATE TABLE counted (number INTEGER)")
        made.execute("INSERT INTO counted VALUES (0)")
        made.commit()

    def count_up() -> None:
        def turns() -> None:
            connection = connected(place)
            for _ in range(25):
                connection.set_autocommit(
                    autocommit=False, force_begin_transaction_with_broken_autocommit=True
                )
                with connection.cursor() as cursor:
                    cursor.execute("SELECT number FROM counted")
                    number = cursor.fetchone()[0]
                    cursor.execute("UPDATE counted SET number = %s", [number + 1])
                connection.commit()
                connection.set_autocommit(autocommit=True)
            connection.close()

        threads = [threading.Thread(target=turns) for _ in range(3)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

    others = [_fork.Process(target=count_up) for _ in range(3)]
    for each in others:
        each.start()
    for each in others:
        each.join()
    with closing(sqlite3.connect(place)) as made:
        assert made.execute("SELECT number FROM counted").fetchone() == (3 * 3 * 25,)
