"""What is done of its own accord to keep what is stored sound?"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Final

from safelight.kernel import clock
from safelight.platform.jobs.registry import task
from safelight.platform.jobs.schedule import schedule
from safelight.records.imaging.models import ScrubRun
from safelight.records.imaging.name_words import add_words
from safelight.records.imaging.upkeep.compaction import compact
from safelight.records.imaging.upkeep.scrub import Scrub
from safelight.records.imaging.upkeep.sweep import sweep

_A_ROUND: Final = timedelta(days=28)  # everything is read once in this while
_A_SLICE: Final = 240.0  # seconds of reading a day, at most
_FEW: Final = 500  # objects that are always read: a small archive is done in one go
_RATE: Final = 32 << 20  # bytes a second: others need the disk too


@task("imaging.scrub", max_attempts=2)
def scrub_a_slice() -> None:
    """Read a part of what is stored again; the next day goes on where this one stopped."""
    at = clock.now()
    newest = ScrubRun.objects.order_by("-began_at").first()
    if newest is not None and newest.ended_at is not None and at - newest.began_at < _A_ROUND:
        return
    running = Scrub.resume(at=at, rate=_RATE)
    run, ends = running.run, time.monotonic() + _A_SLICE
    enough = run.objects_read + max(running.waiting() // _A_ROUND.days + 1, _FEW)
    for _ in running.go_on(lambda: run.objects_read >= enough or time.monotonic() > ends):
        pass


@task("imaging.sweep", max_attempts=2)
def sweep_up() -> None:
    """Remove packs and keys that nothing names; sound the alarm for packs that are missing."""
    sweep(at=clock.now())


@task("imaging.compact", max_attempts=2, time_limit=timedelta(hours=2))
def compact_packs() -> None:
    """Regroup packs of which much is not needed any more."""
    for _ in compact():
        pass


@task("imaging.add-words", max_attempts=2)
def add_words_to_names() -> None:
    """Let exams that an older version filed be found by any word of their patient's name."""
    ends = time.monotonic() + _A_SLICE
    add_words(lambda: time.monotonic() > ends)


schedule(add_words_to_names, every=timedelta(minutes=10))
schedule(sweep_up, every=timedelta(days=1), offset=timedelta(hours=3))
schedule(compact_packs, every=timedelta(days=7), offset=timedelta(hours=1))
schedule(scrub_a_slice, every=timedelta(days=1), offset=timedelta(hours=2))
