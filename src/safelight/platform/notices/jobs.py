"""When does a waiting message go out? As soon as a worker and the mail server can."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction

from safelight.kernel import clock
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import Outcome
from safelight.platform.jobs.registry import task
from safelight.platform.jobs.schedule import schedule
from safelight.platform.notices.delivery import hand_over
from safelight.platform.notices.envelope import Envelope
from safelight.platform.notices.errors import RecipientRefusedError
from safelight.platform.notices.events import NoticeEvent
from safelight.platform.notices.message import message
from safelight.platform.notices.models import Notice, State

if TYPE_CHECKING:
    from datetime import datetime

KEPT_FOR = timedelta(days=30)


@task(
    "notices.deliver",
    max_attempts=12,
    first_wait=timedelta(seconds=5),
    longest_wait=timedelta(hours=2),
    time_limit=timedelta(minutes=3),
)
def deliver(notice_id: UUID) -> None:
    """Hand one message over, once it is known to be committed; again is harmless.

    A crash between handing over and writing it down sends the message twice, with
    the same Message-ID. An address refused for good is written down, not tried again.
    """
    notice = Notice.objects.filter(pk=notice_id, state=State.WAITING).first()
    if notice is None:
        return
    envelope = Envelope.opened(bytes(notice.sealed), notice_id)
    made = message(
        notice.template,
        envelope.facts,
        to=envelope.to,
        notice_id=notice_id,
        at=notice.created_at,
    )
    try:
        hand_over(made, settings.SAFELIGHT_EMAIL_URL, notice_id=notice_id)
    except RecipientRefusedError:
        _end(notice, State.BOUNCED, NoticeEvent.BOUNCED, at=clock.now())
    else:
        _end(notice, State.SENT, NoticeEvent.SENT, at=clock.now())


@task("notices.prune")
def prune() -> None:
    """Delete the shells of messages that went out a month ago."""
    Notice.objects.exclude(state=State.WAITING).filter(ended_at__lt=clock.now() - KEPT_FOR).delete()


schedule(prune, every=timedelta(days=1), offset=timedelta(hours=3))


@transaction.atomic
def _end(notice: Notice, state: State, event: NoticeEvent, *, at: datetime) -> None:
    ended = Notice.objects.filter(pk=notice.pk, state=State.WAITING).update(
        state=state, sealed=b"", ended_at=at
    )
    if ended:
        record(
            event,
            actor="system",
            at=at,
            subject=notice.about or f"notice/{notice.pk}",
            outcome=Outcome.OK if state == State.SENT else Outcome.FAILED,
            reason=notice.template,
        )
