"""Who is reminded of what is due, and who learns that it is late?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.powers.recording import tell_staff
from safelight.governance.deadlines.clocks import CLOCKS
from safelight.governance.deadlines.events import DeadlineEvent
from safelight.governance.deadlines.keeping import stands_still
from safelight.governance.deadlines.models import Deadline, Fired
from safelight.governance.deadlines.rules import is_over, moments
from safelight.platform.audit.actions import record
from safelight.records.accounts.models import StaffRole


def remind(*, at: datetime) -> int:
    """Fire each moment that has come, once each, and return how many.

    A moment that came while nothing ran is fired late, not left out. Of one
    deadline the privacy officials get one message a turn, whatever was fired.
    """
    rows = Deadline.objects.filter(met_at=None).values_list("pk", flat=True)
    found = [_fire(each, at) for each in rows]
    return sum(found)


@transaction.atomic
def _fire(deadline_id: UUID, at: datetime) -> int:
    row = Deadline.objects.select_for_update().filter(pk=deadline_id, met_at=None).first()
    if row is None or stands_still(row):
        return 0
    come = {each for each in moments(CLOCKS[row.clock], row.due) if row.started < each <= at}
    come -= set(row.fired.values_list("moment", flat=True))
    for moment in sorted(come):
        Fired.objects.create(deadline=row, moment=moment, at=at)
        record(
            DeadlineEvent.MISSED if moment == row.due else DeadlineEvent.REMINDED,
            actor="system",
            subject=row.subject,
            reason=row.clock,
            at=at,
        )
    if come:
        late = is_over(row.due, at)
        tell_staff(
            "deadline-missed" if late else "deadline-near", StaffRole.PRIVACY_OFFICIAL, at=at
        )
    return len(come)
