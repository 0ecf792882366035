"""Who is told of an emergency, and when?

The officers at once. The owner at once, or within a day where the clinician says that
telling now endangers somebody; later only if an officer of the institution, a second
person, puts it off with a reason, and 30 days at most.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.facts import Party
from safelight.exchange.access.powers.ending import scope_of
from safelight.exchange.access.powers.events import PowerEvent
from safelight.exchange.access.powers.kinds import AccessWay
from safelight.exchange.access.powers.models import TimedAccess
from safelight.exchange.access.powers.recording import note_access, tell_staff
from safelight.exchange.access.powers.scope import officers_of, owners_of
from safelight.exchange.access.representing.recording import in_person, tell
from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.records.accounts.models import StaffRole

LONGEST_HOLD: Final = timedelta(days=30)
_LONGEST_WORDS: Final = 500


def tell_of_emergency(access: TimedAccess, *, at: datetime) -> None:
    """Tell the officers at once, and the owner unless that waits, in the act's transaction."""
    for officer in officers_of(access.vault_id):
        tell(officer, "emergency-to-review", at=at)
    tell_staff("emergency-to-review", StaffRole.PRIVACY_OFFICIAL, but=access.account_id, at=at)
    if access.notice_due_at <= at:
        _tell_owner(access, at=at)


def tell_owners_that_are_due(*, at: datetime) -> int:
    """Tell the owners whose time has come; return of how many emergencies."""
    due = TimedAccess.objects.filter(owner_told_at=None, notice_due_at__lte=at)
    told = 0
    for access in due:
        with transaction.atomic():
            told += _tell_owner(access, at=at)
    return told


def hold_notice(
    party: Party, access_id: UUID, until: datetime, because: str, *, at: datetime
) -> None:
    """Put off telling the owner, for somebody's safety, as a second person.

    Raises:
        NotFoundError: this party is no officer where the record is kept, or had the access.
        InvalidFieldError: no reason, or a moment that is past or too far.
        StateConflictError: the owner was told already.
    """
    in_person(party)
    access = TimedAccess.objects.filter(pk=access_id, way=AccessWay.BREAK_GLASS).first()
    if access is None or party.account == access.account_id:
        raise NotFoundError
    if party.account not in officers_of(access.vault_id):
        raise NotFoundError
    words = because.strip()
    if not 1 <= len(words) <= _LONGEST_WORDS:
        raise InvalidFieldError("because", "Say whom it endangers and how, in up to 500 letters.")
    if not at < until <= access.began_at + LONGEST_HOLD:
        raise InvalidFieldError("until", "Give a day within 30 days of the emergency.")
    with transaction.atomic():
        waiting = TimedAccess.objects.filter(pk=access.pk, owner_told_at=None)
        if not waiting.update(notice_due_at=until, held_by_id=party.account, held_because=words):
            raise StateConflictError("The owner was told already.")
        note_access(PowerEvent.NOTICE_HELD, party.name, access, session=party.session, at=at)


def _tell_owner(access: TimedAccess, *, at: datetime) -> int:
    untold = TimedAccess.objects.filter(pk=access.pk, owner_told_at=None)
    if not untold.update(owner_told_at=at):
        return 0
    for owner in owners_of(scope_of(access)):
        tell(owner, "opened-in-emergency", at=at)
    note_access(PowerEvent.OWNER_TOLD, "system", access, at=at)
    return 1
