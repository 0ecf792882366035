"""How does an institution's desk enter who treats which patient, and end it? (R09)

By the list it keeps, by an encounter, or by a referral; each with a stated reason
and an end. It holds from its first day to its last, while the membership does, and
says nothing about any other patient.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.caring.readings import note_reading
from safelight.exchange.access.epoch import turn_epoch
from safelight.exchange.access.events import AccessEvent
from safelight.exchange.access.facts import Party
from safelight.exchange.access.models import CareRelation, CareWay
from safelight.exchange.access.representing.recording import tell
from safelight.exchange.access.representing.verifying import verifies_for
from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.platform.audit.actions import record
from safelight.records.accounts.models import Membership, Role
from safelight.records.imaging.known_patients import exam_known_as, patient_known_as
from safelight.records.imaging.models import PatientRecord, Study, Vault

LONGEST_CARE: Final = timedelta(days=366)
LONGEST_TEXT: Final = 500
_LONGEST_REFERENCE: Final = 80
_DESK: Final = "desk"
_TERM: Final = "term"
_TOO_LONG: Final = "It can last twelve months at most."
ENTERED: Final = frozenset({CareWay.LIST, CareWay.ENCOUNTER, CareWay.REFERRAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class CareWish:
    """What the desk filled in, as text. Days are ISO 8601; `accession` narrows it to one exam."""

    number: str
    born_on: str
    clinician: str
    way: str
    reason: str
    reference: str = ""
    accession: str = ""
    starts_on: str = ""
    ends_on: str = ""


def desk_vaults(party: Party) -> list[Vault]:
    """Return the vaults of the institutions in whose name a party keeps the list.

    Raises:
        NotFoundError: it does so for none.
    """
    vaults = list(Vault.objects.filter(organization_id__in=verifies_for(party)))
    if not verifies_for(party):
        raise NotFoundError
    return vaults


def clinicians_of(party: Party) -> list[tuple[UUID, str]]:
    """List whom of its institutions the desk can enter, by name."""
    found = Membership.objects.select_related("account").filter(
        organization_id__in=verifies_for(party),
        role=Role.CLINICIAN,
        state=Membership.State.ACTIVE,
    )
    return sorted({(each.account_id, each.account.name) for each in found}, key=lambda one: one[1])


def patient_at_desk(party: Party, number: str, born_on: str) -> PatientRecord:
    """Return the patient whom the party's institution knows by number and day of birth.

    Raises:
        NotFoundError: the party keeps no institution's list.
        InvalidFieldError: there is none, or more than one.
    """
    vaults = desk_vaults(party)
    day = day_said("born_on", born_on)
    found = [patient_known_as(vault.id, number, day) for vault in vaults] if number.strip() else []
    known = [each for each in found if each is not None]
    if len(known) != 1:
        message = "No patient here has this number and this day of birth."
        raise InvalidFieldError("number", message)
    return known[0]


def begin_care(party: Party, wish: CareWish, *, at: datetime) -> CareRelation:
    """Enter that a clinician of the institution treats a patient, or has care of one exam.

    Raises:
        NotFoundError: the party keeps no institution's list.
        InvalidFieldError: something is missing or unfit.
        StateConflictError: the clinician is entered for this already, in this way.
    """
    patient = patient_at_desk(party, wish.number, wish.born_on)
    _judge_words(wish)
    clinician = next((one for one, _ in clinicians_of(party) if str(one) == wish.clinician), None)
    if clinician is None:
        raise InvalidFieldError("clinician", "Choose one of your clinicians.")
    since, until = _times(wish, at)
    study_id = exam_known_as(patient, wish.accession) if wish.accession.strip() else None
    if wish.accession.strip() and study_id is None:
        raise InvalidFieldError("accession", "No exam of this patient has this number.")
    with transaction.atomic():
        hold_record(patient)
        # Whoever leaves at the same time ends this too, or is seen here to have left.
        if not _is_at(clinician, patient):
            raise InvalidFieldError("clinician", "Choose one of your clinicians.")
        of_this_way = CareRelation.objects.select_for_update().filter(
            patient_id=patient.pk,
            account_id=clinician,
            way=wish.way,
            study_id=study_id,
            ended_at__isnull=True,
        )
        for over in of_this_way.filter(until__lte=at):
            end_relation(None, over, _TERM, at=at)
        if of_this_way.exists():
            raise StateConflictError("They are entered for this already. End that first.")
        relation = CareRelation.objects.create(
            vault_id=patient.vault_id,
            patient_id=patient.pk,
            study_id=study_id,
            account_id=clinician,
            way=wish.way,
            since=since,
            until=until,
            entered_by=party.account,
            reason=wish.reason.strip(),
            reference=wish.reference.strip(),
        )
        _note(AccessEvent.CARE_ENTERED, party, relation, wish.way, at=at)
    tell(patient.account_id, "care-entered", at=at)
    return relation


def hold_record(patient: PatientRecord) -> PatientRecord:
    """Return a record as it is now and stays until the commit: two at the desk go one by one."""
    return PatientRecord.objects.select_for_update().get(pk=patient.pk)


def care_kept_by(party: Party, *, at: datetime) -> list[CareRelation]:
    """List who treats whom by what the desk entered, the latest first. Reading it is on record."""
    vaults = desk_vaults(party)
    live = CareRelation.objects.filter(
        vault_id__in=[vault.id for vault in vaults],
        way__in=ENTERED,
        ended_at__isnull=True,
        until__gt=at,
    )
    note_reading(AccessEvent.CARE_LISTED, party, vaults, at=at)
    return list(live.order_by("-since", "id"))


def end_care(party: Party, relation_id: UUID, *, at: datetime) -> None:
    """End it, at once. Doing it twice is not an error.

    Raises:
        NotFoundError: it is not of the party's institution.
    """
    vaults = [vault.id for vault in desk_vaults(party)]
    with transaction.atomic():
        relation = (
            CareRelation.objects.select_for_update()
            .filter(pk=relation_id, vault_id__in=vaults, way__in=ENTERED)
            .first()
        )
        if relation is None:
            raise NotFoundError
        if relation.ended_at is None:
            end_relation(party, relation, _DESK, at=at)


def end_care_that_is_over(*, at: datetime) -> int:
    """Put on record what reached its last day, which the decision knows by itself."""
    ended = 0
    for relation in CareRelation.objects.filter(until__lte=at, ended_at__isnull=True):
        with transaction.atomic():
            ended += end_relation(None, relation, _TERM, at=at)
    return ended


def end_relation(party: Party | None, relation: CareRelation, by: str, *, at: datetime) -> int:
    """End one relation in the caller's transaction, and return how many were: 1, or 0 if over.

    `by` is a code of at most 12 letters: who or what ended it.
    """
    live = CareRelation.objects.filter(pk=relation.pk, ended_at__isnull=True)
    if not live.update(ended_at=at, ended_by=by):
        return 0
    _note(AccessEvent.CARE_ENDED, party, relation, by, at=at)
    if relation.study_id is not None:
        turn_epoch([relation.study_id])
    else:
        of_patient = Study.objects.filter(patient_id=relation.patient_id)
        turn_epoch(of_patient.values_list("id", flat=True))
    return 1


def _is_at(clinician: UUID, patient: PatientRecord) -> bool:
    vault = Vault.objects.get(pk=patient.vault_id)
    held = Membership.objects.select_for_update().filter(
        account_id=clinician,
        organization_id__in=[vault.organization_id],
        role=Role.CLINICIAN,
        state=Membership.State.ACTIVE,
    )
    return held.first() is not None


def _judge_words(wish: CareWish) -> None:
    if wish.way not in ENTERED:
        raise InvalidFieldError("way", "Choose how they come to treat the patient.")
    if not 1 <= len(wish.reason.strip()) <= LONGEST_TEXT:
        raise InvalidFieldError("reason", "Say why, in up to 500 letters. The patient reads it.")
    if wish.way != CareWay.LIST and not wish.reference.strip():
        raise InvalidFieldError("reference", "Give the number of the visit or of the referral.")
    if len(wish.reference) > _LONGEST_REFERENCE:
        raise InvalidFieldError("reference", "Use up to 80 letters.")


def _times(wish: CareWish, at: datetime) -> tuple[datetime, datetime]:
    """Return the first and the last instant: of today from now on, to the last day's end."""
    first = day_said("starts_on", wish.starts_on or at.date().isoformat())
    last = day_said("ends_on", wish.ends_on)
    if last == date.max:  # its end is no day any more
        raise InvalidFieldError("ends_on", _TOO_LONG)
    since = max(at, datetime.combine(first, time.min, tzinfo=UTC))
    until = datetime.combine(last, time.min, tzinfo=UTC) + timedelta(days=1)
    if until <= since or first < at.date():
        raise InvalidFieldError("ends_on", "It begins today at the earliest, and ends after that.")
    if until - since > LONGEST_CARE + timedelta(days=1):
        raise InvalidFieldError("ends_on", _TOO_LONG)
    return since, until


def day_said(field: str, text: str) -> date:
    """Read a day that somebody filled in.

    Raises:
        InvalidFieldError: it is none.
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidFieldError(field, "Give a whole date.") from None


def _note(
    event: AccessEvent, party: Party | None, relation: CareRelation, reason: str, *, at: datetime
) -> None:
    record(
        event,
        actor=party.name if party else "system",
        session=party.session if party else "",
        subject=f"care/{relation.pk}",
        on_behalf=f"account/{relation.account_id}",
        vault_id=relation.vault_id,
        reason=reason,
        at=at,
    )
