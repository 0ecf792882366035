"""How do deliveries that end at the same moment share one transaction?

A commit waits for the disk, so whoever comes while another commits could only wait. It
leaves its work instead: the next in turn does the work of all who wait, in one
transaction. A lone delivery waits for nobody, and no clock decides when a group closes.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from django.db import transaction

from safelight.platform.database.turns import is_collision

_MOST_TOGETHER: Final = 16
_T = TypeVar("_T")


@dataclass(slots=True)
class _Ticket(Generic[_T]):
    """One piece of work and, once it is committed or has failed, what came of it."""

    work: Callable[[], _T]
    results: list[_T]
    error: Exception | None = None

    @property
    def is_done(self) -> bool:
        return bool(self.results) or self.error is not None


_waiting: deque[_Ticket[Any]] = deque()
_turn = threading.Lock()


def commit(work: Callable[[], _T]) -> _T:
    """Do database work in a transaction, perhaps another thread's, and return its result.

    The transaction is durable on return. `work` may be done twice, the second time alone,
    when something fails; so it changes nothing but the database.

    Raises:
        Exception: whatever `work`, done alone, or its commit raised; nothing of it is kept.
    """
    ticket = _Ticket(work, [])
    _waiting.append(ticket)
    while not ticket.is_done:
        with _turn:
            if not ticket.is_done:
                _commit_next()
    if ticket.error is not None:
        raise ticket.error
    return ticket.results[0]


def _commit_next() -> None:
    tickets = [_waiting.popleft() for _ in range(min(len(_waiting), _MOST_TOGETHER))]
    try:
        _commit(tickets)
    except BaseException:
        # This thread is being ended: the others' work is left to the others.
        _waiting.extendleft(each for each in reversed(tickets) if not each.is_done)
        raise


def _commit(tickets: Sequence[_Ticket[Any]], *, tries: int = 3) -> None:
    try:
        with transaction.atomic():
            results = [ticket.work() for ticket in tickets]
    except Exception as error:  # noqa: BLE001 (it is raised again, in the thread it belongs to)
        if len(tickets) == 1 and tries > 1 and is_collision(error):
            _commit(tickets, tries=tries - 1)
            return
        if len(tickets) == 1:
            tickets[0].error = error
            return
        for ticket in tickets:
            _commit([ticket])
    else:
        for ticket, result in zip(tickets, results, strict=True):
            ticket.results.append(result)
