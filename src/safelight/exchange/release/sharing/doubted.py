"""What becomes of shares that somebody else may have signed? They pause until the giver decides.

They are not taken back: what was truly given shall not be lost to a false alarm. Each
goes on only by the giver's own word, with both factors, or ends.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from safelight.exchange.access.actions import turn_for_consents
from safelight.exchange.access.facts import Party
from safelight.exchange.consent.models import Consent, ConsentPause
from safelight.exchange.release.sharing.keeping import with_passed_on
from safelight.exchange.release.sharing.pausing import PausedBy, pause


def pause_doubted(account_id: UUID, *, since: datetime, at: datetime) -> list[UUID]:
    """Pause what an account signed since then, inside the caller's transaction."""
    rows = Consent.objects.select_for_update().filter(
        grantor_id=account_id, granted_at__gte=since, revoked_at__isnull=True, ends_at__gt=at
    )
    found = list(rows)
    for row in found:
        pause(row, PausedBy.COMPROMISE, None, at=at)
        turn_for_consents(with_passed_on(row))
    return [row.pk for row in found]


def doubted_of(party: Party, *, at: datetime) -> list[Consent]:
    """List the shares of a party that wait for a word on whether it was they who signed."""
    waiting = ConsentPause.objects.filter(by=PausedBy.COMPROMISE, ended_at__isnull=True)
    rows = Consent.objects.filter(
        pk__in=waiting.values("consent_id"),
        grantor_id=party.account,
        revoked_at__isnull=True,
        ends_at__gt=at,
    )
    return list(rows.order_by("granted_at"))
