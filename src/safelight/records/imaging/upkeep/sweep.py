"""What was left behind that no row needs, and what do rows need that is not there?

A crash between sync and commit leaves packs and study keys that nothing names:
after an hour they go. The reverse, a row whose pack is missing or too short, is
never put right in silence: it is an alarm.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.platform.audit.actions import record
from safelight.platform.audit.events import Outcome
from safelight.platform.keys import store as key_store
from safelight.platform.keys.models import Kind
from safelight.platform.keys.ring import ring
from safelight.platform.storage.errors import PackMissingError
from safelight.platform.storage.sweep import IDLE_FOR
from safelight.records.imaging.events import ImagingEvent
from safelight.records.imaging.models import Study
from safelight.records.imaging.store import store
from safelight.records.imaging.upkeep.shelved import Needed, names, needed

_LEFT_ALONE: Final = timedelta(hours=1)
MOST_KEYS: Final = 100


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep found. `missing` are packs that rows name and that are not there, or torn.

    `held_keys` are more that nothing names than one may destroy: all that was found stayed.
    """

    packs: int
    size: int
    keys: int
    missing: tuple[str, ...]
    held_keys: int = 0


def sweep(*, at: datetime, idle_for: float = IDLE_FOR, most_keys: int = MOST_KEYS) -> Swept:
    """Remove what nothing names any more, and name what is missing.

    A crash leaves a key or two. More than `most_keys` that no row names say rather that the
    rows are gone: then nothing is destroyed, on record, until two people agree to that number.
    """
    kept = store()
    # First the packs, then the rows: what a row names after an hour, it named before.
    left = dict(kept.idle(idle_for=idle_for))
    wanted = needed()
    unnamed = _unnamed_keys(at)
    held = len(unnamed) if len(unnamed) > most_keys else 0
    packs = size = keys = 0
    for pack in () if held else left.keys() - wanted.keys():
        with contextlib.suppress(PackMissingError):
            size += kept.remove(pack)
            packs += 1
            kept.reader().forget(pack)
    for study_id in () if held else unnamed:
        ring().destroy_study_key(study_id, at=at)
        keys += 1
    missing = tuple(pack for pack, what in sorted(wanted.items()) if _is_missing(pack, what))
    with transaction.atomic():
        for pack in missing:
            record(
                ImagingEvent.PACK_MISSING,
                actor="system",
                subject=pack_subject(pack),
                outcome=Outcome.FAILED,
                at=at,
            )
        record(
            ImagingEvent.SWEPT,
            actor="system",
            outcome=Outcome.FAILED if missing or held else Outcome.OK,
            reason="too-many-keys" if held else "",
            count=packs + keys,
            size=size,
            at=at,
        )
    return Swept(packs, size, keys, missing, held)


def pack_subject(pack: str) -> str:
    """Return what stands for a pack in the record."""
    return "pack/" + pack.rpartition("/")[2].removesuffix(".pack")


def _unnamed_keys(at: datetime) -> list[UUID]:
    """Return the studies that have a key, made an hour ago or earlier, and no row."""
    unnamed: list[UUID] = []
    for study_ids in key_store.made_before(Kind.STUDY, at - _LEFT_ALONE):
        filed = set(Study.objects.filter(pk__in=study_ids).values_list("pk", flat=True))
        unnamed += [study_id for study_id in study_ids if study_id not in filed]
    return unnamed


def _is_missing(pack: str, what: Needed) -> bool:
    size = store().size_of(pack)
    # Rows may have been erased, or moved to another pack, since they were read.
    return (size is None or size < what.end) and names(pack)
