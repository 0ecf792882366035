"""Which connected system brought which object, so that it may ask about it later?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.receive.models import Brought, Channel, IntakeBatch
from safelight.platform.database.writing import insert
from safelight.records.imaging.arrivals import Marks


def remember(party: Party, batch: IntakeBatch, marks: Iterable[Marks], *, at: datetime) -> None:
    """Write what a system brings by association into the transaction that takes it in."""
    if batch.channel != Channel.DIMSE or party.kind is not PartyKind.SYSTEM:
        return
    rows = [
        Brought(
            connection_id=party.account,
            uid_token=each.uid,
            digest_token=each.digest,
            brought_at=at,
        )
        for each in marks
    ]
    insert(rows, unless_there=True)
