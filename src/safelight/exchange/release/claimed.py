"""Which records wait to be claimed, and whose are they now? For the desk, and for the person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from safelight.exchange.access.caring.readings import note_reading
from safelight.exchange.access.caring.relations import desk_vaults
from safelight.exchange.access.events import AccessEvent
from safelight.exchange.access.facts import Party
from safelight.exchange.access.models import RecordClaim
from safelight.exchange.access.representing.recording import in_person
from safelight.kernel.errors import NotFoundError
from safelight.records.accounts.models import Organization
from safelight.records.imaging.models import PatientRecord, Study, StudyState, Vault
from safelight.records.imaging.patients import identity_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimLine:
    """One record that waits for its person, or was claimed. `patient` is told to the desk."""

    claim_id: UUID
    institution: str
    number: str
    patient: str
    made_at: datetime
    expires_at: datetime
    claimed_at: datetime | None
    exams: int


def claims_at_desk(party: Party, *, at: datetime) -> list[ClaimLine]:
    """List what waits at the party's institution, and what was claimed, the latest first.

    Reading it is on record.

    Raises:
        NotFoundError: the party works at no institution's desk.
    """
    vaults = desk_vaults(party)
    note_reading(AccessEvent.CLAIMS_LISTED, party, vaults, at=at)
    return [_line(row) for row in _at_desk(vaults, at=at)]


def claim_at_desk(party: Party, claim_id: UUID, *, at: datetime) -> ClaimLine:
    """Return one of them. Reading it is on record.

    Raises:
        NotFoundError: it is not of the party's institution, or it is over.
    """
    vaults = desk_vaults(party)
    row = next((each for each in _at_desk(vaults, at=at) if each.pk == claim_id), None)
    if row is None:
        raise NotFoundError
    of_it = [vault for vault in vaults if vault.id == row.vault_id]
    note_reading(AccessEvent.CLAIM_READ, party, of_it, subject=f"claim/{claim_id}", at=at)
    return _line(row)


def claimed_by(party: Party) -> list[ClaimLine]:
    """List the records that this person claimed and still owns, the latest first."""
    try:
        account_id = in_person(party)
    except NotFoundError:
        return []
    rows = RecordClaim.objects.filter(account_id=account_id, ended_at__isnull=True)
    return [_line(row) for row in rows.order_by("-used_at")]


def _at_desk(vaults: list[Vault], *, at: datetime) -> list[RecordClaim]:
    rows = RecordClaim.objects.filter(
        vault_id__in=[vault.id for vault in vaults], ended_at__isnull=True
    )
    return [row for row in rows.order_by("-made_at") if row.used_at or row.expires_at > at]


def _line(row: RecordClaim) -> ClaimLine:
    patient = PatientRecord.objects.get(pk=row.patient_id)
    known = identity_of(row.vault_id, patient)
    vault = Vault.objects.get(pk=row.vault_id)
    institution = Organization.objects.filter(pk__in=[vault.organization_id]).first()
    exams = Study.objects.filter(patient_id=row.patient_id, state=StudyState.FILED)
    return ClaimLine(
        claim_id=row.pk,
        institution=institution.name if institution else "",
        number=known.patient_id,
        patient=known.name,
        made_at=row.made_at,
        expires_at=row.expires_at,
        claimed_at=row.used_at,
        exams=exams.count(),
    )
