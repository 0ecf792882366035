"""Who treats whom, in words: for the desk that keeps the list, and for the patient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from safelight.exchange.access.caring.relations import care_kept_by
from safelight.exchange.access.facts import Party
from safelight.exchange.access.models import CareRelation, CareWay
from safelight.exchange.access.representing.recording import in_person
from safelight.kernel.errors import NotFoundError
from safelight.records.accounts.models import Account, Membership, Organization
from safelight.records.imaging.models import PatientRecord, Vault
from safelight.records.imaging.patients import identity_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CareLine:
    """One who treats one patient, or has care of one exam.

    `patient` and `number` are told to the desk alone.
    """

    relation_id: UUID
    name: str
    institution: str
    way: CareWay
    reason: str
    reference: str
    since: datetime
    until: datetime | None
    entered_by: str
    is_of_one_exam: bool
    patient: str = ""
    number: str = ""


def care_at_desk(party: Party, *, at: datetime) -> list[CareLine]:
    """List what the party's institution has entered, with the patients' names."""
    rows = care_kept_by(party, at=at)
    patients = PatientRecord.objects.in_bulk({row.patient_id for row in rows})
    known = {key: identity_of(row.vault_id, row) for key, row in patients.items()}
    return [
        _line(row, patient=known[row.patient_id].name, number=known[row.patient_id].patient_id)
        for row in rows
    ]


def care_about(party: Party, *, at: datetime) -> list[CareLine]:
    """List who treats this person at institutions whose records of them are theirs."""
    try:
        account_id = in_person(party)
    except NotFoundError:
        return []
    own = PatientRecord.objects.filter(account_id=account_id)
    rows = CareRelation.objects.filter(
        Q(until__isnull=True) | Q(until__gt=at),
        patient_id__in=own.values("id"),
        ended_at__isnull=True,
    )
    return [_line(row) for row in rows.order_by("-since", "id") if _is_member(row)]


def _is_member(row: CareRelation) -> bool:
    organization_id = Vault.objects.values_list("organization_id", flat=True).get(pk=row.vault_id)
    return Membership.objects.filter(
        account_id=row.account_id,
        organization_id__in=[organization_id],
        state=Membership.State.ACTIVE,
    ).exists()


def _line(row: CareRelation, *, patient: str = "", number: str = "") -> CareLine:
    vault = Vault.objects.get(pk=row.vault_id)
    institution = Organization.objects.filter(pk__in=[vault.organization_id]).first()
    return CareLine(
        relation_id=row.pk,
        name=_name(row.account_id),
        institution=institution.name if institution else "",
        way=CareWay(row.way),
        reason=row.reason or "",
        reference=row.reference or "",
        since=row.since,
        until=row.until,
        entered_by=_name(row.entered_by),
        is_of_one_exam=row.study_id is not None,
        patient=patient,
        number=number,
    )


def _name(account_id: UUID | None) -> str:
    found = Account.objects.filter(pk=account_id).first() if account_id else None
    return found.name if found else ""
