"""How does an owner take a wrong upload away? Seven days to change their mind, then its keys go."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Min, QuerySet

from safelight.exchange.access.decision import Action
from safelight.exchange.access.epoch import turn_epoch
from safelight.exchange.access.facts import Party
from safelight.exchange.access.rules import standing_refusal
from safelight.exchange.release.viewing.find import Found, find_study, find_study_by_id
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.platform.audit.actions import record
from safelight.records.imaging.erasing import erase_study, half_erased
from safelight.records.imaging.events import ImagingEvent
from safelight.records.imaging.models import (
    PatientRecord,
    RemovedInstance,
    Study,
    StudyState,
    Vault,
)
from safelight.records.imaging.parts import erase_parts, put_back

TIME_TO_UNDO: Final = timedelta(days=7)


def remove(party: Party, study_id: UUID, *, at: datetime) -> None:
    """Take an exam out of sight at once; its keys are destroyed after seven days.

    Raises:
        NotFoundError: it is not this party's to remove.
    """
    found = find_study_by_id(party, study_id, at=at, action=Action.REMOVE)
    with transaction.atomic():
        remove_found(party, found, at=at)


def remove_by_uid(party: Party, study_uid: str, *, at: datetime) -> None:
    """Take the exam out of sight that a program names by its Study Instance UID.

    Raises:
        NotFoundError: there is none that this party may remove.
    """
    found = find_study(party, study_uid, at=at, action=Action.REMOVE)
    remove(party, found.study.id, at=at)


def remove_found(party: Party, found: Found, *, at: datetime) -> None:
    """Take an exam out of sight that was found to be this party's, in the caller's transaction."""
    filed = Study.objects.filter(pk=found.study.id, state=StudyState.FILED)
    if not filed.update(state=StudyState.REMOVED, removed_at=at, changed_at=at):
        raise NotFoundError
    turn_epoch([found.study.id])
    note(ImagingEvent.STUDY_REMOVED, party, found.study, at)


def bring_back(party: Party, study_id: UUID, *, at: datetime) -> None:
    """Undo a removal, of an exam or of parts of it, while there is time.

    Raises:
        NotFoundError: nothing of this party's was removed under this id.
        StateConflictError: the seven days are over.
    """
    if Study.objects.filter(pk=study_id, state=StudyState.FILED).exists():
        _bring_back_parts(party, study_id, at=at)
        return
    study = _removed(party, study_id)
    if study.removed_at is None or at - study.removed_at >= TIME_TO_UNDO:
        raise StateConflictError("The seven days are over. The exam cannot be brought back.")
    with transaction.atomic():
        removed = Study.objects.filter(pk=study_id, state=StudyState.REMOVED)
        if not removed.update(state=StudyState.FILED, removed_at=None, changed_at=at):
            raise NotFoundError
        turn_epoch([study_id])
        note(ImagingEvent.STUDY_RESTORED, party, study, at)


def removed_exams(party: Party, *, at: datetime) -> list[tuple[UUID, datetime]]:
    """List the exams of which this party removed all or parts and can still bring it back.

    Each by its id, with the last moment.
    """
    vaults = Vault.objects.filter(account_id=party.account).values("id")
    rows = Study.objects.filter(vault_id__in=vaults, state=StudyState.REMOVED)
    whole = [
        (row.id, row.removed_at + TIME_TO_UNDO)
        for row in rows
        if row.removed_at is not None and at < row.removed_at + TIME_TO_UNDO
    ]
    return whole + _with_removed_parts(vaults, at=at)


def erase_due(*, at: datetime) -> int:
    """Destroy what was removed and whose time to undo is over; return of how many exams.

    One that is sent again meanwhile stays.
    """
    due = Study.objects.filter(state=StudyState.REMOVED, removed_at__lte=at - TIME_TO_UNDO)
    erased = sum(erase_study(study, at=at) for study in [*half_erased(), *due])
    return erased + erase_parts(before=at - TIME_TO_UNDO, at=at)


def _bring_back_parts(party: Party, study_id: UUID, *, at: datetime) -> None:
    found = find_study_by_id(party, study_id, at=at, action=Action.REMOVE)
    with transaction.atomic():
        back = put_back(found.study, since=at - TIME_TO_UNDO, at=at)
        if back is None:
            raise NotFoundError
        turn_epoch([found.study.id])
        note(ImagingEvent.PARTS_RESTORED, party, found.study, at, count=back)


def _with_removed_parts(
    vaults: QuerySet[Vault, Any], *, at: datetime
) -> list[tuple[UUID, datetime]]:
    """List the exams that stand, but for parts that can be brought back."""
    rows = (
        RemovedInstance.objects.filter(vault_id__in=vaults, removed_at__gt=at - TIME_TO_UNDO)
        .values_list("study_id")
        .annotate(Min("removed_at"))
        .order_by()
    )
    first = dict(rows)
    filed = Study.objects.filter(pk__in=list(first), state=StudyState.FILED)
    return [
        (study_id, first[study_id] + TIME_TO_UNDO)
        for study_id in filed.values_list("id", flat=True)
    ]


def _removed(party: Party, study_id: UUID) -> Study:
    """Find a removed study whose owner this party is; the rules see only filed ones."""
    study = Study.objects.filter(pk=study_id, state=StudyState.REMOVED).first()
    if study is None or standing_refusal(party, Action.REMOVE) is not None:
        raise NotFoundError
    patient = PatientRecord.objects.get(pk=study.patient_id)
    vault = Vault.objects.get(pk=study.vault_id)
    if party.account_id is None or (patient.account_id or vault.account_id) != party.account_id:
        raise NotFoundError
    return study


def note(event: ImagingEvent, party: Party, study: Study, at: datetime, *, count: int = 0) -> None:
    """Put on record what was done with an exam, or with so many instances of it."""
    record(
        event,
        actor=party.name,
        session=party.session,
        subject=f"study/{study.id}",
        vault_id=study.vault_id,
        count=count,
        at=at,
    )
