"""What is done once more after an account was frozen?

A request that was let in a moment before may have signed a share a moment after. It was
begun in doubt like the others, so it is paused too.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.release.sharing.doubted import pause_doubted
from safelight.governance.compromise.models import CompromiseReport
from safelight.kernel import clock
from safelight.platform.jobs.registry import task

AFTER: Final = timedelta(seconds=30)


@task("compromise.look-again")
def look_again(report_id: UUID) -> None:
    """Pause what was still signed, unless the owner is back in already."""
    with transaction.atomic():
        row = CompromiseReport.objects.filter(pk=report_id, recovered_at=None).first()
        if row is not None:
            pause_doubted(row.account_id, since=row.doubted_since, at=clock.now())
