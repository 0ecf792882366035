"""What happens on the day on which somebody's authority to act for another is over?

The decision knows the day by itself; here it is put on record, told 90 and 30 days
before, and on the day. What they had agreed to in that name is paused then and
offered to the person, such as the new adult, to keep or to end (`pausing.py`, E7).
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from safelight.exchange.access.mandates import ACTING
from safelight.exchange.access.representing.ending import MAJORITY, finish
from safelight.exchange.access.representing.majority import NOTICE_DAYS, notices_due
from safelight.exchange.access.representing.recording import tell
from safelight.kernel.errors import InvalidFieldError
from safelight.platform.notices.actions import send
from safelight.records.accounts.addresses import normalised
from safelight.records.accounts.models import Representative, RepresentativeState

TERM = "term"


def end_what_is_over(*, at: datetime) -> int:
    """End every authority whose last moment has passed, and say what ends soon; return how many."""
    live = Representative.objects.filter(state__in=(*ACTING, RepresentativeState.BLOCKED))
    ended = 0
    for row in live:
        if not row.ends_on:
            continue
        ends_at = datetime.fromisoformat(row.ends_on)
        if ends_at <= at:
            ended += _end(row, at=at)
        elif row.is_until_majority:
            _say_soon(row, ends_at, at=at)
    return ended


def _end(row: Representative, *, at: datetime) -> bool:
    with transaction.atomic():
        was_blocked = row.state == RepresentativeState.BLOCKED
        if not finish(None, row, MAJORITY if row.is_until_majority else TERM, at=at):
            return False
        if not was_blocked:
            tell(row.account_id, "acting-ended", at=at)
        if row.is_until_majority:
            _welcome(row, at=at)
        else:
            tell(row.represented_id, "acting-ended", at=at)
    return True


def _welcome(row: Representative, *, at: datetime) -> None:
    """Tell the new adult once, however many acted for them."""
    others = Representative.objects.filter(is_until_majority=True, ended_by=MAJORITY)
    same = others.filter(represented_id=row.represented_id, patient_id=row.patient_id)
    if same.exclude(pk=row.pk).filter(ended_at=at).exists():
        return
    if row.represented_id is not None:
        tell(row.represented_id, "majority-reached", at=at)
        return
    try:
        address = normalised(row.represented_address)
    except InvalidFieldError:
        return
    send("majority-reached", to=address, context={}, at=at)


def _say_soon(row: Representative, ends_at: datetime, *, at: datetime) -> None:
    due = min(notices_due(ends_at, at=at), len(NOTICE_DAYS))
    if due <= row.notices_sent or row.state == RepresentativeState.BLOCKED:
        return
    with transaction.atomic():
        unsent = Representative.objects.filter(pk=row.pk, notices_sent=row.notices_sent)
        if unsent.update(notices_sent=due):
            tell(row.account_id, "majority-soon", at=at)
            tell(row.represented_id, "majority-soon", at=at)
