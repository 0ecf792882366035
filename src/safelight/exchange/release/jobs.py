"""What does this room do on its own?"""

from __future__ import annotations

from datetime import timedelta

from safelight.exchange.release.copies.jobs import make_copies_later
from safelight.exchange.release.deceased import end_what_no_executor_kept
from safelight.exchange.release.openings import tell_of_the_day
from safelight.exchange.release.remove import erase_due
from safelight.exchange.release.sharing.invitations import tell_of_bounces
from safelight.exchange.release.viewing.looks import forget_shown
from safelight.kernel import clock
from safelight.platform.jobs.registry import task
from safelight.platform.jobs.schedule import schedule

__all__ = [
    "end_what_was_left",
    "erase_removed",
    "forget_what_was_shown",
    "make_copies_later",
    "tell_what_was_opened",
    "tell_who_bounced",
]


@task("release.erase-due")
def erase_removed() -> None:
    """Destroy the keys of removed exams whose seven days are over."""
    erase_due(at=clock.now())


@task("release.end-what-was-left")
def end_what_was_left() -> None:
    """End what a death paused, once no executor has kept it in thirty days."""
    end_what_no_executor_kept(at=clock.now())


@task("release.forget-shown")
def forget_what_was_shown() -> None:
    """Let go of which pictures made up the count of a look that is over."""
    forget_shown(at=clock.now())


@task("release.tell-of-bounces")
def tell_who_bounced() -> None:
    """Tell givers of invitations that reached nobody."""
    tell_of_bounces(at=clock.now())


@task("release.tell-of-the-day")
def tell_what_was_opened() -> None:
    """Tell those who want it once a day that something was opened."""
    tell_of_the_day(at=clock.now())


schedule(erase_removed, every=timedelta(hours=1))
schedule(end_what_was_left, every=timedelta(hours=1))
schedule(forget_what_was_shown, every=timedelta(hours=1))
schedule(tell_who_bounced, every=timedelta(minutes=5))
schedule(tell_what_was_opened, every=timedelta(days=1), offset=timedelta(hours=17))
