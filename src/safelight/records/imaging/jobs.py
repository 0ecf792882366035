"""What is done of its own accord to keep what is stored sound?"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Final

from safelight.kernel import clock
from safelight.platform.jobs.registry import task
from safelight.platform.jobs.schedule import schedule
from safelight.records.imaging.models import ScrubRun
from safelight.records.imaging.upkeep.scrub import Scrub

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
    least = running.waiting() // _A_ROUND.days + 1
    ends = time.monotonic() + _A_SLICE
    for number, _ in enumerate(running.go_on(lambda: time.monotonic() > ends), start=1):
        if number >= max(least, _FEW):
            break


schedule(scrub_a_slice, every=timedelta(days=1), offset=timedelta(hours=2))
