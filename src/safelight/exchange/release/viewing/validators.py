"""Is this still what the caller has? (RFC 9110 8.8)

A validator is a keyed digest of what would be sent and in which form, so that
nobody can learn from it whether two people have the same picture.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, Max, Sum

from safelight.exchange.release.viewing.find import Found
from safelight.platform.keys.cipher import token
from safelight.platform.keys.ring import ring
from safelight.records.imaging.models import Instance, Series

_KEY = "validator"


def validator(found: Found, parts: Sequence[object]) -> str:
    """Return an entity tag for what is described by `parts`, quoted as a header has it."""
    said = "\0".join(map(str, (found.study.id, *parts)))
    return f'"{token(ring().token_key(found.study.vault_id, _KEY), said.encode()).hex()}"'


def contents_of(found: Found, series: Sequence[Series]) -> list[object]:
    """Return what changes when a party sees more or less of some series than before.

    Instances come and go but do not change, so that their number, the last of them
    and the sum of their arrivals tell.
    """
    scope = found.decision.scope
    told: list[object] = []
    for each in series:
        rows = Instance.objects.filter(series_id=each.id)
        if not scope.whole:
            rows = rows.filter(arrival__lte=scope.series.get(each.id, -1))
        counted = rows.aggregate(count=Count("arrival"), last=Max("arrival"), sum=Sum("arrival"))
        told += [each.id, *counted.values()]
    return told
