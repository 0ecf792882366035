"""Which level of a search answers which of its keys, and which keys can be answered at all?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from safelight.dicom.json.summary import INSTANCE_ANSWERED, SERIES_ANSWERED, STUDY_ANSWERED
from safelight.dicom.search.levels import Level, level_of
from safelight.dicom.search.matching import Key, listed

STUDY_UID: Final = "0020000D"
SERIES_UID: Final = "0020000E"
INSTANCE_UID: Final = "00080018"
_COUNTED_OF_STUDIES: Final = frozenset({"00080061", "00201206", "00201208"})
_COUNTED_OF_SERIES: Final = frozenset({"00201209"})

STUDY_MATCHED: Final = STUDY_ANSWERED | _COUNTED_OF_STUDIES
"""What studies can be matched by, at every level of search."""

SERIES_MATCHED: Final = SERIES_ANSWERED | _COUNTED_OF_SERIES
"""What series can be matched by besides."""

INSTANCE_ANSWERED_QUICKLY: Final = INSTANCE_ANSWERED
"""What instances are matched by without opening their metadata; with it, by anything."""


class ByLevel(NamedTuple):
    """The keys of a search, each with the level whose answers are matched by it."""

    study: tuple[Key, ...]
    series: tuple[Key, ...]
    instance: tuple[Key, ...]


def by_level(keys: Iterable[Key]) -> ByLevel:
    """Sort keys by the level whose answers hold what they ask about."""
    study, series, instance = [], [], []
    for key in keys:
        if key.path[0] in STUDY_MATCHED:
            study.append(key)
        elif key.path[0] in SERIES_MATCHED:
            series.append(key)
        else:
            instance.append(key)
    return ByLevel(tuple(study), tuple(series), tuple(instance))


def is_matched(key: Key, level: Level) -> bool:
    """Say whether a search of this level can be narrowed by a key.

    An instance is matched by whatever its metadata hold; studies and series by what
    their answers hold.
    """
    tag = key.path[0]
    if tag in STUDY_MATCHED:
        return True
    if level is Level.STUDY:
        return False
    return tag in SERIES_MATCHED or (level is Level.INSTANCE and tag not in _NEVER)


def named_uids(keys: Sequence[Key]) -> dict[str, list[str]] | None:
    """Return which series or instances the keys name by UID, None if they name none."""
    named = {
        key.path[0]: listed(key.wanted)
        for key in keys
        if key.path in {(SERIES_UID,), (INSTANCE_UID,)} and key.wanted and "*" not in key.wanted
    }
    return named or None


_NEVER: Final = frozenset(
    tag for tag in ("00201200", "00201202", "00201204") if level_of(tag) is Level.STUDY
)
"""Counts over a whole patient, which nobody may have who sees a part."""
