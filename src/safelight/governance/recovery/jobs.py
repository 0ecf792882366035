"""What does this room do on its own? Back up, keep the journal, and say when either is late."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings

from safelight.governance.recovery import journal
from safelight.governance.recovery.backup import make_backup, note_failed_backup
from safelight.governance.recovery.errors import BackupUnderWayError
from safelight.governance.recovery.keeping import prune
from safelight.governance.recovery.reminding import is_due, say_what_is_late
from safelight.governance.recovery.setup import configured, is_set_up
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError
from safelight.platform.jobs.registry import task
from safelight.platform.jobs.schedule import schedule

_TURN: Final = timedelta(seconds=5)


@task("recovery.journal", max_attempts=1, time_limit=timedelta(minutes=2))
def keep_journal() -> None:
    """Bring elsewhere what ended since the last turn."""
    at = clock.now()
    try:
        journal.write_on(at=at)
    except ExpectedError as error:
        journal.note_failure(error, at=at)


@task("recovery.backup", max_attempts=1, time_limit=timedelta(hours=12))
def back_up_when_due() -> None:
    """Make a backup if the last good one is as old as was configured."""
    at = clock.now()
    if not is_due(at=at):
        return
    try:
        setup = configured()
    except ExpectedError as error:
        note_failed_backup(error, at=at)
        return
    try:
        make_backup(setup, at=at)
    except BackupUnderWayError:
        return  # somebody makes one by hand
    if settings.SAFELIGHT_BACKUP_PRUNES:
        prune(setup, at=at)


@task("recovery.remind")
def remind() -> None:
    """Put on record that a backup or a drill is overdue; once a day."""
    say_what_is_late(at=clock.now())


# Registered in any case, so that a job of before is known; planned where it is wanted.
if journal.is_kept():
    schedule(keep_journal, every=_TURN)
if is_set_up():
    schedule(back_up_when_due, every=timedelta(minutes=30))
    schedule(remind, every=timedelta(hours=1))
