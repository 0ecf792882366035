"""How does one of those who run the instance ask for an act that needs a second person?

They read exactly what will be done and why they say so, and sign that. The request
waits a day for somebody else; nothing is done by asking.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson
from django.db import transaction

from safelight.exchange.access.facts import Party
from safelight.exchange.access.parties import session_id
from safelight.exchange.access.powers.deeds import Deed
from safelight.exchange.access.powers.errors import AlreadyDecidedError
from safelight.exchange.access.powers.events import PowerEvent
from safelight.exchange.access.powers.kinds import (
    APPROVE_WITHIN,
    MAY_APPROVE,
    MAY_ASK,
    ApprovalKind,
    Cause,
)
from safelight.exchange.access.powers.models import Approval
from safelight.exchange.access.powers.recording import note, tell_staff
from safelight.exchange.access.staff import require_staff
from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.records.accounts.authorization.actions import begin, consume
from safelight.records.accounts.models import Account

MEANING_OF_ASKING: Final = "I ask for exactly this, for the reason written here"
LONGEST_REASON: Final = 500
_LONGEST_TICKET: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody asks for, and why."""

    deed: Deed
    cause: str
    reason: str
    ticket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestShown:
    """What is on the screen and is signed as it is."""

    wish: Wish
    digest: bytes
    challenge_id: UUID


def show_request(party: Party, wish: Wish, *, at: datetime) -> RequestShown:
    """Put a wish before the one who asks, for signing.

    Raises:
        NotFoundError: this party may not ask for that kind of act.
        InvalidFieldError: something is missing or unfit.
    """
    require_staff(party, *MAY_ASK[wish.deed.kind])
    wish = fit(wish)
    digest = digest_of_wish(party.account, wish)
    account = Account.objects.get(pk=party.account)
    challenge = begin(
        account, session_id=session_id(party), digest=digest, meaning=MEANING_OF_ASKING, at=at
    )
    return RequestShown(wish=wish, digest=digest, challenge_id=challenge.pk)


def ask(party: Party, wish: Wish, authorization_id: UUID, *, at: datetime) -> Approval:
    """Sign what was shown, and let it wait for somebody else.

    Raises:
        NotFoundError: this party may not ask for that kind of act.
        InvalidFieldError: something is missing or unfit.
        StepUpRequiredError and its kin: the authorization does not cover this.
    """
    require_staff(party, *MAY_ASK[wish.deed.kind])
    wish = fit(wish)
    digest = digest_of_wish(party.account, wish)
    with transaction.atomic():
        consume(
            authorization_id,
            account=Account.objects.get(pk=party.account),
            session_id=session_id(party),
            digest=digest,
            at=at,
        )
        request = Approval.objects.create(
            kind=wish.deed.kind,
            subject=wish.deed.subject,
            deed=wish.deed.line,
            digest=wish.deed.digest,
            signed_digest=digest,
            cause=wish.cause,
            reason=wish.reason,
            ticket=wish.ticket,
            asked_by_id=party.account,
            asked_at=at,
            asked_authorization_id=authorization_id,
            lapses_at=at + APPROVE_WITHIN,
        )
        note(PowerEvent.APPROVAL_ASKED, party.name, request, session=party.session, at=at)
        tell_staff("approval-asked", *MAY_APPROVE[wish.deed.kind], but=party.account, at=at)
    return request


def cancel(party: Party, approval_id: UUID, *, at: datetime) -> None:
    """Take one's own request back, as long as it was not used.

    Raises:
        NotFoundError: it is not this party's.
        AlreadyDecidedError: it was used, refused or taken back.
    """
    own = Approval.objects.filter(pk=approval_id, asked_by_id=party.account)
    request = own.first()
    if request is None:
        raise NotFoundError
    require_staff(party, *MAY_ASK[ApprovalKind(request.kind)])
    with transaction.atomic():
        open_still = own.filter(used_at=None, refused_at=None, cancelled_at=None)
        if not open_still.update(cancelled_at=at):
            raise AlreadyDecidedError
        note(PowerEvent.APPROVAL_CANCELLED, party.name, request, session=party.session, at=at)


def fit(wish: Wish) -> Wish:
    """Return a wish with its words trimmed.

    Raises:
        InvalidFieldError: something is missing or too long.
    """
    reason, ticket = wish.reason.strip(), wish.ticket.strip()
    if wish.cause not in set(Cause):
        raise InvalidFieldError("cause", "Choose why you ask.")
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise InvalidFieldError("reason", "Say why, in up to 500 letters.")
    if not 1 <= len(ticket) <= _LONGEST_TICKET:
        raise InvalidFieldError("ticket", "Give the number of the ticket, up to 80 letters.")
    return Wish(deed=wish.deed, cause=wish.cause, reason=reason, ticket=ticket)


def digest_of_wish(account_id: UUID, wish: Wish) -> bytes:
    """Return what both must sign: the act, who asks for it, why, and on which ticket."""
    said = [str(account_id), wish.deed.line, wish.cause, wish.reason, wish.ticket]
    return hashlib.sha256(b"approval/v1\0" + orjson.dumps(said)).digest()
