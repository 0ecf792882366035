"""What is done once more after an account became inactive, and when is it closed?"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.governance.closing.ending import end_what_came_late
from safelight.governance.closing.models import Inactivation
from safelight.governance.closing.returning import close_what_is_due
from safelight.kernel import clock
from safelight.platform.jobs.registry import task
from safelight.platform.jobs.schedule import schedule

AFTER: Final = timedelta(seconds=30)


@task("closing.look-again")
def look_again(inactivation_id: UUID) -> None:
    """End what was still signed, unless the owner is back already."""
    with transaction.atomic():
        row = Inactivation.objects.filter(pk=inactivation_id, returned_at=None).first()
        if row is not None:
            end_what_came_late(row, at=clock.now())


@task("closing.close", max_attempts=1)
def close_due() -> None:
    """Close the accounts whose thirty days are over."""
    close_what_is_due(at=clock.now())


schedule(close_due, every=timedelta(minutes=10))
