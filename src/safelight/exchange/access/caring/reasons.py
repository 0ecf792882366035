"""Why does one of the care team open this patient's exams today? (R09)

Where the desk entered a reason, that is the reason. Otherwise, as for who brought an
exam in on an earlier day, the person is asked once for each patient and day, by
whichever way they look: lists tell which exams there are, and nothing of an exam
opens before the answer. The patient reads it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action, Reason
from safelight.exchange.access.events import AccessEvent
from safelight.exchange.access.facts import Party
from safelight.exchange.access.models import CareReason, CareRelation, CareWay
from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.platform.audit.actions import record
from safelight.records.imaging.models import Study

LONGEST_WORDS: Final = 300


class CareCause(StrEnum):
    """Why somebody who treats a patient opens an exam. Values are stable codes."""

    TREATMENT = "treatment"
    REPORTING = "reporting"
    PLANNING = "planning"
    CONFERENCE = "conference"
    QUALITY = "quality"
    OTHER = "other"


def wants_reason(party: Party, study_id: UUID, *, at: datetime) -> bool:
    """Say whether this party opens the exam by care alone, and has given no reason today."""
    decision = decide(party, Action.VIEW, study_id, at=at)
    if not decision.allowed or decision.reason != Reason.CARE_RELATION:
        return False
    return bool(reasons_owed(party, {study_id: _patient_of(study_id)}, at=at))


def reasons_owed(party: Party, patients: Mapping[UUID, UUID], *, at: datetime) -> frozenset[UUID]:
    """Return which exams, open to the party by care alone, want a reason before a look.

    `patients` says of each exam whose it is.
    """
    about = set(patients.values())
    relations = CareRelation.objects.filter(
        Q(until__isnull=True) | Q(until__gt=at),
        ~Q(way=CareWay.DELIVERY) | Q(since__date=at.date()),
        patient_id__in=about,
        account_id=party.account,
        since__lte=at,
        ended_at__isnull=True,
    )
    stated = set(relations.values_list("patient_id", "study_id"))
    given = set(
        CareReason.objects.filter(
            patient_id__in=about, account_id=party.account, on=at.date()
        ).values_list("patient_id", flat=True)
    )
    return frozenset(
        study_id
        for study_id, patient_id in patients.items()
        if patient_id not in given and not stated & {(patient_id, None), (patient_id, study_id)}
    )


def give_reason(party: Party, study_id: UUID, code: str, words: str, *, at: datetime) -> CareReason:
    """Keep why this party opens the patient's exams today. The first answer of a day stands.

    Raises:
        NotFoundError: the exam is not open to this party by care.
        InvalidFieldError: no reason was chosen, or "other" says nothing more.
    """
    decision = decide(party, Action.VIEW, study_id, at=at)
    if not decision.allowed or decision.reason != Reason.CARE_RELATION:
        raise NotFoundError
    if code not in set(CareCause):
        raise InvalidFieldError("code", "Choose why you open it.")
    said = words.strip()
    if len(said) > LONGEST_WORDS or (code == CareCause.OTHER and not said):
        raise InvalidFieldError("words", "Say it in a sentence, in up to 300 letters.")
    study = Study.objects.get(pk=study_id)
    with transaction.atomic():
        kept, is_new = CareReason.objects.get_or_create(
            patient_id=study.patient_id,
            account_id=party.account,
            on=at.date(),
            defaults={
                "vault_id": study.vault_id,
                "given_at": at,
                "code": code,
                "words": said,
            },
        )
        if is_new:
            record(
                AccessEvent.CARE_REASON,
                actor=party.name,
                session=party.session,
                subject=f"study/{study_id}",
                vault_id=study.vault_id,
                purpose=kept.code,
                at=at,
            )
    return kept


def reasons_given(study_ids: Collection[UUID]) -> dict[tuple[UUID, str, date], CareReason]:
    """Return the reasons given about some exams, by exam, actor and day."""
    patients = dict(Study.objects.filter(pk__in=study_ids).values_list("id", "patient_id"))
    kept: dict[UUID, list[CareReason]] = {}
    for row in CareReason.objects.filter(patient_id__in=set(patients.values())):
        kept.setdefault(row.patient_id, []).append(row)
    return {
        (study_id, f"account/{row.account_id}", row.on): row
        for study_id, patient_id in patients.items()
        for row in kept.get(patient_id, [])
    }


def _patient_of(study_id: UUID) -> UUID:
    return Study.objects.values_list("patient_id", flat=True).get(pk=study_id)
