"""By which way does the one recipient come in?

Somebody named by an address gets a link, whose secret is told to nobody else. A
desk, a group or an institution comes in by signing in: their share has secrets,
too, but they were told to nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings

from safelight.exchange.access.link_secrets import (
    hash_of_link,
    hash_of_printed,
    hash_of_short,
    new_link_secret,
    new_printed_code,
)
from safelight.exchange.consent.terms import Audience, SecondCheck, Terms
from safelight.exchange.release.models import Share
from safelight.exchange.release.people import tell_account
from safelight.kernel.ids import new_id, to_text
from safelight.platform.notices.actions import send

INVITATION: Final = "share-invitation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way in, with its secrets while they are still known."""

    share_id: UUID
    secret: str = field(repr=False)
    printed: str = field(repr=False)


def open_way(terms: Terms, consent_id: UUID, *, passphrase: str, at: datetime) -> Way:
    """Open the way in of a consent just signed; from now on nothing more goes into it."""
    way = Way(share_id=new_id(), secret=new_link_secret(), printed=new_printed_code())
    by_link = terms.recipient.audience is Audience.PERSON
    check = terms.second_check if by_link else SecondCheck.WAIVED
    Share.objects.create(
        id=way.share_id,
        consent_id=consent_id,
        vault_id=terms.vault_id,
        grantor_id=terms.grantor_id,
        secret_hash=hash_of_link(way.secret),
        printed_hash=hash_of_printed(way.printed),
        passphrase_hash=(
            hash_of_short(way.share_id, passphrase).hex() if check is SecondCheck.PASSPHRASE else ""
        ),
        needs_release=check is SecondCheck.OWNER_RELEASE,
        uses_left=terms.most_openings if by_link else None,
        created_at=at,
    )
    return way


def about_share(share_id: UUID) -> str:
    """Return the opaque id under which messages about a share are sent and recorded."""
    return f"share/{share_id}"


def tell_recipient(terms: Terms, way: Way, *, at: datetime) -> None:
    """Tell whoever may come in how: by the link, or by signing in."""
    if terms.recipient.audience is not Audience.PERSON:
        for member in terms.recipient.members:
            tell_account(member.account_id, "shared-with-you", at=at)
        return
    page = f"{settings.SAFELIGHT_PUBLIC_URL}/s/{to_text(way.share_id)}"
    send(
        INVITATION,
        to=terms.recipient.address,
        context={"link": f"{page}#{way.secret}", "page": page, "code": way.printed},
        about=about_share(way.share_id),
        at=at,
    )
