"""When is the trail read, and when is what lasts only a while taken back? Every few seconds."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Final

from safelight.governance.watch.alerts import raise_alert
from safelight.governance.watch.checks import look_beside, verify
from safelight.governance.watch.measures import lift_due
from safelight.governance.watch.reading import forget_seen, read_on
from safelight.kernel import clock
from safelight.platform.audit.errors import TipBrokenError
from safelight.platform.audit.sequencer import sequence_once
from safelight.platform.jobs.registry import task
from safelight.platform.jobs.schedule import schedule
from safelight.records.accounts import holds

EVERY: Final = timedelta(seconds=10)
_MOST_BATCHES: Final = 40


@task("watch.look", max_attempts=1, time_limit=timedelta(minutes=2))
def look() -> None:
    """Read what happened since the last turn, raise what the rules find, lift what is over."""
    at = clock.now()
    lift_due(at=at)
    holds.lift_due(at=at)
    for finding in look_beside(at=at):
        raise_alert(finding, at=at)
    for _ in range(_MOST_BATCHES):
        found, more = read_on(at=at)
        for finding in found:
            raise_alert(finding, at=at)
        if not more:
            return


@task("watch.forget")
def forget() -> None:
    """Delete what no rule can count any more."""
    forget_seen(at=clock.now())


@task("watch.verify", max_attempts=2, time_limit=timedelta(minutes=50))
def verify_record() -> None:
    """Check the whole record, each hour.

    After an outage of the database entries wait that only nobody has come to yet. They get
    their places first; what waits then was not written by this instance.
    """
    with suppress(TipBrokenError):
        while sequence_once():
            pass
    verify(at=clock.now())


schedule(look, every=EVERY)
schedule(verify_record, every=timedelta(hours=1), offset=timedelta(minutes=20))
schedule(forget, every=timedelta(days=1), offset=timedelta(hours=2))
