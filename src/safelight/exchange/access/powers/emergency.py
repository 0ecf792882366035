"""How does a clinician open the record of somebody they do not treat, in an emergency? (E25)

In their own institution's records only, by number and day of birth as the institution
knows them, with a stated vital interest and a fresh proof of who they are. It lasts four
hours; owner and officers are told at once; an officer reviews each. Nothing is looked up
before the proof: whoever tries out numbers signs each try, and it is on record.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import orjson
from django.db import transaction

from safelight.exchange.access.caring.relations import day_said
from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.access.parties import session_id
from safelight.exchange.access.powers.errors import TooManyEmergenciesError
from safelight.exchange.access.powers.events import PowerEvent
from safelight.exchange.access.powers.kinds import LONGEST_ACCESS, AccessWay, EmergencyCause
from safelight.exchange.access.powers.models import TimedAccess
from safelight.exchange.access.powers.notifying import tell_of_emergency
from safelight.exchange.access.powers.recording import note_access
from safelight.exchange.access.powers.scope import working_days_after
from safelight.exchange.access.representing.recording import in_person
from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.platform.audit.actions import record_denial
from safelight.platform.database.turns import take_turn
from safelight.records.accounts.authorization.actions import begin, consume
from safelight.records.accounts.models import Account, Membership, Role
from safelight.records.imaging.known_patients import patient_known_as
from safelight.records.imaging.models import PatientRecord, Vault

MEANING: Final = "I open this record in an emergency, for the reason written here"
REVIEW_WITHIN: Final = 2  # working days
UNREVIEWED_AT_MOST: Final = 3
OWNER_TOLD_WITHIN: Final = timedelta(hours=24)
_WEEK: Final = timedelta(days=7)
_LONGEST_REASON: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """What a clinician filled in, as text; the day of birth as ISO 8601 writes it.

    `hold_notice` asks that the owner be told later, because telling endangers somebody:
    a day later at most, unless an officer puts it off further.
    """

    number: str
    born_on: str
    cause: str
    reason: str
    hold_notice: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyShown:
    """What is on the screen and is signed as it is."""

    emergency: Emergency
    digest: bytes
    challenge_id: UUID


def may_break_glass(party: Party) -> bool:
    """Say whether a party is a clinician, fully signed in and in person."""
    known = party.second_factor and party.active and party.statement_accepted
    if party.kind is not PartyKind.PROVIDER or party.account_id is None or not known:
        return False
    return party.token_scopes is None and bool(_houses(party))


def show_emergency(party: Party, emergency: Emergency, *, at: datetime) -> EmergencyShown:
    """Put what is about to be signed before the clinician. Nobody is looked up.

    Raises:
        NotFoundError: this party is no clinician of an institution.
        InvalidFieldError: something is missing or unfit.
        TooManyEmergenciesError: three of theirs wait for review.
    """
    _require_clinician(party)
    emergency = fit_emergency(emergency)
    _refuse_too_many(party, at=at)
    account = Account.objects.get(pk=party.account)
    digest = digest_of_emergency(party.account, emergency)
    challenge = begin(account, session_id=session_id(party), digest=digest, meaning=MEANING, at=at)
    return EmergencyShown(emergency=emergency, digest=digest, challenge_id=challenge.pk)


def break_glass(
    party: Party, emergency: Emergency, authorization_id: UUID, *, at: datetime
) -> TimedAccess:
    """Sign, and have the patient's exams at this institution open for four hours.

    Raises:
        NotFoundError: this party is no clinician of an institution.
        InvalidFieldError: no patient here has this number and day of birth; or see above.
        TooManyEmergenciesError: three of theirs wait for review.
        StepUpRequiredError and its kin: the authorization does not cover this.
    """
    _require_clinician(party)
    emergency = fit_emergency(emergency)
    _refuse_too_many(party, at=at)
    account = Account.objects.get(pk=party.account)
    digest = digest_of_emergency(party.account, emergency)
    with transaction.atomic():
        consume(
            authorization_id,
            account=account,
            session_id=session_id(party),
            digest=digest,
            at=at,
        )
    patient = _patient(party, emergency)
    if patient is None:
        _refused(party, "no-such-patient", at=at)
        message = "No patient here has this number and this day of birth."
        raise InvalidFieldError("number", message)
    with transaction.atomic():
        # Two at once go one by one, so that neither slips past the count.
        take_turn(f"break-glass/{party.account}")
        if _unreviewed(party, at=at) >= UNREVIEWED_AT_MOST:
            raise TooManyEmergenciesError
        access = TimedAccess.objects.create(
            way=AccessWay.BREAK_GLASS,
            account_id=party.account,
            vault_id=patient.vault_id,
            patient_id=patient.pk,
            authorization_id=authorization_id,
            signed_digest=digest,
            cause=emergency.cause,
            reason=emergency.reason,
            began_at=at,
            ends_at=at + LONGEST_ACCESS,
            notice_due_at=at + OWNER_TOLD_WITHIN if emergency.hold_notice else at,
            review_due_at=working_days_after(at, REVIEW_WITHIN),
        )
        note_access(PowerEvent.GLASS_BROKEN, party.name, access, session=party.session, at=at)
        tell_of_emergency(access, at=at)
    return TimedAccess.objects.get(pk=access.pk)


def digest_of_emergency(account_id: UUID, emergency: Emergency) -> bytes:
    """Return what the signature must cover: who opens whose record, and why."""
    said = [
        str(account_id),
        emergency.number,
        emergency.born_on,
        emergency.cause,
        emergency.reason,
        emergency.hold_notice,
    ]
    return hashlib.sha256(b"break-glass/v1\0" + orjson.dumps(said)).digest()


def _houses(party: Party) -> list[UUID]:
    held = Membership.objects.filter(
        account_id=party.account, role=Role.CLINICIAN, state=Membership.State.ACTIVE
    )
    return list(held.values_list("organization_id", flat=True))


def _require_clinician(party: Party) -> None:
    in_person(party)
    if not may_break_glass(party):
        raise NotFoundError


def _patient(party: Party, emergency: Emergency) -> PatientRecord | None:
    day = day_said("born_on", emergency.born_on)
    vaults = Vault.objects.filter(organization_id__in=_houses(party))
    found = [patient_known_as(vault.pk, emergency.number, day) for vault in vaults]
    known = [each for each in found if each is not None]
    return known[0] if len(known) == 1 else None


def _unreviewed(party: Party, *, at: datetime) -> int:
    return TimedAccess.objects.filter(
        way=AccessWay.BREAK_GLASS,
        account_id=party.account,
        began_at__gt=at - _WEEK,
        reviewed_at=None,
    ).count()


def _refuse_too_many(party: Party, *, at: datetime) -> None:
    if _unreviewed(party, at=at) >= UNREVIEWED_AT_MOST:
        _refused(party, TooManyEmergenciesError.code, at=at)
        raise TooManyEmergenciesError


def _refused(party: Party, why: str, *, at: datetime) -> None:
    record_denial(
        PowerEvent.GLASS_REFUSED, actor=party.name, session=party.session, reason=why, at=at
    )


def fit_emergency(emergency: Emergency) -> Emergency:
    """Return what was filled in as it is signed.

    Raises:
        InvalidFieldError: something is missing or unfit.
    """
    number, reason = emergency.number.strip(), emergency.reason.strip()
    if not number:
        raise InvalidFieldError("number", "Give the patient's number here.")
    if emergency.cause not in set(EmergencyCause):
        raise InvalidFieldError("cause", "Choose what makes it an emergency.")
    if not 1 <= len(reason) <= _LONGEST_REASON:
        message = "Say what happened, in up to 500 letters. The patient and your officer read it."
        raise InvalidFieldError("reason", message)
    return Emergency(
        number=number,
        born_on=day_said("born_on", emergency.born_on).isoformat(),
        cause=emergency.cause,
        reason=reason,
        hold_notice=emergency.hold_notice,
    )
