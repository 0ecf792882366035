"""What does this room do on its own?"""

from __future__ import annotations

from datetime import timedelta

from safelight.exchange.access.caring.relations import end_care_that_is_over
from safelight.exchange.access.powers.approvals import note_lapses
from safelight.exchange.access.powers.ending import end_accesses_that_are_over
from safelight.exchange.access.powers.notifying import tell_owners_that_are_due
from safelight.exchange.access.representing.coming_of_age import end_what_is_over
from safelight.exchange.access.witnessing import ask_who_has_seen_more
from safelight.kernel import clock
from safelight.platform.jobs.registry import task
from safelight.platform.jobs.schedule import schedule


@task("access.end-what-is-over")
def end_authorities() -> None:
    """End the authority and the care of those whose last day is over; say what ends soon."""
    end_what_is_over(at=clock.now())
    end_care_that_is_over(at=clock.now())


@task("access.end-powers")
def end_powers() -> None:
    """Put on record which requests and accesses of some hours ran out; tell owners in time."""
    at = clock.now()
    note_lapses(at=at)
    end_accesses_that_are_over(at=at)
    tell_owners_that_are_due(at=at)


schedule(end_authorities, every=timedelta(hours=1))
schedule(end_powers, every=timedelta(minutes=5))


@task("access.ask-witnesses", max_attempts=1)
def ask_witnesses() -> None:
    """Have the record's newest checkpoint signed outside; close shares where it is contested."""
    ask_who_has_seen_more(at=clock.now())


schedule(ask_witnesses, every=timedelta(minutes=1), offset=timedelta(seconds=10))
