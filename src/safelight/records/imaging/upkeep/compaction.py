"""How do the bytes of erased exams and refused objects come back?

Packs of which too little is needed are copied, study by study and record by record
as they are sealed, into a fresh pack. Each copy is read whole before a row points to
it; the old packs stay for an hour, for whoever has just found a place in them, and
then a sweep removes them. Cut off at any moment, every row points to a whole record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from safelight.kernel import clock
from safelight.platform.audit.actions import record
from safelight.platform.keys.errors import KeyDestroyedError, KeyUnknownError, SealBrokenError
from safelight.platform.storage.errors import PackMissingError, RecordBrokenError
from safelight.platform.storage.packs import ROLL_AT, Place
from safelight.platform.storage.sweep import IDLE_FOR
from safelight.records.imaging.events import ImagingEvent
from safelight.records.imaging.store import store
from safelight.records.imaging.upkeep.checking import Stored, open_stored, place_of
from safelight.records.imaging.upkeep.shelved import Needed, lying_in, needed

_DEAD: Final = 0.25  # a pack of which so much is not needed is worth the work
_SMALL: Final = ROLL_AT // 16  # small packs are put together, many to one
_ROWS: Final = 500  # rows that one transaction moves: others wait to write meanwhile
_PIECE: Final = 1 << 20

Moves = list[tuple[Stored, Place]]


@dataclass(frozen=True, slots=True)
class Compacted:
    """What was done with one group of packs: `freed` bytes come back with a later sweep."""

    packs: int
    moved: int
    freed: int


def compact(*, idle_for: float = IDLE_FOR) -> Iterator[Compacted]:
    """Regroup what is worth it, one fresh pack after another, and say so of each."""
    sizes = dict(store().idle(idle_for=idle_for))
    for group in _groups(sizes, needed()):
        yield _regroup(group, sizes)


def _groups(sizes: Mapping[str, int], wanted: Mapping[str, Needed]) -> Iterator[list[str]]:
    """Choose the packs worth the work, as many at a time as one fresh pack holds."""
    used = {pack: wanted[pack].size for pack in sizes.keys() & wanted.keys()}
    small = {pack for pack in used if sizes[pack] < _SMALL}
    worth = {pack for pack in used if sizes[pack] - used[pack] >= _DEAD * sizes[pack]}
    if len(small) > 1:
        worth |= small
    group: list[str] = []
    size = 0
    for pack in sorted(worth):
        if group and size + used[pack] > ROLL_AT:
            yield group
            group, size = [], 0
        group.append(pack)
        size += used[pack]
    if group:
        yield group


def _regroup(packs: Sequence[str], sizes: Mapping[str, int]) -> Compacted:
    moves: dict[str, Moves] = defaultdict(list)
    damaged: set[str] = set()
    with store().regroup() as fresh:
        for row in lying_in(packs):
            if row.pack in damaged:
                continue
            try:
                place = fresh.copy(place_of(row))
                _read_whole(row, place)
            except KeyDestroyedError:
                continue  # erased meanwhile
            except (RecordBrokenError, SealBrokenError, KeyUnknownError, PackMissingError):
                # What a scrub must look at stays where it is, with all around it.
                damaged.add(row.pack)
                continue
            moves[row.pack].append((row, place))
        chosen = [move for pack in packs if pack not in damaged for move in moves[pack]]
        if not chosen:
            return Compacted(0, 0, 0)
        fresh.keep()
        left = [pack for pack in packs if pack not in damaged]
        for pack in left:
            store().begin_hour(pack)
        done = Compacted(len(left), len(chosen), sum(sizes[pack] for pack in left) - fresh.size)
        _point(chosen, done)
        return done


def _read_whole(row: Stored, place: Place) -> None:
    stored = open_stored(row, place)
    for at in range(0, stored.record.size, _PIECE):
        stored.record.read(at, min(at + _PIECE, stored.record.size))


def _point(moves: Moves, done: Compacted) -> None:
    """Let rows point to the copies; one that was erased or moved meanwhile is left alone."""
    for start in range(0, len(moves), _ROWS):
        with transaction.atomic():
            for row, place in moves[start : start + _ROWS]:
                type(row)._default_manager.filter(
                    id=row.id, pack=row.pack, offset=row.offset
                ).update(pack=place.pack, offset=place.offset)
            if start + _ROWS >= len(moves):
                record(
                    ImagingEvent.COMPACTED,
                    actor="system",
                    count=done.moved,
                    size=max(0, done.freed),
                    at=clock.now(),
                )
