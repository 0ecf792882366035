"""Which keys are there, how old are they, and does each of them open?"""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Count, Max, Min

from safelight.platform.keys import store
from safelight.platform.keys.errors import (
    KeyDestroyedError,
    KeyUnknownError,
    SealBrokenError,
    WrongRootKeyError,
)
from safelight.platform.keys.models import Destruction, Instance, Kind, Standing, WrappedKey

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from safelight.platform.keys.ring import KeyRing

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """All keys of one kind and standing. `wrapped_by` are the ids of root keys, or none."""

    kind: str
    standing: str
    count: int
    oldest: datetime
    newest: datetime
    highest_version: int
    wrapped_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A key that does not open, and why in a word."""

    kind: str
    subject_id: UUID
    version: int
    why: str


def sorts() -> list[Sort]:
    """Return what the key store holds, by kind and standing."""
    rows = WrappedKey.objects.using(store.ALIAS)
    found = (
        rows.order_by("kind", "standing")
        .values("kind", "standing")
        .annotate(
            count=Count("pk"),
            oldest=Min("created_at"),
            newest=Max("created_at"),
            highest_version=Max("version"),
        )
    )
    return [Sort(**each, wrapped_by=_roots(each["kind"], each["standing"])) for each in found]


def _roots(kind: str, standing: str) -> tuple[str, ...]:
    rows = WrappedKey.objects.using(store.ALIAS).filter(kind=kind, standing=standing)
    ids = rows.exclude(root_id="").values_list("root_id", flat=True).distinct().order_by("root_id")
    return tuple(ids)


def root_in_use() -> tuple[str, datetime] | None:
    """Return the id of the root key that new keys are wrapped by, and since when there are any."""
    row = Instance.objects.using(store.ALIAS).first()
    return (row.root_id, row.root_since or row.created_at) if row else None


def destroyed() -> int:
    """Return how many keys the journal says were destroyed."""
    return Destruction.objects.using(store.ALIAS).count()


def destroyed_at(kind: Kind, subject_id: UUID) -> datetime | None:
    """Return when a key was destroyed, or None."""
    row = Destruction.objects.using(store.ALIAS).filter(kind=kind, subject_id=subject_id).first()
    return row.at if row else None


def made_or_replaced_before(kind: Kind, at: datetime) -> list[UUID]:
    """Return whose sealing key is older than a moment."""
    rows = WrappedKey.objects.using(store.ALIAS).filter(
        kind=kind, standing=Standing.CURRENT, created_at__lt=at
    )
    return list(rows.order_by("created_at", "pk").values_list("subject_id", flat=True))


def subjects(kind: Kind, *, sample: int | None = None) -> list[UUID]:
    """Return whose keys of a kind there are; at random so many of them where asked."""
    rows = WrappedKey.objects.using(store.ALIAS).filter(kind=kind)
    if sample is None or sample >= rows.count():
        return list(rows.values_list("subject_id", flat=True).distinct().order_by("subject_id"))
    numbers = list(rows.values_list("number", flat=True))
    chosen = random.SystemRandom().sample(numbers, sample)
    return list(rows.filter(number__in=chosen).values_list("subject_id", flat=True).distinct())


def failing(ring: KeyRing, kind: Kind, ids: list[UUID]) -> Iterator[Failing]:
    """Open every version of these keys from its row, and yield those that do not open."""
    for start in range(0, len(ids), _AT_ONCE):
        found = store.rows_of(kind, ids[start : start + _AT_ONCE])
        for subject_id, rows in found.items():
            for row in rows:
                why = _why_not(ring, kind, subject_id, row)
                if why:
                    yield Failing(
                        kind=kind.value, subject_id=subject_id, version=row.version, why=why
                    )


def _why_not(ring: KeyRing, kind: Kind, subject_id: UUID, row: store.Wrapped) -> str:
    try:
        ring.open_row(kind, subject_id, row)
    except SealBrokenError:
        with suppress(KeyDestroyedError, KeyUnknownError):
            if store.version_of(kind, subject_id, row.version).wrapped != row.wrapped:
                return ""  # replaced between two looks
        return "does not open: another key wrapped it, or it is not what was kept"
    except WrongRootKeyError:
        return f"needs the root key {row.root_id}, which is not here"
    except KeyUnknownError:
        return f"version {row.above} of its vault's key, which wraps it, is missing"
    except KeyDestroyedError:
        return ""  # its vault was destroyed: nothing is to open it
    return ""
