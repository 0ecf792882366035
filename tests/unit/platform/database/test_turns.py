"""Do transactions that run side by side keep out of one another's way?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from safelight.exchange.receive.together import commit
from safelight.platform.database.turns import is_collision, take_turn

from django.db import OperationalError, connections, transaction  # isort: skip

pytestmark = [
    pytest.mark.postgres_server,
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
]


def test_a_turn_is_one_transactions_until_its_end() -> None:
    taken, order = Event(), []

    def first() -> None:
        with transaction.atomic():
            take_turn("vault/1")
            taken.set()
            order.append("first has it")
            assert not late.wait(0.3)
            order.append("first ends")
        connections.close_all()

    def second() -> None:
        taken.wait()
        with transaction.atomic():
            take_turn("vault/2")  # another name is another turn
            order.append("second has another")
            take_turn("vault/1")
            late.set()
            order.append("second has it")
        connections.close_all()

    late = Event()
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(first), pool.submit(second)]:
            done.result()
    assert order[-2:] == ["first ends", "second has it"]
    assert sorted(order[:2]) == ["first has it", "second has another"]


def test_who_loses_a_crossing_of_two_turns_is_committed_all_the_same() -> None:
    both = Barrier(2)
    attempts: list[int] = []

    def work() -> str:
        attempts.append(1)
        take_turn("a")
        if len(attempts) == 1:
            both.wait()
        take_turn("b")
        return "done"

    def crossing() -> bool:
        """Say whether it was this one that the database gave up."""
        try:
            with transaction.atomic():
                take_turn("b")
                both.wait()
                take_turn("a")
        except OperationalError as error:
            return is_collision(error)
        else:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(crossing)
        assert commit(work) == "done"
        assert other.result() == (len(attempts) == 1)
