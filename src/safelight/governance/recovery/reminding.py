"""When was the last good backup made and the last restore practised, and is that too long ago?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from safelight.governance.recovery.events import RecoveryEvent
from safelight.governance.recovery.keeping import LATE_AFTER
from safelight.governance.recovery.models import Drill
from safelight.governance.recovery.setup import every
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import Outcome
from safelight.platform.audit.models import Entry

DRILL_EVERY: Final = timedelta(days=31)
DRILL_AT_LEAST: Final = timedelta(days=366)
_ONCE: Final = timedelta(days=1)


def last_backup_at() -> datetime | None:
    """Return when the last good backup was made; None before the first."""
    return _last(RecoveryEvent.BACKUP_MADE)


def last_drill() -> Drill | None:
    """Return the record of the newest drill that passed."""
    return Drill.objects.filter(passed=True).order_by("-at").first()


def is_due(*, at: datetime) -> bool:
    """Say whether the next backup should be made now."""
    last = last_backup_at()
    return last is None or at - last >= every()


def say_what_is_late(*, at: datetime) -> list[RecoveryEvent]:
    """Put on record what is overdue, at most once a day each, and return it.

    A backup is late 26 hours after the last good one, or after the instance began where
    there is none; a drill after a month, which is a reminder, and no fault before a year.
    """
    late = []
    since = last_backup_at() or Entry.objects.order_by("row").values_list("at", flat=True).first()
    if since is not None and at - since > max(LATE_AFTER, every() + (LATE_AFTER - _ONCE)):
        late.append(RecoveryEvent.BACKUP_LATE)
    drill = last_drill()
    if drill is None or at - drill.at > DRILL_EVERY:
        late.append(RecoveryEvent.DRILL_DUE)
    said = []
    for event in late:
        last = _last(event)
        if last is not None and at - last < _ONCE:
            continue
        with transaction.atomic():
            record(event, actor="system", outcome=Outcome.FAILED, at=at)
        said.append(event)
    return said


def _last(event: RecoveryEvent) -> datetime | None:
    rows = Entry.objects.filter(kind=event.value).order_by("-row")
    return rows.values_list("at", flat=True).first()
