"""How is the trail read for detection: each entry once, soon, and however long the pause was?

One transaction takes the next entries, keeps what they come to and moves the cursor, so
that a reader that dies in the middle has read nothing. What a running minute has counted
is judged too, and kept by nobody: it comes as an entry when the minute is over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from safelight.governance.watch.known import known_about
from safelight.governance.watch.models import Cursor, Seen
from safelight.governance.watch.rules import Finding, findings
from safelight.governance.watch.sightings import Sighting, sightings_in
from safelight.governance.watch.thresholds import KEPT_AT_LEAST, KEPT_FOR, Code
from safelight.platform.audit.watching import (
    Happened,
    entries_after,
    running_counts,
    seq_before,
)
from safelight.platform.database.turns import take_turn

BATCH: Final = 500
_ONE: Final = 1
_HISTORY: Final = timedelta(hours=1)


@transaction.atomic
def read_on(*, at: datetime) -> tuple[list[Finding], bool]:
    """Take the next entries and return what the rules find, and whether more entries wait."""
    take_turn("watch/reading")
    cursor, is_new = Cursor.objects.select_for_update().get_or_create(pk=_ONE)
    if is_new:
        cursor.seq = seq_before(at - _HISTORY)  # what an older instance did long ago is over
    # Entries before running counts: one that is written meanwhile is missed until the next
    # turn, and never counted twice.
    new = entries_after(cursor.seq, limit=BATCH)
    running = running_counts()
    sightings = _sightings([*new, *running])
    kept = [each for each in sightings if each.seq]
    Seen.objects.bulk_create([_row(each) for each in kept], ignore_conflicts=True)
    if new:
        cursor.seq = new[-1].seq
    cursor.read_at = at
    cursor.save()
    return _judged(sightings), len(new) == BATCH


def judge_now(sighting: Sighting) -> list[Finding]:
    """Judge something that was seen elsewhere than in the trail."""
    return _judged([sighting])


def forget_seen(*, at: datetime) -> int:
    """Delete what no window reaches any more, and say how much."""
    deleted = 0
    for rule in Code:
        kept_for = KEPT_FOR.get(rule, KEPT_AT_LEAST)
        count, _ = Seen.objects.filter(rule=rule, at__lt=at - kept_for).delete()
        deleted += count
    return deleted


def _sightings(happened: list[Happened]) -> list[Sighting]:
    known = known_about(happened)
    return [sighting for each in happened for sighting in sightings_in(each, known)]


def _judged(sightings: Iterable[Sighting]) -> list[Finding]:
    fresh: dict[tuple[Code, str], list[Sighting]] = defaultdict(list)
    for each in sightings:
        fresh[each.rule, each.key].append(each)
    found = []
    for (rule, key), new in fresh.items():
        since = min(each.at for each in new)
        reaches = since - KEPT_FOR.get(rule, KEPT_AT_LEAST)
        rows = Seen.objects.filter(rule=rule, key=key, at__gt=reaches)
        running = [each for each in new if not each.seq]
        found += findings(rule, [*map(_sighting, rows), *running], since=since)
    return found


def _row(sighting: Sighting) -> Seen:
    return Seen(
        rule=sighting.rule,
        key=sighting.key,
        what=sighting.what,
        other=sighting.other,
        at=sighting.at,
        seq=sighting.seq,
        weight=sighting.weight,
    )


def _sighting(row: Seen) -> Sighting:
    return Sighting(
        rule=Code(row.rule),
        key=row.key,
        what=row.what,
        other=row.other,
        at=row.at,
        seq=row.seq,
        weight=row.weight,
    )
