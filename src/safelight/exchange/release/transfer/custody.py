"""What was done here with an exam that a partner handed over, for the person it is about?

The partner asks for its patient, and is told what was done, when, and with how many pictures:
nobody of this house is named. What the patient does here, and lets others do, is not told,
nor what the law forbids to be told yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.decision import Reason
from safelight.exchange.access.facts import Party
from safelight.exchange.receive.handover.announcing import held, require_safelight
from safelight.exchange.receive.handover.models import Handover
from safelight.exchange.release.models import Look
from safelight.exchange.release.suspending import not_told
from safelight.exchange.release.transfer.events import TransferEvent
from safelight.exchange.release.viewing.looks import write_down_counts
from safelight.platform.audit.actions import record

AT_ONCE: Final = 200
# Who treats, and who opened it for some hours. What the patient, or whoever acts for them, does
# here, and what they let others do, is theirs to know.
_OF_THE_HOUSE: Final = (
    Reason.CARE_RELATION.value,
    Reason.ELEVATION.value,
    Reason.BREAK_GLASS.value,
    Reason.OWN_SYSTEM.value,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """One thing that was done. `did` is as in the owner's own activity, so far always a look."""

    key: str
    did: str
    at: datetime
    pictures: int


def custody_of(party: Party, transfer_id: UUID, *, after: datetime, at: datetime) -> list[Custody]:
    """Return what was done with a copy after a moment, the oldest first; it is on record.

    Raises:
        NotFoundError: this party handed nothing of that name over.
    """
    require_safelight(party)
    write_down_counts()
    with transaction.atomic():
        row = held(party, transfer_id)
        done = _done(row, max(after, row.announced_at), at)
        found = sorted(done, key=lambda each: each.at)[:AT_ONCE]
        record(
            TransferEvent.CUSTODY_TOLD,
            actor=party.name,
            session=party.session,
            subject=f"handover/{row.pk}",
            vault_id=row.vault_id,
            count=len(found),
            at=at,
        )
    return found


def _done(row: Handover, after: datetime, at: datetime) -> Iterator[Custody]:
    """Yield what the house did with an exam that came by this connection, and no other exam."""
    if row.study_id is None or not _came_from(row):
        return
    hidden = not_told([row.study_id], at=at)
    looks = Look.objects.filter(
        study_id=row.study_id, opened_at__gt=after, is_glimpse=False, consent_id=None
    )
    looks = looks.filter(basis__in=_OF_THE_HOUSE).exclude(disclosure_id__in=hidden)
    for each in looks.order_by("opened_at")[:AT_ONCE]:
        yield Custody(key=str(each.pk), did="looked", at=each.opened_at, pictures=each.pictures)


def _came_from(row: Handover) -> bool:
    """Say whether the exam itself came by this connection, whichever handover it was."""
    same = Handover.objects.filter(connection_id=row.connection_id, study_id=row.study_id)
    return same.filter(brought=True).exists()
