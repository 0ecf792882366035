"""Who acts for the caller, for whom does the caller act, and how does that begin and end?

All of it in person: a token reads and changes nothing of it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from ninja import Field, Router, Schema
from ninja.responses import Status
from pydantic import StringConstraints

from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Power
from safelight.exchange.access.representing.asking import Claim, ask_to_act
from safelight.exchange.access.representing.ending import (
    end_acting,
    raise_dispute,
    settle_dispute,
)
from safelight.exchange.access.representing.helping import (
    MEANING,
    Help,
    accept_help,
    decline_help,
    invite_helper,
    present_help,
)
from safelight.exchange.access.representing.lists import Acting, acting_for, acts_for
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import from_text
from safelight.records.accounts import throttle
from safelight.records.accounts.errors import (
    AuthorizationOtherContentError,
    AuthorizationUsedError,
    PasskeyRefusedError,
    StepUpRequiredError,
)
from safelight.surfaces.api.answers import ChallengeOut, Signature, answered, keep_seat, question
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.forms import Asked, Id, Line, OutId
from safelight.surfaces.api.routes import told

router = Router()
Words = Annotated[str, StringConstraints(max_length=2000)]
_MINE = told(Action.SHARE, NotFoundError, StateConflictError, in_person=True)
_SAID = told(Action.SHARE, NotFoundError, StateConflictError, in_person=True, takes=True)


class ActingOut(Schema):
    """One who acts for another, as either of the two may know it."""

    id: OutId
    name: str
    kind: str
    state: str
    is_live: bool
    powers: list[Power]
    since: datetime | None
    until: datetime | None
    is_until_majority: bool
    asked_at: datetime


class RepresentativesOut(Schema):
    """Both sides of acting for somebody."""

    acting_for_you: list[ActingOut]
    you_act_for: list[ActingOut]


class HelpAsked(Asked):
    """Whom you would like to be helped by, how far, and until when; looking is always part."""

    name: Line
    address: Line
    may_share: bool = False
    may_manage: bool = False
    may_use_rights: bool = False
    ends_on: date | None = None


class HelpOut(Schema):
    """What you must read, word for word, before you sign it."""

    words_html: str
    digest: str = Field(description="SHA-256 of the choice and the words, in hexadecimal.")
    challenge: ChallengeOut


class HelpSigned(Signature):
    """The same choice once more, with your answer."""

    help: HelpAsked


class ClaimAsked(Asked):
    """By what right you act, for whom, and what shows it; a paper is added on the page.

    For whom: an address, a number at that institution, or an exam you added yourself.
    """

    kind: Line
    name: Line
    organization: Id
    address: Line = ""
    number: Line = ""
    exam: Id | None = None
    may_share: bool = False
    may_manage: bool = False
    may_use_rights: bool = False
    born_on: date | None = None
    jurisdiction: Line = ""
    words: Words


class Reasons(Asked):
    """What it is about, or what settled it. Only the institution reads it."""

    words: Words


@router.get("representatives", response=RepresentativesOut, **told(Action.SHARE, in_person=True))
def list_representatives(request: Called) -> RepresentativesOut:
    """List who acts for you, and for whom you act: now, asked for, and over."""
    return RepresentativesOut(
        acting_for_you=[_acting(each) for each in acting_for(request.auth)],
        you_act_for=[_acting(each) for each in acts_for(request.auth)],
    )


@router.post("representatives/helpers/present", response=HelpOut, **_SAID)
def present_helper(request: Called, asked: HelpAsked) -> HelpOut:
    """Put into words that somebody may help you, and ask for your signature."""
    at = clock.now()
    shown = present_help(request.auth, _help(asked), at=at)
    return HelpOut(
        words_html=shown.html,
        digest=shown.digest.hex(),
        challenge=question(request, shown.challenge_id, MEANING, at=at),
    )


@router.post(
    "representatives/helpers",
    response={201: ActingOut},
    **told(
        Action.SHARE,
        NotFoundError,
        StateConflictError,
        StepUpRequiredError,
        PasskeyRefusedError,
        AuthorizationUsedError,
        AuthorizationOtherContentError,
        in_person=True,
        takes=True,
    ),
)
def invite_to_help(request: Called, signed: HelpSigned) -> Status[ActingOut]:
    """Sign that somebody may help you, and invite them. Nothing opens before they say yes."""
    party, at = request.auth, clock.now()
    throttle.take(throttle.CONSENTS, str(party.account), at=at)
    given = answered(request, signed, at=at)
    keep_seat(request)
    row = invite_helper(party, _help(signed.help), given.pk, at=clock.now())
    return Status(201, _acting(_of(acting_for(party), row.pk)))


@router.post("representatives/claims", response={201: ActingOut}, **_SAID)
def claim_to_act(request: Called, asked: ClaimAsked) -> Status[ActingOut]:
    """Ask an institution to verify that you act for somebody; two of its staff must say yes."""
    claim = Claim(
        kind=asked.kind,
        name=asked.name,
        organization_id=str(from_text(asked.organization)),
        address=asked.address,
        number=asked.number,
        study_id=from_text(asked.exam) if asked.exam is not None else None,
        may_share=asked.may_share,
        may_manage=asked.may_manage,
        may_use_rights=asked.may_use_rights,
        born_on=asked.born_on.isoformat() if asked.born_on else "",
        jurisdiction=asked.jurisdiction,
        words=asked.words,
    )
    row = ask_to_act(request.auth, claim, at=clock.now())
    return Status(201, _acting(_of(acts_for(request.auth), row.pk)))


@router.post("representatives/{representative_id}/accept", response={204: None}, **_MINE)
def accept_to_help(request: Called, representative_id: str) -> None:
    """Say yes to helping somebody who invited you."""
    accept_help(request.auth, from_text(representative_id), at=clock.now())


@router.post("representatives/{representative_id}/decline", response={204: None}, **_MINE)
def decline_to_help(request: Called, representative_id: str) -> None:
    """Say no to helping somebody who invited you."""
    decline_help(request.auth, from_text(representative_id), at=clock.now())


@router.post("representatives/{representative_id}/end", response={204: None}, **_MINE)
def end_representative(request: Called, representative_id: str) -> None:
    """End it at once and for good, as either side or the institution; what it shared is paused."""
    end_acting(request.auth, from_text(representative_id), at=clock.now())


@router.post("representatives/{representative_id}/dispute", response={204: None}, **_SAID)
def dispute_representative(request: Called, representative_id: str, said: Reasons) -> None:
    """Say that you disagree: nothing new is shared by who acts until it is settled."""
    raise_dispute(request.auth, from_text(representative_id), said.words, at=clock.now())


@router.post("representatives/{representative_id}/settle", response={204: None}, **_SAID)
def settle_representative(request: Called, representative_id: str, said: Reasons) -> None:
    """Say what settled a dispute: whoever raised it, or the institution."""
    settle_dispute(request.auth, from_text(representative_id), said.words, at=clock.now())


def _help(asked: HelpAsked) -> Help:
    return Help(
        name=asked.name.strip(),
        address=asked.address.strip(),
        may_share=asked.may_share,
        may_manage=asked.may_manage,
        may_use_rights=asked.may_use_rights,
        ends_on=asked.ends_on.isoformat() if asked.ends_on else "",
    )


def _of(found: list[Acting], representative_id: object) -> Acting:
    return next(each for each in found if each.representative_id == representative_id)


def _acting(each: Acting) -> ActingOut:
    return ActingOut(
        id=each.representative_id,
        name=each.name,
        kind=each.kind,
        state=each.state,
        is_live=each.is_live,
        powers=sorted(each.powers),
        since=each.since,
        until=each.until,
        is_until_majority=each.is_until_majority,
        asked_at=each.asked_at,
    )
