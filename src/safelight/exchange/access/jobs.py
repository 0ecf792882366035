"""What does this room do on its own?"""

from __future__ import annotations

from datetime import timedelta

from safelight.exchange.access.caring.relations import end_care_that_is_over
from safelight.exchange.access.representing.coming_of_age import end_what_is_over
from safelight.kernel import clock
from safelight.platform.jobs.registry import task
from safelight.platform.jobs.schedule import schedule


@task("access.end-what-is-over")
def end_authorities() -> None:
    """End the authority and the care of those whose last day is over; say what ends soon."""
    end_what_is_over(at=clock.now())
    end_care_that_is_over(at=clock.now())


schedule(end_authorities, every=timedelta(hours=1))
