"""Which studies of a vault does its index name, the newest first, without counting the others?

Each page is read where the last one ended, along an index: by the rarest word that is
asked for, or by date. So a page costs what is on it, however large the vault is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from safelight.platform.database.asking import Value, as_id, as_time, ask, marks
from safelight.records.imaging.models import Study, StudyState

_FIRST_PAGE: Final = 32
_LONGEST_PAGE: Final = 512
_ROWS_AT_ONCE: Final = 104
# In the order of the model, which is how Django takes them.
_COLUMNS: Final = (
    "id",
    "vault_id",
    "patient_id",
    "uid_token",
    "study_on",
    "state",
    "received_at",
    "sealed_answer",
)
_STUDY: Final = "SELECT " + ", ".join(f"study.{name}" for name in _COLUMNS)
# CROSS JOIN: SQLite then reads the words first, in their order.
_BY_WORD: Final = f"""{_STUDY}
    FROM imaging_searchtoken AS place CROSS JOIN imaging_study AS study
    WHERE place.vault_id = %s AND place.token = %s
    AND study.id = place.study_id AND study.state = %s"""
_BY_ID: Final = (
    f"{_STUDY} FROM imaging_study AS study WHERE study.id IN ({{marks}}) AND study.state = %s"
)
_VAULTS: Final = "SELECT DISTINCT study.vault_id FROM imaging_study AS study WHERE study.state = %s"
_BY_DATE: Final = f"""{_STUDY}
    FROM imaging_study AS study WHERE study.vault_id = %s AND study.state = %s"""
_HAS_WORD: Final = """ AND EXISTS (SELECT 1 FROM imaging_searchtoken AS word
    WHERE word.study_id = study.id AND word.token IN ({marks}))"""


@dataclass(frozen=True, slots=True)
class Condition:
    """A part of a WHERE clause about `study`, with its values in order."""

    sql: str = ""
    values: tuple[Value, ...] = ()

    def __add__(self, other: Condition) -> Condition:
        """Return both: the clauses stand one after the other."""
        return Condition(self.sql + other.sql, self.values + other.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the index can tell of a query.

    `words` are sets of tokens, of each of which a study must have one, the rarest set
    first; `uids` the tokens of the UIDs asked for; `days` the first and the last day.
    """

    words: tuple[tuple[bytes, ...], ...] = ()
    uids: tuple[bytes, ...] | None = None
    days: tuple[date | None, date | None] | None = None


def studies_of(
    vault_id: UUID, wanted: Wanted, *, within: Condition | None = None
) -> Iterator[Study]:
    """Yield the filed studies of a vault that fit, the newest first, undated ones last.

    `within` narrows them further, and must begin with AND.
    """
    within = within or Condition()
    if wanted.uids is not None:
        yield from _by_uid(vault_id, wanted, within)
        return
    lead, others = (wanted.words[0], wanted.words[1:]) if wanted.words else ((), ())
    if len(lead) == 1:
        start, where = Condition(_BY_WORD, (vault_id, lead[0], StudyState.FILED.value)), "place"
    else:
        start, where = Condition(_BY_DATE, (vault_id, StudyState.FILED.value)), "study"
        others = wanted.words
    for words in others:
        start += Condition(_HAS_WORD.format(marks=marks(words)), words)
    yield from _pages(start + within, where, wanted.days)


def studies_in(study_ids: Sequence[UUID], *, but_of: Collection[UUID]) -> Iterator[Study]:
    """Yield those of some studies that are filed, in their order, but not those of vaults.

    They come the newest first, and are read as they are wanted.
    """
    for at in range(0, len(study_ids), _ROWS_AT_ONCE):
        ids = study_ids[at : at + _ROWS_AT_ONCE]
        page = _page(Condition(_BY_ID.format(marks=marks(ids)), (*ids, StudyState.FILED.value)))
        yield from sorted((each for each in page if each.vault_id not in but_of), key=newest_first)


def vaults_where(condition: Condition) -> list[UUID]:
    """Return the vaults of the filed studies that a condition names."""
    query = Condition(_VAULTS, (StudyState.FILED.value,)) + condition
    return [as_id(vault) for (vault,) in ask(query.sql, *query.values)]


def filed_among(study_ids: Sequence[UUID], *, but_of: Collection[UUID]) -> list[Study]:
    """Return those of some studies that are filed, the newest first, but not those of vaults."""
    found = Study.objects.filter(pk__in=study_ids, state=StudyState.FILED)
    return sorted((each for each in found if each.vault_id not in but_of), key=newest_first)


def newest_first(study: Study) -> tuple[int, UUID]:
    """Return by what studies are put in order; those without a date come last."""
    return (-(study.study_on or date.min).toordinal(), study.id)


def _by_uid(vault_id: UUID, wanted: Wanted, within: Condition) -> Iterator[Study]:
    uids = wanted.uids or ()
    if not uids:
        return
    query = Condition(_BY_DATE, (vault_id, StudyState.FILED.value))
    query += Condition(f" AND study.uid_token IN ({marks(uids)})", uids)
    for words in wanted.words:
        query += Condition(_HAS_WORD.format(marks=marks(words)), words)
    query += _between("study", wanted.days) + within
    yield from sorted((_study(row) for row in ask(query.sql, *query.values)), key=newest_first)


def _pages(
    query: Condition, where: str, days: tuple[date | None, date | None] | None
) -> Iterator[Study]:
    identity = "place.study_id" if where == "place" else "study.id"
    dated = query + _between(where, days or (None, None))
    order = f" ORDER BY {where}.study_on DESC, {identity} LIMIT %s"
    size, after = _FIRST_PAGE, Condition()
    while page := _page(dated + after + Condition(order, (size,))):
        yield from page
        if len(page) < size:
            break
        day = str(page[-1].study_on)
        after = Condition(
            f" AND {where}.study_on <= %s AND ({where}.study_on < %s OR {identity} > %s)",
            (day, day, page[-1].id),
        )
        size = min(2 * size, _LONGEST_PAGE)
    if days is not None:
        return
    undated = query + Condition(f" AND {where}.study_on IS NULL")
    after = Condition()
    while page := _page(undated + after + Condition(f" ORDER BY {identity} LIMIT %s", (size,))):
        yield from page
        if len(page) < size:
            return
        after = Condition(f" AND {identity} > %s", (page[-1].id,))


def _page(query: Condition) -> list[Study]:
    return [_study(row) for row in ask(query.sql, *query.values)]


def _between(where: str, days: tuple[date | None, date | None] | None) -> Condition:
    if days is None:
        return Condition()
    condition = Condition(f" AND {where}.study_on IS NOT NULL")
    for day, compared in zip(days, (">=", "<="), strict=True):
        if day is not None:
            condition += Condition(f" AND {where}.study_on {compared} %s", (day.isoformat(),))
    return condition


def _study(columns: tuple[Any, ...]) -> Study:
    identity, vault, patient, token, study_on, state, received_at, answer = columns
    values = (
        as_id(identity),
        as_id(vault),
        as_id(patient),
        token,
        study_on,
        state,
        as_time(received_at),
        answer,
    )
    study: Study = Study.from_db("default", _COLUMNS, values)
    return study
