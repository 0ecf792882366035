"""By which clocks does a request run now, and when do they end?"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from safelight.governance.deadlines.keeping import meet
from safelight.governance.deadlines.models import Deadline
from safelight.governance.rights.models import RightsRequest
from safelight.governance.rights.rules import ACKNOWLEDGED
from safelight.kernel.errors import NotFoundError

KIND: Final = "rights-request"


def deadline_of(row: RightsRequest) -> Deadline:
    """Return by when it must be answered. Raises NotFoundError where it has none."""
    found = deadlines_of(row).exclude(clock=ACKNOWLEDGED).first()
    if found is None:
        raise NotFoundError
    return found


def deadlines_of(row: RightsRequest) -> QuerySet[Deadline]:
    """Return all that it runs by."""
    return Deadline.objects.filter(subject_kind=KIND, subject_id=row.pk)


def end_clocks(row: RightsRequest, *, actor: str, at: datetime, only: str = "") -> None:
    """Say that what a request runs by is done; `only` one clock of it, where it is named."""
    for each in deadlines_of(row).filter(met_at=None):
        if only in {"", each.clock}:
            meet(each.pk, actor=actor, at=at)
