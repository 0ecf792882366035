"""Who looks afterwards at each access that had only hours, and what do they say of it?

Within two working days: an elevation is reviewed by a security officer or the privacy
official other than who had it, an emergency by an officer of the institution. What was
not justified is on record as that, and is where an incident begins.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.facts import Party
from safelight.exchange.access.officer import is_officer
from safelight.exchange.access.powers.ending import end_access
from safelight.exchange.access.powers.events import PowerEvent
from safelight.exchange.access.powers.kinds import AccessWay, Verdict
from safelight.exchange.access.powers.models import TimedAccess
from safelight.exchange.access.powers.recording import note_access
from safelight.exchange.access.staff import is_staff
from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.platform.audit.actions import record
from safelight.records.accounts.models import Role, StaffRole
from safelight.records.accounts.queries import memberships_of
from safelight.records.imaging.models import Vault

REVIEWED: Final = {
    AccessWay.ELEVATION: PowerEvent.ELEVATION_REVIEWED,
    AccessWay.BREAK_GLASS: PowerEvent.GLASS_REVIEWED,
}
_STAFF_REVIEWS: Final = (StaffRole.SECURITY_OFFICER, StaffRole.PRIVACY_OFFICIAL)
_LONGEST_WORDS: Final = 500
_LISTED: Final = 200


def reviews(party: Party) -> bool:
    """Say whether a party reviews any such accesses at all."""
    return is_staff(party, *_STAFF_REVIEWS) or is_officer(party)


def accesses_to_review(party: Party, *, at: datetime) -> list[TimedAccess]:
    """List what this party reviews: what waits first, by when it is due. It is on record.

    Raises:
        NotFoundError: this party reviews none.
    """
    if not reviews(party):
        raise NotFoundError
    found = TimedAccess.objects.filter(pk__in=[each.pk for each in _within(party)])
    with transaction.atomic():
        record(PowerEvent.REVIEWS_READ, actor=party.name, session=party.session, at=at)
    waiting = list(found.filter(reviewed_at=None).order_by("review_due_at", "pk"))
    done = list(found.exclude(reviewed_at=None).order_by("-reviewed_at", "pk")[:_LISTED])
    return waiting + done


def reviews_due(party: Party) -> int:
    """Count what waits for this party's review. A number names nobody: it is not on record."""
    return sum(each.reviewed_at is None for each in _within(party))


def access_to_review(party: Party, access_id: UUID) -> TimedAccess:
    """Return one access that this party reviews; never one of their own.

    Raises:
        NotFoundError: there is none for this party.
    """
    for access in _within(party):
        if access.pk == access_id and access.account_id != party.account_id:
            return access
    raise NotFoundError


def review(party: Party, access_id: UUID, verdict: str, words: str, *, at: datetime) -> TimedAccess:
    """Say whether an access was justified. It is ended if it still lasts.

    Raises:
        NotFoundError: it is not this party's to review.
        InvalidFieldError: no verdict, or no words.
        StateConflictError: it was reviewed already.
    """
    access = access_to_review(party, access_id)
    said = words.strip()
    if verdict not in set(Verdict):
        raise InvalidFieldError("verdict", "Say whether it was justified.")
    if not 1 <= len(said) <= _LONGEST_WORDS:
        raise InvalidFieldError("words", "Say what you looked at, in up to 500 letters.")
    with transaction.atomic():
        waiting = TimedAccess.objects.filter(pk=access.pk, reviewed_at=None)
        if not waiting.update(
            reviewed_at=at, reviewed_by_id=party.account, verdict=verdict, verdict_words=said
        ):
            raise StateConflictError("This was reviewed already.")
        event = REVIEWED[AccessWay(access.way)]
        note_access(event, party.name, access, session=party.session, why=verdict, at=at)
        end_access(access, party.name, "review", session=party.session, at=at)
    return TimedAccess.objects.get(pk=access.pk)


def end_reviewed_access(party: Party, access_id: UUID, *, at: datetime) -> None:
    """End somebody else's access at once, before its review. Doing it twice is no error.

    Raises:
        NotFoundError: it is not this party's to review.
    """
    access = access_to_review(party, access_id)
    end_access(access, party.name, "officer", session=party.session, at=at)


def _within(party: Party) -> list[TimedAccess]:
    found: list[TimedAccess] = []
    if is_staff(party, *_STAFF_REVIEWS):
        found += TimedAccess.objects.filter(way=AccessWay.ELEVATION)
    if is_officer(party):
        houses = [
            each.organization_id
            for each in memberships_of(party.account)
            if each.role == Role.PRIVACY_OFFICER
        ]
        vaults = Vault.objects.filter(organization_id__in=houses).values("id")
        found += TimedAccess.objects.filter(way=AccessWay.BREAK_GLASS, vault_id__in=vaults)
    return found
