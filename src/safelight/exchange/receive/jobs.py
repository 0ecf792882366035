"""What is done after the acknowledgement, and from time to time?"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from safelight.exchange.receive.asked.discarding import forget_lapsed
from safelight.exchange.receive.asked.filing import file_parcel
from safelight.exchange.receive.commitment.reporting import due, forget, tell
from safelight.exchange.receive.finishing import finish_series
from safelight.exchange.receive.uploads import forget_expired
from safelight.kernel import clock
from safelight.platform.jobs.registry import task
from safelight.platform.jobs.schedule import schedule

__all__ = ["file_parcel", "finish_series", "forget_expired_uploads", "forget_lapsed_parcels"]


@task("receive.forget-expired")
def forget_expired_uploads() -> None:
    """Remove what arrived of uploads that were never completed."""
    forget_expired(at=clock.now())


@task("receive.forget-parcels")
def forget_lapsed_parcels() -> None:
    """Remove parcels that were never completed, or that nobody decided about in time."""
    forget_lapsed(at=clock.now())


@task("receive.tell-commitment", time_limit=timedelta(minutes=5))
def tell_commitment(*, commitment_id: UUID) -> None:
    """Call one system that waits for a report."""
    tell(commitment_id, at=clock.now())


@task("receive.report-commitments")
def report_commitments() -> None:
    """Let every system be called that waits for a report, and forget what is old."""
    at = clock.now()
    for commitment_id in due(at=at):
        if not tell_commitment.is_under_way(commitment_id=commitment_id):
            tell_commitment.enqueue(commitment_id=commitment_id)
    forget(at=at)


schedule(report_commitments, every=timedelta(minutes=1))
schedule(forget_expired_uploads, every=timedelta(hours=1))
schedule(forget_lapsed_parcels, every=timedelta(hours=1))
