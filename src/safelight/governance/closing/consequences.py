"""What ends when an account becomes inactive? The same list is shown first, and ended then."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from safelight.exchange.consent.models import Consent
from safelight.exchange.receive.models import UploadRequest
from safelight.exchange.release.transfer.models import LIVE, Transfer
from safelight.records.accounts.models import (
    Account,
    Representative,
    RepresentativeKind,
    RepresentativeState,
)
from safelight.records.accounts.queries import sessions_of, tokens_of
from safelight.records.imaging.models import Study, Vault

# Whom somebody chose to act for them goes with them; the law's own choice stays.
_CHOSEN = (RepresentativeKind.HELPER, RepresentativeKind.PROXY)


@dataclass(frozen=True, slots=True)
class Consequences:
    """What stops, counted now."""

    given: int
    received: int
    transfers: int
    links: int
    acting: int
    sessions: int
    tokens: int
    exams: int

    @property
    def words(self) -> tuple[str, ...]:
        """Return what is signed for: the counts, without that of sessions, which come and go."""
        numbers = dict(zip(self.__slots__, astuple(self), strict=True))
        return tuple(f"{name}={n}" for name, n in numbers.items() if name != "sessions")


def consequences_of(account: Account, *, at: datetime) -> Consequences:
    """Count what stops if this account becomes inactive now."""
    given = given_by(account.pk, at=at)
    received = Consent.objects.filter(
        recipient_account_id=account.pk, revoked_at__isnull=True, ends_at__gt=at
    )
    return Consequences(
        given=given.count(),
        received=received.count(),
        transfers=transfers_of(account, at=at).count(),
        links=links_of(account.pk).filter(ends_at__gt=at).count(),
        acting=acting_of(account.pk).count(),
        sessions=len(sessions_of(account, at=at)),
        tokens=len(tokens_of(account)),
        exams=Study.objects.filter(
            vault_id__in=Vault.objects.filter(account_id=account.pk).values("id")
        ).count(),
    )


def given_by(account_id: UUID, *, at: datetime) -> QuerySet[Consent]:
    """Return the live shares that somebody gave of what is theirs, or that were given for them."""
    own = Q(grantor_id=account_id, representative_id=None) | Q(subject_account_id=account_id)
    return Consent.objects.filter(own, revoked_at__isnull=True, ends_at__gt=at)


def transfers_of(account: Account, *, at: datetime) -> QuerySet[Transfer]:
    """Return what is on its way under such a share, or by the order of an individual.

    What a provider ordered for the institution is the institution's.
    """
    mine = Q(consent_id__in=given_by(account.pk, at=at).values("id"))
    if not account.is_provider:
        mine |= Q(ordered_by=f"account/{account.pk}")
    return Transfer.objects.filter(mine, state__in=LIVE)


def links_of(account_id: UUID) -> QuerySet[UploadRequest]:
    """Return the open links by which others send something into one's own vault."""
    return UploadRequest.objects.filter(account_id=account_id, withdrawn_at=None)


def acting_of(account_id: UUID) -> QuerySet[Representative]:
    """Return by what right this account acts for others, and those it chose act for it."""
    either = Q(account_id=account_id) | Q(represented_id=account_id, kind__in=_CHOSEN)
    return Representative.objects.filter(either).exclude(state=RepresentativeState.ENDED)
