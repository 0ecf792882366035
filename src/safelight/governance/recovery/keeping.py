"""How long is a backup kept, and is the newest one still as it was made?

Of the data: all of the last seven days, then the last of each week for eight weeks and of
each month for a year. Of the key store: thirty days and no longer, because with a longer
life nothing that was erased would be erased for whoever has such a copy and the root key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from safelight.governance.recovery.errors import BackupBrokenError
from safelight.governance.recovery.events import RecoveryEvent
from safelight.governance.recovery.manifest import (
    Manifest,
    ids_in,
    known_signers,
    moment_of,
    place_of,
    read_manifest,
)
from safelight.governance.recovery.places import Place
from safelight.governance.recovery.setup import Setup
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import Outcome

KEYS_LIVE: Final = timedelta(days=30)
LATE_AFTER: Final = timedelta(hours=26)
_ALL_OF: Final = timedelta(days=7)
_WEEKLY: Final = timedelta(weeks=8)
_MONTHLY: Final = timedelta(days=366)
_PIECE: Final = 4 << 20
_FOLDERS: Final = ("packs", "uploads", "databases", "settings")
_KEY_FOLDERS: Final = ("keys", "openings")


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many backups were let go: of data and of key stores, and how many objects."""

    data: int
    keys: int
    objects: int


def prune(setup: Setup, *, at: datetime) -> Pruned:
    """Let go what is kept no longer; what a kept manifest names stays."""
    found = ids_in(setup.data, "data")
    stay = kept(found, at=at)
    keys = ids_in(setup.keys, "keys")
    # The newest stays in any case: where no backup is made any more, doctor says so.
    lapsed = [each for each in keys[:-1] if at - moment_of(each) >= KEYS_LIVE]
    objects = 0
    if len(stay) < len(found):
        named: set[str] = set()
        for each in stay:
            manifest = read_manifest(setup.data, "data", each, signer=known_signers())
            named.update(part.name for part in manifest.parts())
        for each in sorted(set(found) - stay):
            setup.data.remove(place_of("data", each))
        objects += _remove_others(setup.data, _FOLDERS, named)
    for each in lapsed:
        setup.keys.remove(place_of("keys", each))
        for folder in _KEY_FOLDERS:
            for name, _ in list(setup.keys.listed(f"{folder}/{each}")):
                setup.keys.remove(name)
                objects += 1
    pruned = Pruned(len(found) - len(stay), len(lapsed), objects)
    if pruned.data or pruned.keys:
        with transaction.atomic():
            record(
                RecoveryEvent.BACKUP_PRUNED,
                actor="system",
                count=pruned.data + pruned.keys,
                at=at,
            )
    return pruned


def kept(identities: Iterable[str], *, at: datetime) -> set[str]:
    """Say which backups of data are kept at a moment; the newest always."""
    stay: dict[object, str] = {}
    for each in sorted(identities):
        made = moment_of(each)
        age = at - made
        if age < _ALL_OF:
            stay[each] = each
        elif age < _WEEKLY:
            stay["week", *made.isocalendar()[:2]] = each
        elif age < _MONTHLY:
            stay["month", made.year, made.month] = each
    newest = max(identities, default="")
    return set(stay.values()) | ({newest} if newest else set())


def verify_newest(setup: Setup, *, at: datetime) -> tuple[Manifest, int]:
    """Read every object of the newest backup again and compare its digest; say how many.

    Raises:
        BackupBrokenError: there is none, or an object is missing or other than it was.
    """
    found = ids_in(setup.data, "data")
    if not found:
        raise BackupBrokenError("there is no backup in this place")
    manifest = read_manifest(setup.data, "data", found[-1], signer=known_signers())
    keys = read_manifest(setup.keys, "keys", manifest.keys_id, signer=known_signers())
    broken = None
    objects = 0
    for place, each in ((setup.data, manifest), (setup.keys, keys)):
        for part in each.parts():
            objects += 1
            if not _is_as_made(place, part.name, part.size, part.sha256):
                broken = part.name
    with transaction.atomic():
        record(
            RecoveryEvent.BACKUP_VERIFIED,
            actor="operator",
            subject=f"backup/{manifest.id}",
            outcome=Outcome.FAILED if broken else Outcome.OK,
            count=objects,
            at=at,
        )
    if broken:
        raise BackupBrokenError(f"{broken} is not as it was made; make a new backup elsewhere")
    return manifest, objects


def _is_as_made(place: Place, name: str, size: int, sha256: str) -> bool:
    digest = hashlib.sha256()
    try:
        for start in range(0, size, _PIECE):
            digest.update(place.read(name, start, min(_PIECE, size - start)))
    except BackupBrokenError:
        return False
    return place.size_of(name) == size and digest.hexdigest() == sha256


def _remove_others(place: Place, folders: Iterable[str], named: set[str]) -> int:
    removed = 0
    for folder in folders:
        for name, _ in list(place.listed(folder)):
            if name not in named:
                place.remove(name)
                removed += 1
    return removed
