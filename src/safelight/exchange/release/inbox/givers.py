"""From whom may something lie before somebody, and what was given that opens nothing now?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q

from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.access.load import granted
from safelight.exchange.access.naming import consent_ids_naming
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.rules import Refusal, refusal
from safelight.exchange.consent.terms import Form, Permission
from safelight.records.accounts.models import Account, Organization

_MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Giver:
    """Somebody who gave something, or an institution that keeps it."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A consent that opens nothing just now, and why; whose and what it was is closed with it."""

    granted_at: datetime
    why: Refusal


def givers(party: Party, *, at: datetime) -> list[Giver]:
    """List who gave something that is live, and the party's institutions.

    Whoever gave a copy without a name is not among them: their name is not told.
    """
    live = Consent.objects.filter(
        pk__in=consent_ids_naming(party),
        form=Form.IDENTIFIED,
        revoked_at__isnull=True,
        suspended_at__isnull=True,
        starts_at__lte=at,
        ends_at__gt=at,
    )
    people = set(live.values_list("grantor_id", flat=True).distinct()[:_MOST])
    known = [Giver(each.pk, each.name) for each in Account.objects.filter(pk__in=people)]
    if party.kind is PartyKind.PROVIDER:
        places = Organization.objects.filter(pk__in=party.organizations)
        known += [Giver(each.pk, each.name) for each in places]
    return sorted(known, key=lambda each: each.name.casefold())


def ended(party: Party, *, at: datetime) -> list[Ended]:
    """List the newest of what was given that opens nothing now."""
    # What was given for somebody, or passed on, can rest on more than its own row.
    over = Q(revoked_at__isnull=False) | Q(suspended_at__isnull=False)
    over |= Q(starts_at__gt=at) | Q(ends_at__lte=at)
    over |= Q(representative_id__isnull=False) | Q(parent_id__isnull=False)
    rows = Consent.objects.filter(over, pk__in=consent_ids_naming(party))
    found = []
    for row in rows.order_by("-granted_at", "id")[:_MOST]:
        why = refusal(granted(row), Permission.VIEW, at=at)
        if why is not None:
            found.append(Ended(row.granted_at, why))
    return found
