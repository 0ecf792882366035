"""Is this still what the caller has? (RFC 9110 8.8)

A validator is a keyed digest of what would be sent and in which form, so that
nobody can learn from it whether two people have the same picture.
"""

from __future__ import annotations

from collections.abc import Sequence

from safelight.exchange.access.decision import Part
from safelight.exchange.release.viewing.find import Found
from safelight.platform.database.asking import ask, marks
from safelight.platform.keys.cipher import token
from safelight.platform.keys.ring import ring
from safelight.records.imaging.models import Series

_KEY = "validator"
_HELD = """
    SELECT COUNT(arrival), MAX(arrival), SUM(arrival) FROM imaging_instance
    WHERE series_id = %s AND (arrival <= %s {or_only})
"""
_ALL = Part((1 << 63) - 1)


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
        part = _ALL if scope.whole else scope.part_of(each.id)
        only = f"OR arrival IN ({marks(part.only)})" if part.only else ""
        told += [each.id, *ask(_HELD.format(or_only=only), each.id, part.up_to, *part.only)[0]]
    return told
