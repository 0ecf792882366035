"""What came in at an institution, from which of the systems it is connected with?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from safelight.exchange.access.facts import Party
from safelight.exchange.access.representing.verifying import verifies_for
from safelight.exchange.receive.models import Channel, IntakeBatch
from safelight.kernel.errors import NotFoundError
from safelight.records.accounts.models import Role
from safelight.records.partners.models import Connection

_DESK: Final = frozenset({Role.IMAGING_DESK})
_AT_MOST: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One association or request of a connected system, and what became of what it sent."""

    name: str
    partner: str
    channel: Channel
    at: datetime
    stored: int
    known: int
    review: int
    refused: int


def deliveries(party: Party) -> list[Delivery]:
    """List what connected systems sent to the desk's institutions, the newest first.

    Counts, and no word about any patient.

    Raises:
        NotFoundError: this party is at no desk.
    """
    if not (places := verifies_for(party, _DESK)):
        raise NotFoundError
    known = {
        row.pk: row
        for row in Connection.objects.filter(organization_id__in=places).select_related("partner")
    }
    rows = IntakeBatch.objects.filter(account_id__in=known.keys()).order_by("-started_at", "-id")
    return [_delivery(row, known[row.account_id]) for row in rows[:_AT_MOST]]


def _delivery(row: IntakeBatch, system: Connection) -> Delivery:
    return Delivery(
        name=system.name,
        partner=system.partner.name if system.partner is not None else "",
        channel=Channel(row.channel),
        at=row.started_at,
        stored=row.stored,
        known=row.duplicate,
        review=row.review,
        refused=row.refused,
    )
