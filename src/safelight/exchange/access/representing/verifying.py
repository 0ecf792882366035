"""How do two of an institution verify that somebody may act for another?

A privacy officer or a member of the imaging desk reads the evidence, which is on
record, and says yes; then a second, different one does. Only then does anything
open. The database refuses the same person twice (`representative_triggers.py`).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from safelight.dicom.elements.dates import parse_date
from safelight.exchange.access.caring.readings import note_reading
from safelight.exchange.access.epoch import turn_epoch
from safelight.exchange.access.events import AccessEvent
from safelight.exchange.access.facts import Party
from safelight.exchange.access.representing.majority import earliest, majority_at
from safelight.exchange.access.representing.recording import in_person, note, tell
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.records.accounts.models import (
    Evidence,
    Representative,
    RepresentativeKind,
    RepresentativeState,
    Role,
)
from safelight.records.accounts.queries import memberships_of
from safelight.records.imaging.models import PatientRecord, Vault
from safelight.records.imaging.patients import identity_of

_MINORS: Final = frozenset({RepresentativeKind.PARENT, RepresentativeKind.GUARDIAN})
_VERIFYING: Final = frozenset({Role.PRIVACY_OFFICER, Role.IMAGING_DESK})


def verifies_for(party: Party, roles: frozenset[Role] = _VERIFYING) -> frozenset[UUID]:
    """Return the institutions in whose name a party may verify; empty for all others."""
    try:
        account_id = in_person(party)
    except NotFoundError:
        return frozenset()
    found = memberships_of(account_id)
    return frozenset(row.organization_id for row in found if Role(row.role) in roles)


def to_verify(party: Party, *, at: datetime) -> list[Representative]:
    """List what waits for, or was verified by, this party's institution, what waits first.

    Reading it is on record. Whoever verifies for none has no list.
    """
    if not (places := verifies_for(party)):
        return []
    vaults = Vault.objects.filter(organization_id__in=places)
    note_reading(AccessEvent.REPRESENTATIVES_LISTED, party, vaults, at=at)
    rows = Representative.objects.select_related("account", "represented").filter(
        organization_id__in=places
    )
    order = [*RepresentativeState]
    return sorted(
        rows, key=lambda row: (row.state != "pending", order.index(row.state), row.asked_at)
    )


def row_to_verify(
    party: Party, representative_id: UUID, roles: frozenset[Role] = _VERIFYING
) -> Representative:
    """Return one of them.

    Raises:
        NotFoundError: it is not for this party's institution.
    """
    row = Representative.objects.filter(
        pk=representative_id, organization_id__in=verifies_for(party, roles)
    ).first()
    if row is None or party.account_id in {row.account_id, row.represented_id}:
        raise NotFoundError
    return row


def read_evidence(party: Party, representative_id: UUID, *, at: datetime) -> list[Evidence]:
    """Return the evidence, oldest first. That it was read is on record before."""
    row = row_to_verify(party, representative_id)
    with transaction.atomic():
        note(AccessEvent.EVIDENCE_READ, party, row, at=at)
    return list(row.evidence.order_by("added_at"))


def paper_of(party: Party, representative_id: UUID, evidence_id: UUID, *, at: datetime) -> bytes:
    """Return one paper as it came. That it was read is on record before.

    Raises:
        NotFoundError: there is none for this party's institution.
    """
    for each in read_evidence(party, representative_id, at=at):
        if each.pk == evidence_id and each.paper:
            return bytes(each.paper)
    raise NotFoundError


def confirm_evidence(party: Party, representative_id: UUID, *, at: datetime) -> Representative:
    """Say that the evidence is good: the first does so, then a second, different person.

    Raises:
        NotFoundError: it is not for this party's institution.
        StateConflictError: it does not wait, this person has said so before, nobody here
            is the one it is about, or a parent asks for somebody who is of age.
    """
    row = row_to_verify(party, representative_id)
    if row.state != RepresentativeState.PENDING or row.first_by_id == party.account:
        raise StateConflictError
    if row.represented_id is None and row.patient_id is None:
        raise StateConflictError("Nobody here is known by what was given. It can only be refused.")
    ends_at = end_by_majority(row)
    if row.kind == RepresentativeKind.PARENT and (ends_at is None or ends_at <= at):
        raise StateConflictError("Whoever is of age decides alone.")
    with transaction.atomic():
        waiting = Representative.objects.filter(pk=row.pk, state=RepresentativeState.PENDING)
        if row.first_by_id is None:
            done = waiting.filter(first_by=None).update(first_by_id=party.account, first_at=at)
            note(AccessEvent.REPRESENTATIVE_CHECKED, party, row, at=at)
        else:
            minor = ends_at is not None and ends_at > at
            done = waiting.filter(second_by=None).update(
                second_by_id=party.account,
                second_at=at,
                state=RepresentativeState.VERIFIED,
                starts_at=at,
                is_until_majority=minor,
                ends_on=ends_at.isoformat() if ends_at is not None and minor else "",
            )
            turn_epoch()
            note(AccessEvent.REPRESENTATIVE_BEGAN, party, row, at=at)
            tell(row.account_id, "acting-verified", at=at)
            tell(row.represented_id, "acting-began", at=at)
        if not done:
            raise StateConflictError
    return Representative.objects.get(pk=row.pk)


def refuse_evidence(party: Party, representative_id: UUID, *, at: datetime) -> None:
    """Say that the evidence does not show the right to act.

    Raises:
        NotFoundError: it is not for this party's institution.
        StateConflictError: it does not wait any more.
    """
    row = row_to_verify(party, representative_id)
    with transaction.atomic():
        waiting = Representative.objects.filter(pk=row.pk, state=RepresentativeState.PENDING)
        if not waiting.update(state=RepresentativeState.ENDED, ended_at=at, ended_by="staff"):
            raise StateConflictError
        note(AccessEvent.REPRESENTATIVE_REFUSED, party, row, at=at)
        tell(row.account_id, "acting-ended", at=at)


def end_by_majority(row: Representative) -> datetime | None:
    """Return when whoever is represented is of age, by the earliest birth date on record."""
    if row.kind not in _MINORS:
        return None
    born_on = earliest([*_births_on_record(row), *_birth_said(row)])
    return majority_at(born_on, row.jurisdiction, _ages()) if born_on else None


def _ages() -> dict[str, int]:
    return dict(settings.SAFELIGHT_AGES_OF_MAJORITY)


def _birth_said(row: Representative) -> list[date]:
    return [date.fromisoformat(row.born_on)] if row.born_on else []


def _births_on_record(row: Representative) -> list[date]:
    """Read the birth dates in the headers of what is on record of this person."""
    about = Q(pk=row.patient_id) if row.patient_id else Q(account_id=row.represented_id)
    births = [
        parse_date(identity_of(patient.vault_id, patient).birth_date)
        for patient in PatientRecord.objects.filter(about)
    ]
    return [born for born in births if born is not None]
