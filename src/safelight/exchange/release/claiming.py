"""How does a person make an institution's record of them their own, and undo it? (R04)

The desk, which has seen who they are, makes a code and hands it over, printed. Signed
in, they type it with their day of birth as it is on record: two things must fit, and
whatever does not, has one answer. From then on the record is theirs, as their own
uploads are, but the institution keeps it. Either side can undo it: what was shared of
it under the wrong name ends then.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from safelight.exchange.access.caring.relations import (
    LONGEST_TEXT,
    day_said,
    desk_vaults,
    hold_record,
    patient_at_desk,
)
from safelight.exchange.access.epoch import turn_epoch
from safelight.exchange.access.events import AccessEvent
from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.access.models import RecordClaim
from safelight.exchange.access.representing.recording import in_person, tell
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.sharing.withdraw import EndedBy, end_consent
from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.platform.audit.actions import record
from safelight.platform.keys.cipher import token
from safelight.platform.keys.ring import ring
from safelight.records.accounts.throttle import CLAIMS, give_back, take
from safelight.records.imaging.known_patients import birth_of
from safelight.records.imaging.models import PatientRecord, Study

CODE_LIFE: Final = timedelta(days=30)
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH: Final = 12
_MISREAD: Final = str.maketrans({"o": "0", "i": "1", "l": "1"})
_TRIES: Final = 5
_FITS_NOTHING: Final = "This code and this day of birth fit no record that waits for you."


def offer_claim(
    party: Party, number: str, born_on: str, checked: str, *, at: datetime
) -> tuple[RecordClaim, str]:
    """Make the code for a patient who was identified at the desk; an earlier one ends.

    Returns the claim and the code, which is kept nowhere.

    Raises:
        NotFoundError: the party works at no institution's desk.
        InvalidFieldError: the patient is not known, or how they were identified is not said.
        StateConflictError: the record is somebody's already.
    """
    patient = patient_at_desk(party, number, born_on)
    if not 1 <= len(checked.strip()) <= LONGEST_TEXT:
        raise InvalidFieldError("checked", "Say how you know that it is them, such as by a card.")
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    with transaction.atomic():
        if hold_record(patient).account_id is not None:
            raise StateConflictError("This record belongs to somebody's account already.")
        for old in _open().select_for_update().filter(patient_id=patient.pk):
            _end(party, old, "replaced", at=at)
        claim = RecordClaim.objects.create(
            vault_id=patient.vault_id,
            patient_id=patient.pk,
            code_token=_token(code),
            made_by=party.account,
            made_at=at,
            expires_at=at + CODE_LIFE,
            checked=checked.strip(),
            tries_left=_TRIES,
        )
        _note(AccessEvent.CLAIM_OFFERED, party, claim, "", at=at)
    return claim, code


def end_claim(party: Party, claim_id: UUID, *, at: datetime) -> None:
    """Let the desk end a code that nobody has used, or undo a wrong link. Twice is no error.

    Raises:
        NotFoundError: it is not of the party's institution.
    """
    vaults = [vault.id for vault in desk_vaults(party)]
    with transaction.atomic():
        claim = RecordClaim.objects.select_for_update().filter(pk=claim_id, vault_id__in=vaults)
        _undo(party, claim.first(), "desk", at=at)


def disown_record(party: Party, claim_id: UUID, *, at: datetime) -> None:
    """Let a person say that a record they claimed is not theirs. Twice is no error.

    Raises:
        NotFoundError: they claimed no such record.
    """
    own = RecordClaim.objects.select_for_update().filter(account_id=in_person(party))
    with transaction.atomic():
        _undo(party, own.filter(pk=claim_id).first(), "person", at=at)


def claim_record(party: Party, code: str, born_on: str, *, at: datetime) -> RecordClaim:
    """Make the record that a code names this person's own.

    Raises:
        NotFoundError: the party is no person in a session of their own.
        RateLimitedError: too many tries.
        InvalidFieldError: nothing fits; the answer is the same whatever does not.
    """
    if party.kind is not PartyKind.INDIVIDUAL:
        raise NotFoundError
    account_id = in_person(party)
    day = day_said("born_on", born_on)
    take(CLAIMS, str(account_id), at=at)
    if (claim := _claimed(party, _token(_typed(code)), day, account_id, at=at)) is None:
        raise InvalidFieldError("code", _FITS_NOTHING)
    give_back(CLAIMS, str(account_id))
    tell(account_id, "record-claimed", at=at)
    return claim


@transaction.atomic
def _claimed(
    party: Party, code_token: bytes, day: date, account_id: UUID, *, at: datetime
) -> RecordClaim | None:
    waiting = _open().select_for_update().filter(used_at__isnull=True, expires_at__gt=at)
    claim = waiting.filter(code_token=code_token).first()
    patient = PatientRecord.objects.get(pk=claim.patient_id) if claim else None
    if claim is None or patient is None or birth_of(patient) != day:
        _missed(party, claim, at=at)
        return None
    unclaimed = PatientRecord.objects.filter(pk=patient.pk, account_id__isnull=True)
    if not unclaimed.update(account_id=account_id):
        return None
    claim.used_at, claim.account_id = at, account_id
    claim.save(update_fields=["used_at", "account_id"])
    _turn(claim)
    _note(AccessEvent.RECORD_CLAIMED, party, claim, "", at=at)
    return claim


def _missed(party: Party, claim: RecordClaim | None, *, at: datetime) -> None:
    """Count a wrong day of birth; the fifth ends the code."""
    record(
        AccessEvent.CLAIM_MISSED,
        actor=party.name,
        session=party.session,
        subject=f"claim/{claim.pk}" if claim else party.name,
        vault_id=claim.vault_id if claim else None,
        at=at,
    )
    if claim is None:
        return
    claim.tries_left -= 1
    claim.save(update_fields=["tries_left"])
    if claim.tries_left <= 0:
        _end(party, claim, "tries", at=at)


def _undo(party: Party, claim: RecordClaim | None, by: str, *, at: datetime) -> None:
    """End a claim; where the record was linked by it, unlink it and end what was shared of it."""
    if claim is None:
        raise NotFoundError
    if claim.ended_at is not None:
        return
    _end(party, claim, by, at=at)
    linked = PatientRecord.objects.filter(pk=claim.patient_id, account_id=claim.account_id)
    if claim.account_id is None or not linked.update(account_id=None):
        return
    studies = Study.objects.filter(patient_id=claim.patient_id).values("id")
    given = Consent.objects.filter(
        items__study_id__in=studies,
        vault_id=claim.vault_id,
        revoked_at__isnull=True,
        parent_id__isnull=True,
        granted_at__gte=claim.used_at,
    )
    for consent in given.distinct():
        end_consent(party, consent, EndedBy.UNLINKED, at=at)
    _turn(claim)
    _note(AccessEvent.RECORD_UNLINKED, party, claim, by, at=at)
    tell(claim.account_id, "record-unlinked", at=at)


def _open() -> QuerySet[RecordClaim]:
    return RecordClaim.objects.filter(ended_at__isnull=True)


def _end(party: Party, claim: RecordClaim, by: str, *, at: datetime) -> None:
    RecordClaim.objects.filter(pk=claim.pk).update(ended_at=at, ended_by=by)
    _note(AccessEvent.CLAIM_ENDED, party, claim, by, at=at)


def _turn(claim: RecordClaim) -> None:
    turn_epoch(Study.objects.filter(patient_id=claim.patient_id).values_list("id", flat=True))


def _typed(code: str) -> str:
    """Return a code as it was made, however it is grouped and whatever is easily misread."""
    letters = "".join(each for each in code.lower() if each.isalnum()).translate(_MISREAD)
    return letters[: _LENGTH + 1]


def _token(code: str) -> bytes:
    return token(ring().instance_key("record-claims"), code.encode())


def _note(
    event: AccessEvent, party: Party, claim: RecordClaim, reason: str, *, at: datetime
) -> None:
    record(
        event,
        actor=party.name,
        session=party.session,
        subject=f"claim/{claim.pk}",
        on_behalf=f"account/{claim.account_id}" if claim.account_id else "",
        vault_id=claim.vault_id,
        reason=reason,
        at=at,
    )
