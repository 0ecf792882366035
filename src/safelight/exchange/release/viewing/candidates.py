"""Which studies of one's own vault can answer a query, as far as the index tells?

What the index cannot tell is matched on the answers afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from safelight.dicom.matching import Key, date_range, has_wildcard, listed
from safelight.dicom.people import fold
from safelight.exchange.release.viewing.answers import MODALITIES
from safelight.records.imaging.models import SearchToken, Study, StudyState
from safelight.records.imaging.tokens import LONGEST_NAME_PREFIX, uid_token, word_token

_STUDY_UID: Final = "0020000D"
_STUDY_DATE: Final = "00080020"
_PATIENT_NAME: Final = "00100010"
_EXACT: Final = {
    "00100020": "patient-id",
    "00080050": "accession",
    "00200010": "study-id",
    MODALITIES: "modality",
}
_BATCH: Final = 200


def candidates(vault_id: UUID, keys: Sequence[Key], *, fuzzy: bool) -> Iterator[Study]:
    """Yield candidates of one's own vault by index, in batches, the newest first."""
    rows = Study.objects.filter(vault_id=vault_id, state=StudyState.FILED)
    for key in keys:
        rows = _narrowed(rows, vault_id, key, fuzzy=fuzzy)
    ordered = rows.order_by("-study_on", "id")
    start = 0
    while batch := list(ordered[start : start + _BATCH]):
        yield from sorted(batch, key=newest_first)
        if len(batch) < _BATCH:
            return
        start += _BATCH


def newest_first(study: Study) -> tuple[int, UUID]:
    """Return by what studies are put in order; those without a date come last."""
    return (-(study.study_on or date.min).toordinal(), study.id)


def _narrowed(rows: QuerySet[Study], vault_id: UUID, key: Key, *, fuzzy: bool) -> QuerySet[Study]:
    """Use the index for a key where there is one; the rest is matched on the answers."""
    tag, wanted = key.path[0], key.wanted
    if len(key.path) > 1 or not wanted:
        return rows
    if tag == _STUDY_UID:
        uids = listed(wanted)
        if "*" in uids:
            return rows
        return rows.filter(uid_token__in=[uid_token(vault_id, uid) for uid in uids])
    if tag == _STUDY_DATE:
        return _by_date(rows, wanted)
    tokens = [] if fuzzy and tag == _PATIENT_NAME else _tokens_of(vault_id, tag, wanted)
    if not tokens:
        return rows
    return rows.filter(
        pk__in=SearchToken.objects.filter(vault_id=vault_id, token__in=tokens).values("study_id")
    )


def _tokens_of(vault_id: UUID, tag: str, wanted: str) -> list[bytes]:
    """Return the tokens of which a study must have one; none where the index cannot tell."""
    if tag in _EXACT and not has_wildcard(wanted):
        words = listed(wanted) if tag == MODALITIES else [wanted]
        return [word_token(vault_id, _EXACT[tag], word) for word in words]
    if tag != _PATIENT_NAME:
        return []
    folded = fold(wanted)
    beginning = re.split("[*?=]", folded, maxsplit=1)[0][:LONGEST_NAME_PREFIX]
    return [word_token(vault_id, "name-prefix", beginning)] if beginning else []


def _by_date(rows: QuerySet[Study], wanted: str) -> QuerySet[Study]:
    span = date_range(wanted)
    if span is None:
        return rows
    first, last = span
    condition = Q(study_on__isnull=False)
    if first is not None:
        condition &= Q(study_on__gte=first)
    if last is not None:
        condition &= Q(study_on__lte=last)
    return rows.filter(condition)
