"""Which shares name the address of an account that has not opened them, and how does it begin?

The account has proved the address before, which is what the mailed link and code are for.
What else the giver asked for, words or to be let in, stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.terms import Audience
from safelight.exchange.consent.text import PURPOSE_WORDS
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.models import Share
from safelight.exchange.release.people import address_of_account
from safelight.exchange.release.sharing.entries import (
    Entered,
    enter,
    require_live,
    require_open,
)
from safelight.exchange.release.sharing.proof import is_named
from safelight.exchange.release.sharing.signing import recipient_token
from safelight.exchange.release.signed import terms_of
from safelight.kernel.errors import ExpectedError, NotFoundError
from safelight.platform.audit.actions import record

_AT_MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A share before it is opened: what anybody with its link may know of it."""

    share_id: UUID
    purpose: str
    shared_at: datetime
    ends_at: datetime


def named(party: Party, *, at: datetime) -> list[Named]:
    """Return the live shares that name this account's own address and wait to be opened.

    One whose recipient has proved the address, and whom its giver has still to let in, waits
    for the giver.
    """
    if party.account_id is None or party.kind is PartyKind.GUEST or not party.second_factor:
        return []
    rows = Consent.objects.filter(
        recipient_token=recipient_token(address_of_account(party.account_id)),
        audience=Audience.PERSON.value,
        recipient_account_id=None,
        revoked_at=None,
        ends_at__gt=at,
    )
    consents = {each.pk: each for each in rows.order_by("-granted_at")[:_AT_MOST]}
    shares = Share.objects.filter(consent_id__in=consents, declined_at=None)
    shares = shares.exclude(needs_release=True, released_at=None, verified_at__isnull=False)
    found = [_of(each, consents[each.consent_id], at) for each in shares.order_by("-pk")]
    return [each for each in found if each is not None]


def begin(party: Party, share_id: UUID, *, cookie: str, at: datetime) -> Entered:
    """Let an account go on to the proof of a share that names its address; it is on record.

    Raises:
        NotFoundError: there is no such share, or it names another address.
        ShareRevokedError and its kin: it has ended.
    """
    share = Share.objects.filter(pk=share_id).first()
    if share is None or not is_named(party, Consent.objects.get(pk=share.consent_id)):
        raise NotFoundError
    consent = require_live(share, at=at)
    with transaction.atomic():
        entered = enter(share, cookie=cookie, at=at)
        record(
            ReleaseEvent.SHARE_BEGUN,
            actor=party.name,
            session=party.session,
            subject=f"share/{share.pk}",
            vault_id=share.vault_id,
            consent_id=consent.pk,
            at=at,
        )
    return entered


def _of(share: Share, consent: Consent, at: datetime) -> Named | None:
    try:
        require_open(share, consent, at=at)
    except ExpectedError:
        return None
    return Named(
        share_id=share.pk,
        # A person's own words may say more than stands before the proof.
        purpose=PURPOSE_WORDS[terms_of(consent).purpose],
        shared_at=consent.granted_at,
        ends_at=consent.ends_at,
    )
