"""Who is this browser, that says a share is for it?

Three steps: show the secret of the link (or the code printed in the mail),
prove the address with a one-time code and the second check, and only then be a
guest. GET changes nothing; a wrong secret, an unknown share and a share of
somebody else are answered alike.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.access.link_secrets import (
    equal,
    hash_of_link,
    hash_of_printed,
    hash_of_short,
    new_one_time_code,
)
from safelight.exchange.access.load import granted
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.rules import Refusal, refusal
from safelight.exchange.consent.terms import Permission
from safelight.exchange.release.errors import (
    ShareDeclinedError,
    ShareExpiredError,
    ShareLockedError,
    ShareNotStartedError,
    SharePausedError,
    ShareRevokedError,
    ShareUsedUpError,
    TooManyCodesError,
)
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.models import GuestEntry, Share, ShareCode
from safelight.exchange.release.signed import terms_of
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import aim, record, record_denial
from safelight.platform.notices.actions import send
from safelight.records.accounts.holds import require_free

CODE_LASTS: Final = timedelta(minutes=10)
CODES_AN_HOUR: Final = 5
IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
_STAMP_EVERY: Final = timedelta(minutes=1)
_NO_HASH: Final = bytes(32)

_ENDED = {
    Refusal.REVOKED: ShareRevokedError,
    Refusal.EXPIRED: ShareExpiredError,
    Refusal.NOT_STARTED: ShareNotStartedError,
    Refusal.SUSPENDED: SharePausedError,
}


@dataclass(frozen=True, slots=True)
class Entered:
    """An entry and the cookie value that stands for it."""

    entry: GuestEntry
    cookie: str


def show_secret(
    share_id: UUID,
    *,
    link_secret: str = "",
    printed: str = "",
    cookie: str = "",
    origin: str = "",
    sends_code: bool = True,
    at: datetime,
) -> Entered:
    """Show the share's secret; a one-time code is then sent to the named address.

    None is sent where not `sends_code`: an account that has proved that address needs none.

    Raises:
        RateLimitedError: it comes from a network that is held.
        NotFoundError: the share does not exist or the secret is wrong; never which.
        ShareRevokedError, ShareExpiredError, ShareNotStartedError, ShareLockedError:
            said only to somebody who showed the right secret.
    """
    require_free(origin, at=at)
    share = Share.objects.filter(pk=share_id).first()
    right = equal(hash_of_link(link_secret), share.secret_hash if share else _NO_HASH)
    right |= equal(hash_of_printed(printed), share.printed_hash if share else _NO_HASH)
    if share is None or not right:
        record_denial(
            ReleaseEvent.DENIED,
            actor="anonymous",
            subject=f"share/{share.id}" if share else aim("link", str(share_id)),
            reason="show-secret",
            origin=origin,
            at=at,
            apart=True,
        )
        raise NotFoundError
    consent = require_live(share, at=at)
    with transaction.atomic():
        entered = enter(share, cookie=cookie, at=at)
        if entered.entry.proved_at is None:
            _note(ReleaseEvent.SHARE_SECRET_SHOWN, share, consent, at, origin=origin)
            if sends_code:
                with suppress(TooManyCodesError):  # the page says so when another one is asked for
                    _send_code(share, consent, at)
    return entered


def enter(share: Share, *, cookie: str, at: datetime) -> Entered:
    """Let a browser go on to the proof, or in, where it has proved the address before.

    Raises:
        ShareUsedUpError: the link has been used as often as was agreed.
    """
    if cookie and (proved := _proved_entry(share, cookie, at)) is not None:
        return Entered(proved, cookie)
    if share.uses_left == 0:
        raise ShareUsedUpError
    # A value that we never gave out could be known to whoever made it up.
    is_ours = GuestEntry.objects.filter(token_hash=hash_of_link(cookie)).exists()
    cookie = cookie if is_ours else secrets.token_urlsafe(32)
    entry, _ = GuestEntry.objects.update_or_create(
        token_hash=hash_of_link(cookie),
        share=share,
        defaults={"began_at": at, "seen_at": at, "proved_at": None, "ended_at": None},
    )
    return Entered(entry, cookie)


def renew_cookie(cookie: str) -> str:
    """Return a new value for a browser that has just proved itself; the old one opens nothing."""
    renewed = secrets.token_urlsafe(32)
    GuestEntry.objects.filter(token_hash=hash_of_link(cookie)).update(
        token_hash=hash_of_link(renewed)
    )
    return renewed


def _proved_entry(share: Share, cookie: str, at: datetime) -> GuestEntry | None:
    """Return this browser's entry if it has proved the address and is still live."""
    try:
        entry = find_entry(share.id, cookie, at=at)
    except NotFoundError:
        return None
    return entry if entry.proved_at is not None else None


