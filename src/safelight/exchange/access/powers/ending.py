"""How does an access that has only hours end: by itself, or because somebody ends it?

The decision knows the end by itself; ending it early turns the epoch, so that open
streams stop as they do after a withdrawal.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.epoch import turn_epoch
from safelight.exchange.access.facts import Party
from safelight.exchange.access.powers.events import PowerEvent
from safelight.exchange.access.powers.kinds import AccessWay
from safelight.exchange.access.powers.models import TimedAccess
from safelight.exchange.access.powers.recording import note_access
from safelight.exchange.access.powers.scope import Scope, studies_within
from safelight.kernel.errors import NotFoundError

ENDED: Final = {
    AccessWay.ELEVATION: PowerEvent.ELEVATION_ENDED,
    AccessWay.BREAK_GLASS: PowerEvent.GLASS_ENDED,
}


def end_own_access(party: Party, access_id: UUID, *, at: datetime) -> None:
    """End one's own access before its time. Doing it twice is no error.

    Raises:
        NotFoundError: it is not this party's.
    """
    access = TimedAccess.objects.filter(pk=access_id, account_id=party.account).first()
    if access is None:
        raise NotFoundError
    end_access(access, party.name, "self", session=party.session, at=at)


def end_access(access: TimedAccess, actor: str, by: str, *, session: str = "", at: datetime) -> int:
    """End an access; return how many were: 1, or 0 if it was over. `by` is a short code."""
    with transaction.atomic():
        live = TimedAccess.objects.filter(pk=access.pk, ended_at=None)
        if not live.update(ended_at=at, ended_by=by):
            return 0
        event = ENDED[AccessWay(access.way)]
        note_access(event, actor, access, session=session, why=by, at=at)
        turn_epoch(studies_within(scope_of(access)))
    return 1


def end_accesses_that_are_over(*, at: datetime) -> int:
    """Put on record what reached its end, which the decision knows by itself."""
    over = TimedAccess.objects.filter(ends_at__lte=at, ended_at=None)
    return sum(end_access(each, "system", "term", at=at) for each in over)


def scope_of(access: TimedAccess) -> Scope:
    """Return what an access opens."""
    return Scope(vault_id=access.vault_id, patient_id=access.patient_id, study_id=access.study_id)
