"""What is done after the acknowledgement, and from time to time?"""

from __future__ import annotations

from datetime import timedelta

from safelight.exchange.receive.finishing import finish_series
from safelight.exchange.receive.uploads import forget_expired
from safelight.kernel import clock
from safelight.platform.jobs.registry import task
from safelight.platform.jobs.schedule import schedule

__all__ = ["finish_series", "forget_expired_uploads"]


@task("receive.forget-expired")
def forget_expired_uploads() -> None:
    """Remove what arrived of uploads that were never completed."""
    forget_expired(at=clock.now())


schedule(forget_expired_uploads, every=timedelta(hours=1))
