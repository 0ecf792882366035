"""Did the invitation arrive, and how is it sent again?

A consent stands whatever becomes of its mail. The link's secret is kept by
nobody, so an invitation that left once is sent again with a new one: the link
before it opens nothing any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.access.link_secrets import (
    hash_of_link,
    hash_of_printed,
    new_link_secret,
    new_printed_code,
)
from safelight.exchange.access.rules import standing_refusal
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.terms import Audience
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.models import GuestEntry, Share
from safelight.exchange.release.people import tell_giver
from safelight.exchange.release.sharing.entries import require_live
from safelight.exchange.release.sharing.ways import INVITATION, Way, about_share, tell_recipient
from safelight.exchange.release.signed import terms_of
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.platform.audit.actions import record
from safelight.platform.notices.jobs import deliver
from safelight.platform.notices.models import State
from safelight.platform.notices.queries import Sending, bounced_since, latest_sendings
from safelight.records.accounts.throttle import INVITATIONS, take

_LATE: Final = timedelta(minutes=5)
_LOOKS_BACK: Final = timedelta(days=2)


class Mail(StrEnum):
    """Where an invitation stands."""

    ON_ITS_WAY = "on-its-way"
    LATE = "late"
    SENT = "sent"
    BOUNCED = "bounced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """The latest invitation to a share."""

    mail: Mail
    since: datetime


def invitations(share_ids: Iterable[UUID], *, at: datetime) -> dict[UUID, Invitation]:
    """Return how the latest invitation to each share went; those of a month ago are forgotten."""
    by_about = {about_share(each): each for each in share_ids}
    found = latest_sendings(INVITATION, by_about)
    return {by_about[about]: _invitation(sending, at) for about, sending in found.items()}


def invite_again(party: Party, share_id: UUID, *, at: datetime) -> None:
    """Send an invitation that its recipient has not answered yet once more.

    Raises:
        NotFoundError: there is no such share of this party, or it has no link.
        StateConflictError: somebody has proved the address already.
        ShareRevokedError and its kin: it has ended.
        RateLimitedError: it was sent five times within the hour.
    """
    share = Share.objects.filter(pk=share_id, grantor_id=party.account).first()
    if share is None or standing_refusal(party, Action.SHARE) is not None:
        raise NotFoundError
    terms = terms_of(Consent.objects.get(pk=share.consent_id))
    if terms.recipient.audience is not Audience.PERSON:
        raise NotFoundError
    require_live(share, at=at)
    if share.verified_at is not None:
        raise StateConflictError("The address was proved already; the link they have works.")
    take(INVITATIONS, str(share_id), at=at)
    with transaction.atomic():
        waiting = latest_sendings(INVITATION, [about_share(share_id)]).get(about_share(share_id))
        if waiting is not None and waiting.state is State.WAITING:
            deliver.enqueue(notice_id=waiting.notice_id)
        else:
            tell_recipient(terms, _new_way(share, at=at), at=at)
        record(
            ReleaseEvent.SHARE_INVITED_AGAIN,
            actor=party.name,
            session=party.session,
            subject=about_share(share_id),
            vault_id=share.vault_id,
            consent_id=share.consent_id,
            at=at,
        )


def tell_of_bounces(*, at: datetime) -> None:
    """Tell each giver once of an invitation whose address was refused for good (E15)."""
    for sending in bounced_since(INVITATION, at - _LOOKS_BACK):
        kind, _, identity = sending.about.partition("/")
        if kind != "share":
            continue
        with transaction.atomic():
            untold = Share.objects.filter(pk=UUID(identity), bounced_at__isnull=True)
            if untold.update(bounced_at=at):
                share = Share.objects.get(pk=UUID(identity))
                tell_giver(share.consent_id, "share-bounced", at=at)


def _new_way(share: Share, *, at: datetime) -> Way:
    """Give a share new secrets; whoever began with the old ones begins again."""
    way = Way(share_id=share.id, secret=new_link_secret(), printed=new_printed_code())
    Share.objects.filter(pk=share.pk).update(
        secret_hash=hash_of_link(way.secret),
        printed_hash=hash_of_printed(way.printed),
        bounced_at=None,
    )
    GuestEntry.objects.filter(share=share, ended_at__isnull=True).update(ended_at=at)
    return way


def _invitation(sending: Sending, at: datetime) -> Invitation:
    mail = {State.SENT: Mail.SENT, State.BOUNCED: Mail.BOUNCED}.get(sending.state)
    if mail is None:
        mail = Mail.LATE if at - sending.created_at > _LATE else Mail.ON_ITS_WAY
    return Invitation(mail=mail, since=sending.created_at)
