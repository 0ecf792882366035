"""What else is told of a study, a series or an instance, because a search asked for it?

`includefield` (PS3.18 8.3.4.3). What the kept answers hold not is read from the
metadata of one visible instance of each; nothing of a level below the one that
is searched is told, and nothing of what the party may not see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from safelight.dicom.search.levels import Level, level_of
from safelight.exchange.release.viewing.answers import COMPUTED, Answer, visible
from safelight.exchange.release.viewing.find import Found
from safelight.records.imaging.models import Instance, Series
from safelight.records.imaging.renditions import models_of
from safelight.records.imaging.tokens import uid_token

_SERIES_UID: Final = "0020000E"
_INSTANCE_UID: Final = "00080018"
_GROUP: Final = 4


@dataclass(frozen=True, slots=True)
class Included:
    """Which attributes a search wants besides the usual ones: all, or these (eight hex digits)."""

    everything: bool = False
    keys: frozenset[str] = frozenset()

    def asks_beyond(self, answer: Answer, level: Level) -> bool:
        """Say whether something is asked for that an answer of this level does not hold."""
        if self.everything:
            return True
        return any(key not in answer and level_of(key) <= level for key in self.keys)

    def add_to(self, answer: Answer, model: dict[str, Any], level: Level) -> None:
        """Add to an answer what is asked for and the model of an instance of it knows."""
        for key, element in model.items():
            if key in answer or key in COMPUTED or not self._wants(key, element, level):
                continue
            answer[key] = element

    def _wants(self, key: str, element: dict[str, Any], level: Level) -> bool:
        told_at = level_of(key)
        if "BulkDataURI" in element:
            return False  # its address would be that of the metadata
        if self.everything:
            return told_at == level  # each level is told once
        wanted = key in self.keys or any(_creates(key, other) for other in self.keys)
        return wanted and told_at <= level


NOTHING_MORE: Final = Included()


def include_in_studies(
    found: Sequence[Found], answers: Sequence[Answer], included: Included
) -> None:
    """Add what is asked for of studies to their answers."""
    asked = [
        (each, answer)
        for each, answer in zip(found, answers, strict=True)
        if included.asks_beyond(answer, Level.STUDY)
    ]
    if not asked:
        return
    studies = [each for each, _ in asked]
    arrivals = [first for _, first in visible(studies).values()]
    rows = Instance.objects.filter(arrival__in=arrivals).order_by("-arrival")
    first = {row.study_id: row for row in rows}
    _add({each.study.id: answer for each, answer in asked}, first, included, Level.STUDY)


def include_in_series(found: Found, answers: Sequence[Answer], included: Included) -> None:
    """Add what is asked for of a study's series to their answers."""
    asked = _by_uid(found, answers, _SERIES_UID, included, Level.SERIES)
    if not asked:
        return
    rows = Series.objects.filter(study_id=found.study.id, uid_token__in=list(asked))
    by_id = {row.id: asked[bytes(row.uid_token)] for row in rows}
    arrivals = [first for series_id, (_, first) in visible([found]).items() if series_id in by_id]
    first = {row.series_id: row for row in Instance.objects.filter(arrival__in=arrivals)}
    _add(by_id, first, included, Level.SERIES)


def include_in_instances(found: Found, answers: Sequence[Answer], included: Included) -> None:
    """Add what is asked for of a study's instances to their answers."""
    asked = _by_uid(found, answers, _INSTANCE_UID, included, Level.INSTANCE)
    rows = Instance.objects.filter(vault_id=found.study.vault_id, uid_token__in=list(asked))
    by_id = {row.id: row for row in rows if row.study_id == found.study.id and found.covers(row)}
    told = {each: asked[bytes(row.uid_token)] for each, row in by_id.items()}
    _add(told, by_id, included, Level.INSTANCE)


def _by_uid(
    found: Found, answers: Sequence[Answer], tag: str, included: Included, level: Level
) -> dict[bytes, Answer]:
    return {
        uid_token(found.study.vault_id, answer[tag]["Value"][0]): answer
        for answer in answers
        if included.asks_beyond(answer, level)
    }


def _add(
    answers: dict[UUID, Answer], rows: dict[UUID, Instance], included: Included, level: Level
) -> None:
    """Add to each answer what the model of the row under the same id knows."""
    wanted = {rows[each].id: each for each in answers if each in rows}
    models = models_of([rows[each] for each in wanted.values()], level="instance")
    for instance_id, packed in models.items():
        included.add_to(answers[wanted[instance_id]], orjson.loads(packed), level)


def _creates(key: str, other: str) -> bool:
    """Say whether one private element names the creator of the other (PS3.5 7.8.1)."""
    same_group = key[:_GROUP] == other[:_GROUP] and int(key[_GROUP - 1], 16) % 2 == 1
    return same_group and key[_GROUP:] == f"00{other[_GROUP : _GROUP + 2]}"
