"""Since when has nobody's access been cut, and to which exam?

The number is read on every request, with one indexed lookup; a change is made
in the transaction that withdraws something, so it becomes visible exactly when
the withdrawal does. Beside it stands which exams the change is about: a yes about
another exam stays good. The row of the number is held until the commit, so
numbers appear in the order of commits.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import F

from safelight.exchange.access.models import Change, Epoch, Mode
from safelight.platform.database.asking import as_id, ask, ask_one

_NUMBER: Final = "SELECT number, mode FROM access_epoch WHERE id = 1"
_CHANGES: Final = """
    SELECT number, study_id FROM access_change WHERE number > %s AND number <= %s
"""
_NO_STUDY: Final = UUID(int=0)
_MOST_STUDIES: Final = 500
_KEPT_CHANGES: Final = 4096
_TIDY_EVERY: Final = 256


def current_epoch() -> int:
    """Return the committed epoch; 0 before the first change."""
    return epoch_and_mode()[0]


def epoch_and_mode() -> tuple[int, Mode]:
    """Return the committed epoch and the instance's mode, read at once."""
    found = ask_one(_NUMBER)
    return (int(found[0]), Mode(found[1])) if found is not None else (0, Mode.NORMAL)


def turn_epoch(study_ids: Iterable[UUID] | None = None) -> None:
    """Make remembered answers void, from the caller's commit on: about these exams, or about all.

    Call inside the transaction of the change.
    """
    if not Epoch.objects.filter(pk=1).update(number=F("number") + 1):
        # Two may come first at once: then one makes the row and both turn it. It begins
        # anywhere, so that a process never takes a new database's numbers for an old one's.
        Epoch.objects.get_or_create(pk=1, defaults={"number": secrets.randbits(49) << 13})
        Epoch.objects.filter(pk=1).update(number=F("number") + 1)
    number = current_epoch()
    about: list[UUID | None] = list(set(study_ids)) if study_ids is not None else [None]
    if len(about) > _MOST_STUDIES:
        about = [None]
    Change.objects.bulk_create(Change(number=number, study_id=study_id) for study_id in about)
    if number % _TIDY_EVERY == 0:
        Change.objects.filter(number__lte=number - _KEPT_CHANGES).delete()


class _Changes:
    """What this process knows of the changes: since when each exam's answers are good."""

    def __init__(self) -> None:
        self._known = 0
        self._all_since = 0
        self._study_since: dict[UUID, int] = {}
        self._lock = threading.Lock()

    @property
    def is_ignorant(self) -> bool:
        """Whether no number was ever seen."""
        return self._known == 0

    def good_since(self, epoch: int, study_id: UUID) -> int:
        """Return the number since which answers about an exam are good, as of `epoch`."""
        with self._lock:
            too_far = abs(epoch - self._known) > _KEPT_CHANGES - _TIDY_EVERY
            if too_far or len(self._study_since) > _KEPT_CHANGES:
                self._known, self._all_since, self._study_since = epoch, epoch, {}
            elif self._known < epoch:
                self._learn(epoch)
            return max(self._all_since, self._study_since.get(study_id, 0))

    def _learn(self, epoch: int) -> None:
        for number, study_id in ask(_CHANGES, self._known, epoch):
            if study_id is None:
                self._all_since = max(self._all_since, number)
            else:
                self._study_since[as_id(study_id)] = number
        self._known = epoch


_changes = _Changes()


def remembers_from(epoch: int) -> None:
    """Note the number under which something is remembered: later changes are learned from it on."""
    if _changes.is_ignorant:
        _changes.good_since(epoch, _NO_STUDY)


def is_still_good(then: int, now: int, study_id: UUID) -> bool:
    """Say whether what was decided about an exam under epoch `then` holds under `now`.

    Inside a transaction `now` may be a turn of its own that never commits: nothing is
    learned from it.
    """
    if then == now or connection.in_atomic_block:
        return then == now
    return _changes.good_since(now, study_id) <= then < now
