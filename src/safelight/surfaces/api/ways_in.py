"""How does the named recipient take a share with their own account, or turn it down?

As on the page: by the secret of the link, or the code printed in the mail, and an
account that has proved the very address which the consent names.
"""

from __future__ import annotations

from enum import StrEnum

from ninja import Field, Router, Schema

from safelight.exchange.access.decision import Action
from safelight.exchange.release.errors import WrongProofError
from safelight.exchange.release.models import GuestEntry
from safelight.exchange.release.sharing.entries import show_secret
from safelight.exchange.release.sharing.proof import (
    accept_as_account,
    is_named_in,
    turn_down,
    wrong_person,
)
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import from_text
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.forms import Asked, Line, OutId
from safelight.surfaces.api.routes import ENDED_SHARE, told

router = Router()


class Shown(Asked):
    """The secret of the link (what follows #), or the code printed in the mail."""

    secret: Line = ""
    printed: Line = ""


class Accepting(Shown):
    """The same, and the passphrase where one was agreed."""

    passphrase: Line = ""


class WhyNot(StrEnum):
    """Why a share is turned down."""

    NOT_WANTED = "not-wanted"
    WRONG_PERSON = "wrong-person"


class Declining(Shown):
    """The same, and why: it is not wanted, or it reached the wrong person."""

    why: WhyNot


class AcceptedOut(Schema):
    """What came of it."""

    consent: OutId
    waits: bool = Field(description="The giver has still to let you in; then accept it again.")


@router.post(
    "shares/{share_id}/accept",
    response=AcceptedOut,
    **told(Action.SHARE, NotFoundError, WrongProofError, *ENDED_SHARE, in_person=True),
)
def accept_share(request: Called, share_id: str, shown: Accepting) -> AcceptedOut:
    """Take a share that names your address, with this account."""
    entry = _entry(request, share_id, shown)
    share = accept_as_account(request.auth, entry, passphrase=shown.passphrase, at=clock.now())
    waits = share.needs_release and share.released_at is None
    return AcceptedOut(consent=share.consent_id, waits=waits)


@router.post(
    "shares/{share_id}/decline",
    response={204: None},
    **told(Action.SHARE, NotFoundError, *ENDED_SHARE, in_person=True),
)
def decline_share(request: Called, share_id: str, shown: Declining) -> None:
    """Turn down a share that names your address, for good; its giver is told."""
    entry = _entry(request, share_id, shown)
    close = wrong_person if shown.why is WhyNot.WRONG_PERSON else turn_down
    close(entry, at=clock.now())


def _entry(request: Called, share_id: str, shown: Shown) -> GuestEntry:
    """Return the way in of somebody who is the recipient and has the letter.

    Raises:
        NotFoundError: one of the two is not so; never which.
    """
    identity = from_text(share_id)
    if not is_named_in(request.auth, identity):
        raise NotFoundError
    entered = show_secret(
        identity,
        link_secret=shown.secret,
        printed=shown.printed,
        sends_code=False,  # the account has proved the address
        at=clock.now(),
    )
    return entered.entry
