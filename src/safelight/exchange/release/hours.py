"""What does an owner read of those who had access to their exams for a few hours only?

That it was opened is told even where nothing was looked at. What a second person put
off, for somebody's safety, is told later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from safelight.exchange.access.facts import Party
from safelight.exchange.access.powers.kinds import AccessWay
from safelight.exchange.access.powers.live import accesses_to
from safelight.exchange.access.powers.models import TimedAccess
from safelight.exchange.access.powers.reviewing import access_to_review
from safelight.exchange.access.study_rows import study_rows
from safelight.exchange.release.happening import Happening
from safelight.exchange.release.models import Disclosure, Look
from safelight.exchange.release.people import name_of
from safelight.exchange.release.periods import Period

_DID: Final = {AccessWay.ELEVATION: "elevated", AccessWay.BREAK_GLASS: "broke-glass"}


def accesses_of_hours(
    party: Party, study_ids: Collection[UUID], period: Period
) -> Iterator[Happening]:
    """Tell of each exam by whom, when and why it was opened so, looked at or not."""
    for study_id, access in _told(study_ids):
        if period.holds(access.began_at):
            yield Happening(
                at=access.began_at,
                who=name_of(access.account_id),
                is_you=access.account_id == party.account_id,
                did=_DID[AccessWay(access.way)],
                study_id=study_id,
                pictures=0,
                consent_id=None,
                consent_at=None,
                cause=access.way,
                cause_words=access.reason,
            )


def by_access(study_ids: Collection[UUID]) -> dict[UUID, TimedAccess]:
    """Return the accesses to some exams that their owner may know of, by id."""
    return {access.pk: access for _, access in _told(study_ids)}


def untold(study_ids: Collection[UUID]) -> frozenset[UUID]:
    """Return the disclosures of accesses that the owner is not told of yet."""
    waiting = TimedAccess.objects.filter(owner_told_at=None).values("id")
    rows = Disclosure.objects.filter(study_id__in=list(study_ids), timed_access_id__in=waiting)
    return frozenset(rows.values_list("id", flat=True))


def _told(study_ids: Collection[UUID]) -> list[tuple[UUID, TimedAccess]]:
    rows = {row.id: row for row in study_rows(list(study_ids))} if _any_at_all() else {}
    return [(study_id, access) for study_id, row in rows.items() for access in accesses_to(row)]


def _any_at_all() -> bool:
    return TimedAccess.objects.exists()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One look under an access of some hours: when, of which exam, and how many pictures."""

    at: datetime
    study_id: UUID
    pictures: int


def seen_under(party: Party, access_id: UUID) -> list[Seen]:
    """List what was looked at under an access that this party reviews, the first look first.

    Raises:
        NotFoundError: there is none for this party to review.
    """
    access = access_to_review(party, access_id)
    looks = Look.objects.filter(timed_access_id=access.pk).order_by("opened_at", "pk")
    return [
        Seen(at=look.opened_at, study_id=look.study_id, pictures=look.pictures) for look in looks
    ]
