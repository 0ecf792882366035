"""Whom does this person know already: earlier recipients, and groups of their own?

There is no directory of people: nobody learns here who else has an account.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from safelight.exchange.access.facts import Party
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.terms import Audience, Recipient
from safelight.exchange.release.models import Share
from safelight.exchange.release.sharing.signing import recipient_token
from safelight.exchange.release.signed import terms_of
from safelight.kernel.errors import InvalidFieldError
from safelight.records.accounts.addresses import normalised
from safelight.records.accounts.models import Group, GroupMember

_LOOKED_THROUGH: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Somebody to whom this person has shared before. `proved_at`: when the address was proved."""

    consent_id: UUID
    recipient: Recipient
    proved_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnGroup:
    """A group that this person manages, and who is on it, themselves left out."""

    group_id: UUID
    name: str
    members: tuple[tuple[UUID, str], ...]


def known_recipients(party: Party, *, limit: int = 5) -> list[Known]:
    """List whom this person shared with of late, each once: those who came in, and institutions."""
    found: dict[object, Known] = {}
    consents = Consent.objects.filter(grantor_id=party.account).order_by("-granted_at")
    recent = list(consents[:_LOOKED_THROUGH])
    proved = _proved([each.id for each in recent])
    for consent in recent:
        recipient = terms_of(consent).recipient
        is_person = recipient.audience is Audience.PERSON
        if recipient.audience is Audience.GROUP or (is_person and consent.id not in proved):
            continue
        same = recipient.address or (recipient.audience, recipient.organization_id)
        if same not in found:
            found[same] = Known(
                consent_id=consent.id, recipient=recipient, proved_at=proved.get(consent.id)
            )
    return list(found.values())[:limit]


def proved_before(party: Party, address: str) -> datetime | None:
    """Return when this person saw an address proved last, or None."""
    try:
        same = recipient_token(normalised(address))
    except InvalidFieldError:
        return None
    consents = Consent.objects.filter(grantor_id=party.account, recipient_token=same)
    return max(_proved(list(consents.values_list("id", flat=True))).values(), default=None)


def perhaps_known_domains(party: Party) -> list[str]:
    """Return the domains of addresses that were proved to this person before."""
    known = known_recipients(party, limit=_LOOKED_THROUGH)
    return [each.recipient.address.rpartition("@")[2] for each in known if each.recipient.address]


def own_groups(party: Party) -> list[OwnGroup]:
    """List the groups that this person manages, by name."""
    rows = Group.objects.filter(manager_id=party.account, ended_at__isnull=True)
    return sorted((_own(row, party) for row in rows), key=lambda each: each.name.casefold())


def _own(row: Group, party: Party) -> OwnGroup:
    on_it = GroupMember.objects.select_related("account").filter(group=row, ended_at__isnull=True)
    return OwnGroup(
        group_id=row.pk,
        name=row.name,
        members=tuple(
            (each.account_id, each.account.name)
            for each in on_it.order_by("since", "pk")
            if each.account_id != party.account_id
        ),
    )


def _proved(consent_ids: list[UUID]) -> dict[UUID, datetime]:
    shares = Share.objects.filter(consent_id__in=consent_ids, verified_at__isnull=False)
    rows = shares.exclude(declined_at__isnull=False).values_list("consent_id", "verified_at")
    return {consent_id: at for consent_id, at in rows if at is not None}
