"""Which making of copies is too long to wait for?"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from safelight.exchange.release.copies.making import make_copies
from safelight.platform.jobs.registry import task


@task("release.make-copies", time_limit=timedelta(hours=1))
def make_copies_later(*, copying_id: UUID) -> None:
    """Make the copies that somebody asked for."""
    make_copies(copying_id)
