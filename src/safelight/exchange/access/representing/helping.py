"""How does an adult let somebody help them, without giving away a password? (L91)

The adult reads exactly what the helper will be able to do and signs it. The helper
is invited by address, signs in as themselves, and says yes. Nobody else is asked.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from html import escape
from typing import Final
from uuid import UUID

import orjson
from django.db import transaction

from safelight.exchange.access.epoch import turn_epoch
from safelight.exchange.access.events import AccessEvent
from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.access.parties import session_id
from safelight.exchange.access.representing.recording import in_person, note, tell
from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.kernel.ids import new_id
from safelight.platform.notices.actions import send
from safelight.records.accounts.addresses import normalised
from safelight.records.accounts.authorization.actions import begin, consume
from safelight.records.accounts.models import (
    Account,
    Evidence,
    Representative,
    RepresentativeKind,
    RepresentativeState,
)
from safelight.records.accounts.queries import address_of, has_verified_address

MEANING: Final = "I let this person act for me, exactly as written here"
LONGEST: Final = timedelta(days=366)
_LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """Whom somebody wants to be helped by, how far, and until when; days as ISO writes them."""

    name: str
    address: str
    may_share: bool = False
    may_manage: bool = False
    may_use_rights: bool = False
    ends_on: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpPresented:
    """What is on the screen and must be signed as it is."""

    help: Help
    html: str
    digest: bytes
    challenge_id: UUID


def present_help(party: Party, wanted: Help, *, at: datetime) -> HelpPresented:
    """Put the choice into its final words and ask for the signature.

    Raises:
        NotFoundError: this party has nothing of their own to be helped with.
        InvalidFieldError: something is missing or wrong.
    """
    owner = _adult(party)
    wanted = _fit(owner, wanted, at=at)
    html = words_of_help(owner.name, wanted)
    digest = digest_of_help(wanted, html)
    challenge = begin(owner, session_id=session_id(party), digest=digest, meaning=MEANING, at=at)
    return HelpPresented(help=wanted, html=html, digest=digest, challenge_id=challenge.pk)


def invite_helper(
    party: Party, wanted: Help, authorization_id: UUID, *, at: datetime
) -> Representative:
    """Sign what was shown, and invite the helper. Nothing opens before they have said yes.

    Raises:
        InvalidFieldError: something is missing or wrong.
        StepUpRequiredError and its kin: the authorization does not cover this.
    """
    owner = _adult(party)
    wanted = _fit(owner, wanted, at=at)
    html = words_of_help(owner.name, wanted)
    with transaction.atomic():
        signature = consume(
            authorization_id,
            account=owner,
            session_id=session_id(party),
            digest=digest_of_help(wanted, html),
            with_question=True,
            at=at,
        )
        row = Representative.objects.create(
            id=new_id(),
            kind=RepresentativeKind.HELPER,
            state=RepresentativeState.INVITED,
            invited_address=wanted.address,
            represented=owner,
            may_share=wanted.may_share,
            may_manage=wanted.may_manage,
            may_use_rights=wanted.may_use_rights,
            represented_name=owner.name,
            represented_address="",
            invited_name=wanted.name,
            jurisdiction="",
            born_on="",
            ends_on=_end_of(wanted.ends_on).isoformat() if wanted.ends_on else "",
            asked_at=at,
            authorization_id=authorization_id,
        )
        Evidence.objects.create(
            representative=row,
            by=owner,
            note=html,
            paper=orjson.dumps(asdict(signature), default=_plain),
            paper_name="signature.json",
            added_at=at,
        )
        note(AccessEvent.HELPER_INVITED, party, row, at=at)
        send("helper-invited", to=wanted.address, context={}, at=at)
    return row


def accept_help(party: Party, representative_id: UUID, *, at: datetime) -> Representative:
    """Say yes to an invitation that names the address this party has proved.

    Raises:
        NotFoundError: there is none for this party.
    """
    row = _invitation(party, representative_id)
    with transaction.atomic():
        invited = Representative.objects.filter(pk=row.pk, state=RepresentativeState.INVITED)
        if not invited.update(
            account_id=party.account, state=RepresentativeState.VERIFIED, starts_at=at
        ):
            raise NotFoundError
        turn_epoch()
        note(AccessEvent.REPRESENTATIVE_BEGAN, party, row, at=at)
        tell(row.represented_id, "acting-began", at=at)
    return Representative.objects.get(pk=row.pk)


def decline_help(party: Party, representative_id: UUID, *, at: datetime) -> None:
    """Say no to an invitation.

    Raises:
        NotFoundError: there is none for this party.
    """
    row = _invitation(party, representative_id)
    with transaction.atomic():
        invited = Representative.objects.filter(pk=row.pk, state=RepresentativeState.INVITED)
        if not invited.update(
            state=RepresentativeState.ENDED, ended_at=at, ended_by="representative"
        ):
            raise NotFoundError
        note(AccessEvent.REPRESENTATIVE_ENDED, party, row, at=at, reason="declined")


def invitations(party: Party) -> list[Representative]:
    """List who asks this person for help, by the address they have proved."""
    account = Account.objects.get(pk=in_person(party))
    if party.kind is not PartyKind.INDIVIDUAL or not has_verified_address(account):
        return []
    return list(
        Representative.objects.filter(
            invited_address=address_of(account), state=RepresentativeState.INVITED
        ).order_by("asked_at")
    )


def invitation_words(row: Representative) -> str:
    """Return what the one who asks for help has signed, as it was shown."""
    return str(row.evidence.earliest("added_at").note)


def words_of_help(owner_name: str, wanted: Help) -> str:
    """Return the exact fragment that is shown, signed and kept."""
    name, address = wanted.name, wanted.address
    until = f"until the end of {wanted.ends_on} (UTC)" if wanted.ends_on else "until you end it"
    can = [f"look at all your exams, those you have and those still to come, {until}"]
    if wanted.may_share:
        can.append("share them with others in your name, each time with a consent of its own")
    if wanted.may_manage:
        can.append("look after them: download copies, remove exams, see who looked")
    if wanted.may_use_rights:
        can.append("use your rights: get copies, see who looked")
    said = [
        f"You, {owner_name}, let {name} ({address}) act for you as your helper.",
        f"{name} can {'; '.join(can)}.",
        f"{name} signs in with an account of their own. Nobody needs to know your password.",
        f"You see everything {name} does, and can end this at any moment, without a reason.",
        "What they have seen or downloaded by then cannot be unseen.",
        "What you asked for in confidence as a minor is not shown to them.",
    ]
    return (
        '<div class="consent-words">'
        + "".join(f"<p>{escape(sentence)}</p>" for sentence in said)
        + "</div>"
    )


def digest_of_help(wanted: Help, html: str) -> bytes:
    """Return what the signature must cover: the choice and the very words shown (I3)."""
    written = orjson.dumps(asdict(wanted), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(
        b"helper/v1\0" + hashlib.sha256(written).digest() + hashlib.sha256(html.encode()).digest()
    ).digest()


def _adult(party: Party) -> Account:
    account_id = in_person(party)
    if party.kind is not PartyKind.INDIVIDUAL:
        raise NotFoundError
    return Account.objects.get(pk=account_id)


def _invitation(party: Party, representative_id: UUID) -> Representative:
    for row in invitations(party):
        if row.pk == representative_id:
            return row
    raise NotFoundError


def _fit(owner: Account, wanted: Help, *, at: datetime) -> Help:
    name = " ".join(wanted.name.split())
    if not 1 <= len(name) <= _LONGEST_NAME:
        raise InvalidFieldError("name", "Give the name of the person who helps you.")
    try:
        address = normalised(wanted.address)
    except InvalidFieldError:
        raise InvalidFieldError("address", "Give one complete e-mail address.") from None
    if address == address_of(owner):
        raise InvalidFieldError("address", "This is your own address.")
    if wanted.ends_on:
        ends_at = _end_of(wanted.ends_on)
        if not at < ends_at <= at + LONGEST:
            raise InvalidFieldError("ends_on", "Choose a last day within the next twelve months.")
    return Help(
        name=name,
        address=address,
        may_share=wanted.may_share,
        may_manage=wanted.may_manage,
        may_use_rights=wanted.may_use_rights,
        ends_on=wanted.ends_on,
    )


def _end_of(day: str) -> datetime:
    try:
        midnight = datetime.combine(date.fromisoformat(day), time(), UTC)
    except ValueError:
        raise InvalidFieldError("ends_on", "Give the last day as a date.") from None
    return midnight + timedelta(days=1, seconds=-1)


def _plain(value: object) -> str:
    """Write what JSON has no form for: digests as hex."""
    return value.hex() if isinstance(value, bytes) else str(value)
