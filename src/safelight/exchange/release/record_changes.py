"""How do two of a desk agree that two records are one person's, or that an exam lies wrong?

One asks and says why, another confirms. Two records of one person stay two: whoever may see
both finds them beside one another, and no consent covers more than it did. An exam that lies
in another's record goes into the right one whole; whatever was given of it from the wrong
record ends in the same transaction, because it was given about somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from safelight.exchange.access.caring.relations import LONGEST_TEXT, desk_vaults, end_relation
from safelight.exchange.access.epoch import turn_epoch
from safelight.exchange.access.facts import Party
from safelight.exchange.access.models import CareRelation
from safelight.exchange.access.representing.recording import tell
from safelight.exchange.consent.models import Consent
from safelight.exchange.receive.door import require_sender
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.sharing.withdraw import EndedBy, end_consent
from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.platform.audit.actions import record
from safelight.platform.database.turns import take_turn
from safelight.records.imaging.events import ImagingEvent
from safelight.records.imaging.models import (
    ChangeKind,
    PatientRecord,
    RecordChange,
    Study,
    StudyState,
    Vault,
)
from safelight.records.imaging.patients_apart import record_apart

ONE_PERSON: Final = ChangeKind.ONE_PERSON
MOVE_EXAM: Final = ChangeKind.MOVE_EXAM
NEW_RECORD: Final = "new"
_MOVED: Final = "moved"
_OVER: Final = "It was decided already."


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeWish:
    """What one of the desk asks for. `study_id` moves; `there_id` None is a record of its own."""

    kind: ChangeKind
    here_id: UUID
    there_id: UUID | None
    study_id: UUID | None
    words: str


def ask_change(party: Party, wish: ChangeWish, *, at: datetime) -> RecordChange:
    """Ask for it. Nothing changes before another of the desk has confirmed it.

    Raises:
        NotFoundError: the records are not both of one institution of the party.
        InvalidFieldError: nothing is said, or the two are one record.
        StateConflictError: it was asked for already, or the exam does not lie there.
    """
    vault = _vault(party, wish)
    if not 1 <= len(wish.words.strip()) <= LONGEST_TEXT:
        raise InvalidFieldError("words", "Say how you know.")
    if wish.here_id == wish.there_id:
        raise InvalidFieldError("records", "Choose two different records.")
    with transaction.atomic():
        take_turn(f"filing/{vault.id}")
        if wish.study_id is not None:
            _study(wish.study_id, wish.here_id)
        if _open_between(wish).exists():
            raise StateConflictError("This was asked for already.")
        change = RecordChange.objects.create(
            vault_id=vault.id,
            kind=wish.kind,
            study_id=wish.study_id,
            here_id=wish.here_id,
            there_id=wish.there_id,
            words=wish.words.strip(),
            asked_by=party.account,
            asked_at=at,
        )
        _note(ReleaseEvent.CHANGE_ASKED, party, change, at=at)
    return change


def confirm_change(party: Party, change_id: UUID, *, at: datetime) -> None:
    """Confirm what somebody else of the desk asked for; it holds from this transaction on.

    Raises:
        NotFoundError: it is not of the party's institution.
        StateConflictError: it does not wait, the same person asked, or the exam lies elsewhere.
    """
    require_sender(party, at=at)
    with transaction.atomic():
        change = _held(party, change_id)
        take_turn(f"filing/{change.vault_id}")
        if change.confirmed_at is not None or change.ended_at is not None:
            raise StateConflictError(_OVER)
        if change.asked_by == party.account:
            raise StateConflictError("Somebody else must confirm what you asked for.")
        if change.kind == ChangeKind.MOVE_EXAM:
            _move(party, change, at=at)
        change.confirmed_by, change.confirmed_at = party.account, at
        change.save(update_fields=["confirmed_by", "confirmed_at", "there_id"])
        _note(ReleaseEvent.CHANGE_CONFIRMED, party, change, at=at)


def end_change(party: Party, change_id: UUID, *, at: datetime) -> None:
    """Take it back or refuse it before it is confirmed; undo that two records are one person's.

    An exam that was moved goes back as it came: two people agree on it.

    Raises:
        NotFoundError: it is not of the party's institution.
        StateConflictError: it is over already, or an exam was moved by it.
    """
    with transaction.atomic():
        change = _held(party, change_id)
        is_moved = change.kind == ChangeKind.MOVE_EXAM and change.confirmed_at is not None
        if change.ended_at is not None:
            raise StateConflictError(_OVER)
        if is_moved:
            raise StateConflictError("Ask for the exam to be moved back: two people decide that.")
        change.ended_by, change.ended_at = party.account, at
        change.save(update_fields=["ended_by", "ended_at"])
        _note(ReleaseEvent.CHANGE_ENDED, party, change, at=at)


def ask_back(party: Party, change_id: UUID, words: str, *, at: datetime) -> RecordChange:
    """Ask for an exam that was moved to be put where it lay before.

    Raises:
        NotFoundError: it is not of the party's institution, or moved nothing.
        InvalidFieldError, StateConflictError: as for `ask_change`.
    """
    with transaction.atomic():
        change = _held(party, change_id)
    if change.kind != ChangeKind.MOVE_EXAM or change.confirmed_at is None or not change.there_id:
        raise NotFoundError
    wish = ChangeWish(
        kind=ChangeKind.MOVE_EXAM,
        here_id=change.there_id,
        there_id=change.here_id,
        study_id=change.study_id,
        words=words,
    )
    return ask_change(party, wish, at=at)


def _move(party: Party, change: RecordChange, *, at: datetime) -> None:
    """Put an exam into the other record, and end what was given of it from the wrong one."""
    study = _study(change.study_id, change.here_id)
    if change.there_id is None:
        made, is_new = record_apart(Vault.objects.get(pk=change.vault_id), study)
        if made.pk == change.here_id:
            raise StateConflictError("It lies in the record of its own name and number already.")
        change.there_id = made.pk
        if is_new:
            record(
                ImagingEvent.PATIENT_CREATED,
                actor=party.name,
                session=party.session,
                subject=f"patient/{made.pk}",
                vault_id=made.vault_id,
                at=at,
            )
    given = Consent.objects.filter(
        items__study_id=study.pk, vault_id=study.vault_id, revoked_at__isnull=True
    )
    for consent in given.filter(parent_id__isnull=True).distinct():
        end_consent(party, consent, EndedBy.UNLINKED, at=at)
    for relation in CareRelation.objects.filter(study_id=study.pk, ended_at__isnull=True):
        end_relation(party, relation, _MOVED, at=at)
    Study.objects.filter(pk=study.pk).update(patient_id=change.there_id, changed_at=at)
    turn_epoch([study.pk])
    tell(PatientRecord.objects.get(pk=change.here_id).account_id, "record-unlinked", at=at)


def _study(study_id: UUID | None, patient_id: UUID) -> Study:
    if study_id is None:
        raise NotFoundError
    study = Study.objects.filter(pk=study_id, patient_id=patient_id, state=StudyState.FILED).first()
    if study is None:
        raise StateConflictError("The exam does not lie in that record any more.")
    return study


def _vault(party: Party, wish: ChangeWish) -> Vault:
    vaults = {vault.id: vault for vault in desk_vaults(party)}
    wanted = {wish.here_id} | ({wish.there_id} if wish.there_id else set())
    rows = list(PatientRecord.objects.filter(pk__in=wanted, vault_id__in=vaults))
    if len(rows) != len(wanted) or len({row.vault_id for row in rows}) != 1:
        raise NotFoundError
    return vaults[rows[0].vault_id]


def _open_between(wish: ChangeWish) -> QuerySet[RecordChange]:
    rows = RecordChange.objects.filter(kind=wish.kind, ended_at__isnull=True)
    if wish.study_id is not None:
        return rows.filter(study_id=wish.study_id, confirmed_at__isnull=True)
    pair = [each for each in (wish.here_id, wish.there_id) if each is not None]
    return rows.filter(here_id__in=pair, there_id__in=pair)


def _held(party: Party, change_id: UUID) -> RecordChange:
    vaults = [vault.id for vault in desk_vaults(party)]
    rows = RecordChange.objects.select_for_update().filter(pk=change_id, vault_id__in=vaults)
    change = rows.first()
    if change is None:
        raise NotFoundError
    return change


def _note(event: ReleaseEvent, party: Party, change: RecordChange, *, at: datetime) -> None:
    before, after = f"patient/{change.here_id}", f"patient/{change.there_id or 'new'}"
    record(
        event,
        actor=party.name,
        session=party.session,
        subject=f"study/{change.study_id}" if change.study_id else before,
        vault_id=change.vault_id,
        reason=change.kind,
        detail={"before": before, "after": after, "change": str(change.pk)},
        at=at,
    )
