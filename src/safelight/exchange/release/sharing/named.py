"""Which shares name the address of an account that has not opened them, and how does it begin?

The account has proved the address before, which is what the mailed link and code are for.
What else the giver asked for, words or to be let in, stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.terms import Audience
from safelight.exchange.consent.text import PURPOSE_WORDS
from safelight.exchange.release.models import Share
from safelight.exchange.release.people import address_of_account
from safelight.exchange.release.sharing.entries import Entered, enter, require_live
from safelight.exchange.release.sharing.proof import is_named
from safelight.exchange.release.sharing.signing import recipient_token
from safelight.exchange.release.signed import terms_of
from safelight.kernel.errors import ExpectedError, NotFoundError

_AT_MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A share before it is opened: what anybody with its link may know of it."""

    share_id: UUID
    purpose: str
    shared_at: datetime
    ends_at: datetime


def named(party: Party, *, at: datetime) -> list[Named]:
    """Return the live shares that name this account's own address and wait to be opened."""
    if party.account_id is None or party.kind is PartyKind.GUEST or not party.second_factor:
        return []
    token = recipient_token(address_of_account(party.account_id))
    consents = Consent.objects.filter(
        recipient_token=token,
        audience=Audience.PERSON.value,
        recipient_account_id=None,
        revoked_at=None,
        ends_at__gt=at,
    )
    shares = Share.objects.filter(consent_id__in=consents.values("pk"), declined_at=None)
    found = [_of(each, at) for each in shares.order_by("-pk")[:_AT_MOST]]
    return [each for each in found if each is not None]


def begin(party: Party, share_id: UUID, *, cookie: str, at: datetime) -> Entered:
    """Let an account go on to the proof of a share that names its address.

    Raises:
        NotFoundError: there is no such share, or it names another address.
        ShareRevokedError and its kin: it has ended.
    """
    share = Share.objects.filter(pk=share_id).first()
    if share is None or not is_named(party, Consent.objects.get(pk=share.consent_id)):
        raise NotFoundError
    require_live(share, at=at)
    return enter(share, cookie=cookie, at=at)


def _of(share: Share, at: datetime) -> Named | None:
    try:
        consent = require_live(share, at=at)
    except ExpectedError:
        return None
    return Named(
        share_id=share.pk,
        # A person's own words may say more than stands before the proof.
        purpose=PURPOSE_WORDS[terms_of(consent).purpose],
        shared_at=consent.granted_at,
        ends_at=consent.ends_at,
    )
