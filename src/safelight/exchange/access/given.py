"""Which exams do consents name for this party, in the order in which they are listed?

The lists of consents are remembered. A signed consent and its exams never change, a member
joins and leaves once, and the database refuses anything else; so as long as there are as many
of them, they are the same. Results that came after a consent are asked for each time.
Whether a consent still lets anything is for the rules, here as everywhere.
"""

from __future__ import annotations

import heapq
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.db import connection

from safelight.exchange.access.facts import Party
from safelight.exchange.access.naming import consents_counted_sql, consents_naming_sql
from safelight.platform.database.asking import Row, Value, as_id, ask, ask_one

_ITEMS: Final = """
    SELECT item.study_id, study.id, study.study_on FROM consent_consentitem AS item
    LEFT JOIN imaging_study AS study ON study.id = item.study_id
    WHERE item.consent_id IN ({naming})
"""
_STANDING: Final = "SELECT 1 FROM consent_consentstanding WHERE consent_id IN ({naming}) LIMIT 1"
LATER: Final = """
    SELECT later.id{more} FROM consent_consentstanding AS standing
    JOIN consent_consent AS agreed ON agreed.id = standing.consent_id
    JOIN imaging_study AS later ON later.patient_id = standing.patient_id
    WHERE standing.consent_id IN ({naming}) AND later.received_at > agreed.granted_at
    AND later.received_at <= standing.until
    AND NOT EXISTS (SELECT 1 FROM imaging_studycopy AS copy WHERE copy.study_id = later.id)
"""
"""The exams that came under a standing consent; `more` names further columns."""
_MOST_EXAMS: Final = 200_000
# What a list takes beside its exams, in exams: a guest's has one.
_EACH_LIST: Final = 8

# By what exams are put in order, and the exam.
_Place = tuple[int, UUID]
_Key = tuple[str, tuple[Value, ...]]


@dataclass(frozen=True, slots=True)
class _Named:
    """What the consents that name somebody say for good."""

    places: tuple[_Place, ...]
    is_whole: bool
    some_stand: bool

    @property
    def size(self) -> int:
        """How many exams it counts for where it is remembered."""
        return len(self.places) + _EACH_LIST


class _Memory:
    """What this process read last of each party's consents, and how many there were."""

    def __init__(self) -> None:
        self._read: OrderedDict[_Key, tuple[Row | None, _Named]] = OrderedDict()
        self._exams = 0
        self._lock = threading.Lock()

    def recall(self, key: _Key, counts: Row | None) -> _Named | None:
        with self._lock:
            counts_then, named = self._read.get(key, (None, None))
            if named is None or counts_then != counts:
                return None
            self._read.move_to_end(key)
            return named

    def keep(self, key: _Key, counts: Row | None, named: _Named) -> None:
        with self._lock:
            _, before = self._read.pop(key, (None, None))
            self._read[key] = (counts, named)
            self._exams += named.size - (before.size if before else 0)
            while self._exams > _MOST_EXAMS:
                _, (_, oldest) = self._read.popitem(last=False)
                self._exams -= oldest.size


_memory = _Memory()


def given_in_order(party: Party) -> list[UUID]:
    """Return the exams that consents, live or ended, name for a party: the newest first.

    Exams that are not filed are among them.
    """
    naming, values = consents_naming_sql(party)
    named = _named(party, naming, values)
    if not named.some_stand:
        return [study_id for _, study_id in named.places]
    later = ask(LATER.format(naming=naming, more=", later.study_on"), *values)
    merged = heapq.merge(named.places, _in_order((study, day) for study, day in later))
    return list(dict.fromkeys(study_id for _, study_id in merged))


def _named(party: Party, naming: str, values: Sequence[Value]) -> _Named:
    # What a transaction has changed itself may never come to be.
    if connection.in_atomic_block:
        return _read(naming, values)
    counted, of = consents_counted_sql(party)
    key, counts = (naming, tuple(values)), ask_one(counted, *of)
    named = _memory.recall(key, counts)
    if named is None:
        named = _read(naming, values)
        if named.is_whole:
            _memory.keep(key, counts, named)
    return named


def _read(naming: str, values: Sequence[Value]) -> _Named:
    items = ask(_ITEMS.format(naming=naming), *values)
    return _Named(
        places=tuple(_in_order({(study, day) for _, study, day in items if study is not None})),
        is_whole=all(study is not None for _, study, _ in items),
        some_stand=ask_one(_STANDING.format(naming=naming), *values) is not None,
    )


def _in_order(studies: Iterable[tuple[UUID | str, date | None]]) -> list[_Place]:
    return sorted((-(day or date.min).toordinal(), as_id(study)) for study, day in studies)