def send_another_code(entry: GuestEntry, *, at: datetime) -> None:
    """Send a fresh one-time code to the named address; older ones work no more.

    Raises:
        TooManyCodesError: five were sent within the hour.
    """
    consent = require_live(entry.share, at=at)
    with transaction.atomic():
        _send_code(entry.share, consent, at)


def find_entry(share_id: UUID, cookie: str, *, at: datetime) -> GuestEntry:
    """Return this browser's entry to a share, proved or not.

    Raises:
        NotFoundError: this browser never showed the secret, or too long ago.
    """
    entry = (
        GuestEntry.objects.select_related("share")
        .filter(token_hash=hash_of_link(cookie), share_id=share_id)
        .first()
    )
    if entry is None or at - entry.seen_at > IDLE or at - entry.began_at > LONGEST:
        raise NotFoundError
    if entry.ended_at is not None:
        require_live(entry.share, at=at)  # says how it ended to whoever showed the secret
        raise NotFoundError
    return entry


def guest(share_id: UUID, cookie: str, *, at: datetime) -> Party:
    """Return the guest that this browser is, for the decision point to judge.

    Raises:
        NotFoundError: the address was not proved here, or the owner has not let
            this guest in.
        ShareRevokedError, ShareExpiredError, ShareLockedError: it has ended.
    """
    entry = find_entry(share_id, cookie, at=at)
    if entry.proved_at is None:
        raise NotFoundError
    consent = require_live(entry.share, at=at)
    if entry.share.needs_release and entry.share.released_at is None:
        raise NotFoundError
    if at - entry.seen_at > _STAMP_EVERY:
        GuestEntry.objects.filter(pk=entry.pk).update(seen_at=at)
    return Party(
        kind=PartyKind.GUEST,
        share_id=share_id,
        consent_id=consent.id,
        session=str(entry.id),
        until=min(consent.ends_at, entry.began_at + LONGEST),
    )


def require_live(share: Share, *, at: datetime) -> Consent:
    """Return the share's consent if the share can be opened now.

    Raises:
        ShareRevokedError, ShareExpiredError, ShareNotStartedError, ShareLockedError.
    """
    consent = Consent.objects.get(pk=share.consent_id)
    require_open(share, consent, at=at)
    return consent


def require_open(share: Share, consent: Consent, *, at: datetime) -> None:
    """Let a share pass that can be opened now; `consent` is the one it stands for.

    Raises:
        ShareRevokedError, ShareExpiredError, ShareNotStartedError, ShareLockedError.
    """
    if share.declined_at is not None:
        raise ShareDeclinedError
    reason = refusal(granted(consent), Permission.VIEW, at=at)
    if reason is not None:
        raise _ENDED.get(reason, ShareRevokedError)
    if share.locked_at is not None:
        raise ShareLockedError


def _send_code(share: Share, consent: Consent, at: datetime) -> None:
    Share.objects.select_for_update().get(pk=share.pk)  # one code at a time is counted and sent
    sent = ShareCode.objects.filter(share=share, sent_at__gt=at - timedelta(hours=1)).count()
    if sent >= CODES_AN_HOUR:
        raise TooManyCodesError
    ShareCode.objects.filter(share=share, expires_at__gt=at).update(expires_at=at)
    code = new_one_time_code()
    ShareCode.objects.create(
        share=share,
        code_hash=hash_of_short(share.id, code),
        sent_at=at,
        expires_at=at + CODE_LASTS,
    )
    send("share-code", to=terms_of(consent).recipient.address, context={"code": code}, at=at)
    _note(ReleaseEvent.SHARE_CODE_SENT, share, consent, at)


def _note(
    event: ReleaseEvent, share: Share, consent: Consent, at: datetime, *, origin: str = ""
) -> None:
    record(
        event,
        actor=f"share/{share.id}",
        subject=f"share/{share.id}",
        vault_id=share.vault_id,
        consent_id=consent.id,
        origin=origin,
        at=at,
    )
