"""What exactly does an access for a few hours open, and who is to be told of it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from safelight.exchange.access.facts import NOBODY
from safelight.exchange.access.load import study_facts
from safelight.kernel.errors import NotFoundError
from safelight.records.accounts.models import Membership, Role
from safelight.records.imaging.models import PatientRecord, Study, StudyState, Vault

_WEEKEND: Final = frozenset({5, 6})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One exam, or all exams of one patient record."""

    vault_id: UUID
    patient_id: UUID | None = None
    study_id: UUID | None = None

    @property
    def subject(self) -> str:
        """The opaque name of it."""
        return f"study/{self.study_id}" if self.study_id else f"patient/{self.patient_id}"


def scope_named(subject: str) -> Scope:
    """Return what "study/<id>" or "patient/<id>" stands for, if it is there.

    Raises:
        NotFoundError: there is nothing of that name.
    """
    kind, _, text = subject.partition("/")
    try:
        identity = UUID(text)
    except ValueError:
        raise NotFoundError from None
    if kind == "study":
        study = Study.objects.filter(pk=identity, state=StudyState.FILED).first()
        if study is not None:
            return Scope(vault_id=study.vault_id, study_id=study.pk)
    if kind == "patient":
        patient = PatientRecord.objects.filter(pk=identity).first()
        if patient is not None:
            return Scope(vault_id=patient.vault_id, patient_id=patient.pk)
    raise NotFoundError


def studies_within(scope: Scope) -> list[UUID]:
    """Return the exams that a scope opens now."""
    if scope.study_id is not None:
        return [scope.study_id]
    if scope.patient_id is None:  # neither: then nothing
        return []
    of_patient = Study.objects.filter(patient_id=scope.patient_id, state=StudyState.FILED)
    return list(of_patient.values_list("id", flat=True))


def owners_of(scope: Scope) -> frozenset[UUID]:
    """Return whose exams these are: who is to be told."""
    facts = study_facts(NOBODY, studies_within(scope))
    return frozenset(each.owner for each in facts.values() if each.owner is not None)


def officers_of(vault_id: UUID) -> frozenset[UUID]:
    """Return the privacy officers of the institution that keeps a vault, if one does."""
    places = Vault.objects.filter(pk=vault_id).values_list("organization_id", flat=True)
    held = Membership.objects.filter(
        organization_id__in=[each for each in places if each],
        role=Role.PRIVACY_OFFICER,
        state=Membership.State.ACTIVE,
    )
    return frozenset(held.values_list("account_id", flat=True))


def working_days_after(at: datetime, days: int) -> datetime:
    """Return the same time of day so many working days later, Saturdays and Sundays left out."""
    due = at
    while days:
        due += timedelta(days=1)
        days -= due.weekday() not in _WEEKEND
    return due
