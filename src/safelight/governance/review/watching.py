"""Whose exams are watched, for what cause and until when?

A privacy officer of an institution watches for it, over those who occur in its part of the
record; the instance's privacy official for all. Nobody else learns who is watched.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from safelight.exchange.access.facts import Party
from safelight.exchange.access.officer import may_look_for
from safelight.exchange.access.reading import officer_of
from safelight.exchange.access.staff import is_staff
from safelight.governance.review.events import ReviewEvent
from safelight.governance.review.models import Cause, Watched
from safelight.governance.trail.told import id_in
from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.platform.audit.actions import record
from safelight.records.accounts.models import Account, StaffRole
from safelight.records.imaging.models import Study, Vault

LONGEST: Final = timedelta(days=366)
_KEPT: Final = timedelta(days=30)  # the rules may read a look that late


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """For what cause somebody is watched, in a few words that are sealed, and until when."""

    cause: Cause
    until: datetime
    words: str = ""


def watches(party: Party) -> bool:
    """Say whether a party may have somebody watched."""
    return is_staff(party, StaffRole.PRIVACY_OFFICIAL) or bool(officer_of(party))


@transaction.atomic
def watched_by(party: Party, *, at: datetime) -> list[Watched]:
    """Return who is watched now for whom this party watches; that it was read is on record.

    Raises:
        NotFoundError: this party watches for nobody.
    """
    rows = list(_theirs(party).filter(until__gt=at).order_by("until", "pk"))
    record(ReviewEvent.WATCHED_LISTED, actor=party.name, count=len(rows), at=at)
    return rows


@transaction.atomic
def watch(party: Party, name: str, why: Why, *, at: datetime) -> None:
    """Have each look at a person's exams reviewed. A second time sets cause and end anew.

    `name` is "account/<id>", or "study/<id>" of an exam of who has no account.

    Raises:
        NotFoundError: this party watches for nobody, or has no such person to watch.
        InvalidFieldError: the end is past, or more than a year ahead.
    """
    houses = _houses(party)
    subject = _subject(party, name, houses)
    if not at < why.until <= at + LONGEST:
        raise InvalidFieldError("until", "Give a day to come, within a year.")
    for house in houses:
        Watched.objects.update_or_create(
            subject=subject,
            organization_id=house,
            defaults={
                "cause": why.cause,
                "words": why.words,
                "by_id": party.account,
                "since": at,
                "until": why.until,
            },
        )
    record(
        ReviewEvent.PERSON_MARKED,
        actor=party.name,
        subject=subject,
        reason=why.cause.value,
        detail={"until": why.until.isoformat(), "words": why.words},
        at=at,
    )


@transaction.atomic
def unwatch(party: Party, watched_id: UUID, *, at: datetime) -> None:
    """Let looks at a person's exams be as anybody's again. Raises NotFoundError."""
    row = _theirs(party).filter(pk=watched_id).first()
    if row is None:
        raise NotFoundError
    row.delete()
    record(ReviewEvent.PERSON_UNMARKED, actor=party.name, subject=row.subject, at=at)


def is_watched(subjects: Collection[str], houses: Collection[UUID | None], at: datetime) -> bool:
    """Say whether somebody was watched at a time, by the instance or one of these houses."""
    by = Q(organization_id=None) | Q(organization_id__in=[each for each in houses if each])
    rows = Watched.objects.filter(by, subject__in=subjects, since__lte=at, until__gt=at)
    return rows.exists()


def forget_ended(*, at: datetime) -> None:
    """Delete who is watched no more; that they were stays in the record."""
    Watched.objects.filter(until__lt=at - _KEPT).delete()


def _theirs(party: Party) -> QuerySet[Watched]:
    return Watched.objects.filter(_for(_houses(party)))


def _for(houses: Collection[UUID | None]) -> Q:
    return Q(organization_id=None) if None in houses else Q(organization_id__in=houses)


def _houses(party: Party) -> tuple[UUID | None, ...]:
    if is_staff(party, StaffRole.PRIVACY_OFFICIAL):
        return (None,)
    if houses := officer_of(party):
        return tuple(sorted(houses))
    raise NotFoundError


def _subject(party: Party, name: str, houses: tuple[UUID | None, ...]) -> str:
    account_id, study_id = id_in(name, "account"), id_in(name, "study")
    if account_id is not None and Account.objects.filter(pk=account_id).exists():
        if may_look_for(party, account_id):
            return f"account/{account_id}"
        raise NotFoundError
    study = Study.objects.filter(pk=study_id).first() if study_id is not None else None
    # None among the houses stands for all of the instance.
    if study is None or not {None, house_of(study.vault_id)} & set(houses):
        raise NotFoundError
    return f"patient/{study.patient_id}"


def house_of(vault_id: UUID | None) -> UUID | None:
    """Return the institution that a vault belongs to; None for a person's own, or none."""
    vault = Vault.objects.filter(pk=vault_id).first() if vault_id is not None else None
    return vault.organization_id if vault is not None else None
