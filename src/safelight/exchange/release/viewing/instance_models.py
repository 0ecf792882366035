"""Which instances of a study answer keys that only their whole metadata can answer?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice
from typing import Final

import orjson

from safelight.dicom.json.summary import instance_answer
from safelight.dicom.search.matching import Key, matches
from safelight.exchange.release.viewing.answers import Answer
from safelight.exchange.release.viewing.find import Found, instances_of, series_of
from safelight.exchange.release.viewing.search_keys import SERIES_UID
from safelight.records.imaging.renditions import metadata_of
from safelight.records.imaging.tokens import uid_token

_BATCH: Final = 128


def _free(*, instances: int) -> None:
    """Count nothing."""


def instances_matching(
    found: Found,
    keys: Sequence[Key],
    series_uids: Collection[str],
    *,
    fuzzy: bool = False,
    opening: Callable[..., None] = _free,
) -> Iterator[Answer]:
    """Yield the answers of visible instances of some series that match, in order of arrival.

    `opening` is told of every batch before it is opened, and may raise.
    """
    wanted = {uid_token(found.study.vault_id, uid) for uid in series_uids}
    for series in series_of(found):
        if bytes(series.uid_token) not in wanted:
            continue
        rows = iter(instances_of(found, series))
        while batch := list(islice(rows, _BATCH)):
            opening(instances=len(batch))
            for packed in metadata_of(batch, level="instance"):
                model = orjson.loads(packed)
                if matches(model, keys, fuzzy=fuzzy):
                    # An instance is addressed through its series, so it names that too.
                    yield instance_answer(model) | {SERIES_UID: model[SERIES_UID]}
