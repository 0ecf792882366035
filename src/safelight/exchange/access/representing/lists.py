"""Who acts for this person, and for whom do they act? As the page of it shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from safelight.exchange.access.facts import Party, Power
from safelight.exchange.access.mandates import ACTING, mandate_of
from safelight.exchange.access.representing.ending import may_end
from safelight.exchange.access.representing.recording import in_person
from safelight.records.accounts.models import (
    Membership,
    Organization,
    Representative,
    RepresentativeState,
    Role,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """One who acts for another, as either of the two may know it.

    Whoever is blocked learns no more than that it has ended.
    """

    representative_id: UUID
    kind: str
    state: str
    name: str
    powers: frozenset[Power]
    since: datetime | None
    until: datetime | None
    is_until_majority: bool
    may_end: bool
    asked_at: datetime

    @property
    def is_live(self) -> bool:
        """Whether it lets somebody act now."""
        return self.state in ACTING

    @property
    def may_read_activity(self) -> bool:
        """Whether it lets somebody read who looked: whoever only looks does not."""
        return self.is_live and not self.powers <= {Power.LOOK}

    @property
    def is_pending(self) -> bool:
        """Whether somebody still has to say yes."""
        return self.state in {RepresentativeState.INVITED, RepresentativeState.PENDING}


def acting_for(party: Party) -> list[Acting]:
    """List who acts for this person, or asked to, or did, the newest first."""
    rows = Representative.objects.select_related("account").filter(represented_id=in_person(party))
    return [
        _acting(party, row, row.account.name if row.account else str(row.invited_name or ""))
        for row in rows.order_by("-asked_at")
    ]


def acts_for(party: Party) -> list[Acting]:
    """List for whom this person acts, or asked to, or did, the newest first."""
    rows = Representative.objects.filter(account_id=in_person(party))
    return [_acting(party, row, row.represented_name) for row in rows.order_by("-asked_at")]


def institutions() -> list[tuple[UUID, str]]:
    """List the institutions that can verify something, by name."""
    found = Organization.objects.filter(
        memberships__role__in=(Role.PRIVACY_OFFICER, Role.IMAGING_DESK),
        memberships__state=Membership.State.ACTIVE,
    ).distinct()
    return sorted(((row.pk, row.name) for row in found), key=lambda each: each[1])


def represented_names(representative_ids: set[UUID]) -> dict[UUID, str]:
    """Return the names of those for whom some act, by the authority."""
    rows = Representative.objects.filter(pk__in=representative_ids)
    return {row.pk: row.represented_name for row in rows}


def _acting(party: Party, row: Representative, name: str) -> Acting:
    mandate = mandate_of(row)
    is_theirs = row.account_id == party.account_id
    hidden = is_theirs and row.state == RepresentativeState.BLOCKED
    return Acting(
        representative_id=row.pk,
        kind=row.kind,
        state=RepresentativeState.ENDED if hidden else row.state,
        name=name,
        powers=mandate.powers,
        since=row.starts_at,
        until=mandate.until,
        is_until_majority=row.is_until_majority,
        may_end=may_end(party, row),
        asked_at=row.asked_at,
    )
