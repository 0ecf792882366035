"""Those who commit at one moment share a transaction; a fault is its own work's alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from uuid import UUID

import pytest

from safelight.exchange.receive import together
from safelight.exchange.receive.together import commit
from safelight.kernel import clock
from safelight.kernel.ids import new_id
from safelight.records.imaging.models import Vault, VaultKind

from django.db import IntegrityError, connection, connections  # isort: skip

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
MANY = 12


def a_vault(account: UUID) -> Vault:
    return Vault(kind=VaultKind.PERSON, account_id=account, created_at=clock.now())


def after_one_that_holds(works: list[Callable[[], object]]) -> list[object]:
    """Commit all these works while another commit is under way; return results and errors."""
    begun, ended = Event(), Event()
    ready = Barrier(len(works) + 1)

    def hold() -> None:
        begun.set()
        ended.wait()

    def one(work: Callable[[], object]) -> object:
        try:
            ready.wait()
            return commit(work)
        except Exception as error:  # noqa: BLE001 (it is what the test looks at)
            return error
        finally:
            connections.close_all()

    def holder() -> None:
        commit(hold)
        connections.close_all()

    with ThreadPoolExecutor(len(works) + 1) as pool:
        first = pool.submit(holder)
        begun.wait()
        waiting = [pool.submit(one, work) for work in works]
        ready.wait()
        while len(together._waiting) < len(works):
            time.sleep(0.01)
        ended.set()
        first.result()
        return [each.result() for each in waiting]


def test_those_who_wait_share_one_transaction() -> None:
    marks: list[int] = []

    def work() -> int:
        marks.append(id(connection.connection))
        a_vault(new_id()).save()
        return Vault.objects.count()

    counts = after_one_that_holds([work] * MANY)
    assert Vault.objects.count() == MANY
    assert set(counts) == set(range(1, MANY + 1))
    assert len(set(marks)) == 1


def test_a_fault_costs_only_its_own_work() -> None:
    taken = new_id()
    a_vault(taken).save()

    def good() -> str:
        a_vault(new_id()).save()
        return "kept"

    def bad() -> str:
        a_vault(taken).save()
        return "kept"

    came = after_one_that_holds([good, bad, good, good])
    assert [each for each in came if each == "kept"] == ["kept"] * 3
    assert isinstance(came[1], IntegrityError)
    assert Vault.objects.count() == 4


def test_alone_it_is_a_plain_transaction() -> None:
    def half_done() -> None:
        a_vault(new_id()).save()
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        commit(half_done)
    assert not Vault.objects.exists()
    assert commit(lambda: connection.in_atomic_block)
