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

from safelight.exchange.access.facts import Party
from safelight.exchange.receive.handover.announcing import held, require_safelight
from safelight.exchange.receive.handover.models import Handover
from safelight.exchange.release.models import Disclosure, Look
from safelight.exchange.release.suspending import not_told
from safelight.exchange.release.transfer.events import TransferEvent
from safelight.exchange.release.viewing.looks import write_down_counts
from safelight.platform.audit.actions import record
from safelight.records.imaging.models import PatientRecord, Study

AT_ONCE: Final = 200
_DOWNLOADS: Final = {"download": "downloaded", "transfer": "received"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """One thing that was done. `did` is as in the owner's own activity."""

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
    study = Study.objects.filter(vault_id=row.vault_id, uid_token=bytes(row.study_token)).first()
    if study is None:
        return
    whose = PatientRecord.objects.filter(pk=study.patient_id).values_list("account_id", flat=True)
    owner = f"account/{whose.first()}"
    hidden = not_told([study.pk], at=at)
    # What rests on a consent is what the patient let others do here: theirs to know, and known.
    looks = Look.objects.filter(
        study_id=study.pk, opened_at__gt=after, is_glimpse=False, consent_id=None
    ).exclude(disclosure_id__in=hidden)
    for each in looks.exclude(actor=owner).order_by("opened_at")[:AT_ONCE]:
        yield Custody(key=str(each.pk), did="looked", at=each.opened_at, pictures=each.pictures)
    copies = Disclosure.objects.filter(
        study_id=study.pk, at__gt=after, channel__in=list(_DOWNLOADS), consent_id=None
    ).exclude(pk__in=hidden)
    for copy in copies.exclude(recipient=owner).order_by("at")[:AT_ONCE]:
        yield Custody(
            key=str(copy.pk), did=_DOWNLOADS[copy.channel], at=copy.at, pictures=copy.pictures
        )
