"""How does a clinician open a record of their institution in an emergency?

In person: say whose and why, sign exactly that, and it is open for four hours, on the pages,
here and over DICOMweb. Nobody is looked up before the signature.
"""

from __future__ import annotations

from datetime import date, datetime

from ninja import Field, Router, Schema
from ninja.responses import Status

from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.access.powers.emergency import (
    MEANING,
    Emergency,
    break_glass,
    digest_of_emergency,
    fit_emergency,
    may_break_glass,
    show_emergency,
)
from safelight.exchange.access.powers.errors import TooManyEmergenciesError
from safelight.exchange.access.powers.kinds import AccessWay, EmergencyCause
from safelight.exchange.access.powers.lists import own_accesses
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.records.accounts.errors import (
    AuthorizationOtherContentError,
    AuthorizationUsedError,
    PasskeyRefusedError,
    StepUpRequiredError,
)
from safelight.surfaces.api.answers import ChallengeOut, Signature, answered, keep_seat, question
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.forms import Asked, Limit, Offset, OutId, Page, page_of
from safelight.surfaces.api.routes import told

router = Router()


class EmergencyAsked(Asked):
    """Whose record, and what makes it an emergency; the patient and an officer read it."""

    number: str = Field(max_length=64, description="The patient's number at your institution.")
    born_on: date
    cause: EmergencyCause
    reason: str = Field(max_length=500)
    hold_notice: bool = Field(
        default=False,
        description="Telling the patient at once endangers somebody: they are told within a day.",
    )


class EmergencySigned(EmergencyAsked, Signature):
    """The same again, with the answer to its question."""


class EmergencyOut(Schema):
    """What is to be signed: nobody was looked up for it."""

    digest: str
    challenge: ChallengeOut


class OpenedOut(Schema):
    """One record that you opened so."""

    id: OutId
    began_at: datetime
    ends_at: datetime
    is_live: bool
    reviewed_at: datetime | None
    verdict: str = Field(description="justified or unjustified, once an officer reviewed it.")


@router.get(
    "emergencies",
    response=Page[OpenedOut],
    **told(Action.SHARE, NotFoundError, in_person=True),
)
def list_emergencies(request: Called, limit: Limit = 50, offset: Offset = 0) -> Page[OpenedOut]:
    """List the records that you opened in an emergency, the latest first."""
    party = _clinician(request.auth)
    lines = own_accesses(party, at=clock.now())
    found = [
        OpenedOut(
            id=line.access_id,
            began_at=line.began_at,
            ends_at=line.ends_at,
            is_live=line.is_live,
            reviewed_at=line.reviewed_at,
            verdict=line.verdict,
        )
        for line in lines
        if line.way == AccessWay.BREAK_GLASS
    ]
    few, beyond = page_of(found, limit=limit, offset=offset)
    return Page[OpenedOut](items=few, next_offset=beyond)


@router.post(
    "emergencies",
    response=EmergencyOut,
    **told(Action.SHARE, NotFoundError, TooManyEmergenciesError, in_person=True, takes=True),
)
def present_emergency(request: Called, asked: EmergencyAsked) -> EmergencyOut:
    """Say whose record and why, and be asked for your signature. Nobody is looked up yet."""
    at = clock.now()
    shown = show_emergency(request.auth, _said(asked), at=at)
    challenge = question(request, shown.challenge_id, MEANING, at=at)
    return EmergencyOut(digest=shown.digest.hex(), challenge=challenge)


@router.post(
    "emergencies/confirm",
    response={201: OpenedOut},
    **told(
        Action.SHARE,
        NotFoundError,
        TooManyEmergenciesError,
        StateConflictError,
        StepUpRequiredError,
        PasskeyRefusedError,
        AuthorizationUsedError,
        AuthorizationOtherContentError,
        in_person=True,
        takes=True,
    ),
)
def confirm_emergency(request: Called, signed: EmergencySigned) -> Status[OpenedOut]:
    """Sign it. The patient's exams at your institution are open to you for four hours."""
    party, at = _clinician(request.auth), clock.now()
    said = fit_emergency(_said(signed))
    if bytes.fromhex(signed.digest) != digest_of_emergency(party.account, said):
        raise AuthorizationOtherContentError
    given = answered(request, signed, at=at)
    keep_seat(request)
    access = break_glass(party, said, given.pk, at=clock.now())
    return Status(
        201,
        OpenedOut(
            id=access.pk,
            began_at=access.began_at,
            ends_at=access.ends_at,
            is_live=True,
            reviewed_at=None,
            verdict="",
        ),
    )


def _clinician(party: Party) -> Party:
    if not may_break_glass(party):
        raise NotFoundError
    return party


def _said(asked: EmergencyAsked) -> Emergency:
    return Emergency(
        number=asked.number,
        born_on=asked.born_on.isoformat(),
        cause=asked.cause.value,
        reason=asked.reason,
        hold_notice=asked.hold_notice,
    )
