"""Who is this browser, that came by the link of an upload request?

Three steps: show the secret, say who you are and pass the second check, and only
then send. GET changes nothing. A link that is unknown, over, used up, withdrawn or
locked, and a wrong secret, are answered alike.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F

from safelight.exchange.access.link_secrets import (
    equal,
    hash_of_link,
    hash_of_short,
    new_one_time_code,
)
from safelight.exchange.receive.asked.links import facts_of
from safelight.exchange.receive.asked.rules import (
    TRIES,
    Check,
    Introduced,
    LinkState,
    faults_of_introduction,
    may_go_on,
    state_of,
)
from safelight.exchange.receive.errors import NotAsAskedError, WrongCheckError
from safelight.exchange.receive.events import ReceiveEvent
from safelight.exchange.receive.models import Parcel, Sender, SenderCode, UploadRequest
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import aim, record, record_denial
from safelight.platform.audit.events import Outcome
from safelight.platform.notices.actions import send
from safelight.records.accounts.errors import RateLimitedError
from safelight.records.accounts.holds import require_free
from safelight.records.accounts.throttle import SENDER_CODES, SENDER_ENTRIES, take

CODE_LASTS: Final = timedelta(minutes=10)
IDLE: Final = timedelta(hours=12)
LONGEST: Final = timedelta(days=7)
_STAMP_EVERY: Final = timedelta(minutes=1)
_NO_HASH: Final = bytes(32)


@dataclass(frozen=True, slots=True)
class Entered:
    """A browser that showed the secret, and the cookie value that stands for it."""

    sender: Sender
    cookie: str


def show_secret(
    request_id: UUID, *, secret: str, cookie: str = "", origin: str = "", at: datetime
) -> Entered:
    """Show the link's secret; where a code is asked for, it is then sent.

    Raises:
        RateLimitedError: it comes from a network that is held.
        NotFoundError: nothing opens; never why.
    """
    require_free(origin, at=at)
    request = UploadRequest.objects.filter(pk=request_id).first()
    tried = f"uploadrequest/{request.pk}" if request else aim("link", str(request_id))
    right = equal(hash_of_link(secret), request.secret_hash if request else _NO_HASH)
    if request is None or not right or not _is_open(request, cookie, at):
        _deny(tried, origin, at)
        raise NotFoundError
    with suppress(NotFoundError):
        return Entered(find_sender(request_id, cookie, at=at), cookie)
    try:
        take(SENDER_ENTRIES, str(request.pk), at=at)
    except RateLimitedError:
        _deny(tried, origin, at)
        raise NotFoundError from None
    fresh = secrets.token_urlsafe(32)
    with transaction.atomic():
        sender = Sender.objects.create(
            token_hash=hash_of_link(fresh), request=request, began_at=at, seen_at=at,
            name="", address="", relation="",
        )  # fmt: skip
        _note(ReceiveEvent.REQUEST_OPENED, sender, at, origin=origin)
    if request.check_by == Check.CODE:
        with suppress(RateLimitedError):  # the page says so when another one is asked for
            _send_code(sender, at)
    return Entered(sender, fresh)


def find_sender(request_id: UUID, cookie: str, *, at: datetime) -> Sender:
    """Return this browser, where it showed the secret and the link still lets it go on.

    Raises:
        NotFoundError: it did not, or too long ago, or the link is closed.
    """
    sender = (
        Sender.objects.select_related("request")
        .filter(token_hash=hash_of_link(cookie), request_id=request_id)
        .first()
    )
    if sender is None or at - sender.seen_at > IDLE or at - sender.began_at > LONGEST:
        raise NotFoundError
    if not may_go_on(facts_of(sender.request), at=at) or not _has_a_place(sender):
        raise NotFoundError
    return sender


def named_sender(request_id: UUID, cookie: str, *, at: datetime) -> Sender:
    """Return this browser, where it may send: it said who it is, and passed the check.

    Raises:
        NotFoundError: like `find_sender`, or it has not.
    """
    sender = find_sender(request_id, cookie, at=at)
    if sender.named_at is None:
        raise NotFoundError
    if at - sender.seen_at > _STAMP_EVERY:
        Sender.objects.filter(pk=sender.pk).update(seen_at=at)
    return sender


def send_another_code(sender: Sender, *, at: datetime) -> None:
    """Send a fresh code to the expected address; older ones work no more.

    Raises:
        NotFoundError: no code is asked for.
        RateLimitedError: five were sent within the hour.
    """
    if sender.request.check_by != Check.CODE:
        raise NotFoundError
    _send_code(sender, at)


def introduce(sender: Sender, said: Introduced, *, answer: str = "", at: datetime) -> str:
    """Say who is sending, that they may, and pass the second check; return the new cookie value.

    Raises:
        NotAsAskedError: what is missing, by field.
        WrongCheckError: the words or the code are not right.
        NotFoundError: that was the last try; the link is closed.
    """
    if faults := faults_of_introduction(said):
        raise NotAsAskedError(faults)
    request = sender.request
    code = _checked(sender, answer, at)
    renewed = secrets.token_urlsafe(32)
    with transaction.atomic():
        if code is not None:
            unused = SenderCode.objects.filter(pk=code.pk, used_at=None)
            if not unused.update(used_at=at):
                raise NotFoundError
        Sender.objects.filter(pk=sender.pk).update(
            token_hash=hash_of_link(renewed),
            name=said.name,
            address=said.address,
            relation=said.relation,
            read_the_code=code is not None,
            named_at=at,
            seen_at=at,
        )
        UploadRequest.objects.filter(pk=request.pk).update(tries_left=TRIES)
        _note(ReceiveEvent.SENDER_NAMED, sender, at)
    return renewed


def _is_open(request: UploadRequest, cookie: str, at: datetime) -> bool:
    state = state_of(facts_of(request), at=at)
    if state is not LinkState.USED_UP:
        return state is LinkState.OPEN
    known = Sender.objects.filter(token_hash=hash_of_link(cookie), request=request).first()
    return known is not None and _has_a_place(known)


def _has_a_place(sender: Sender) -> bool:
    """Say whether this browser can still begin a parcel, or has begun one."""
    return sender.request.parcels_left > 0 or Parcel.objects.filter(sender=sender).exists()


def _checked(sender: Sender, answer: str, at: datetime) -> SenderCode | None:
    """Judge the second check, each try paid for before; return the code that was right, if any."""
    request = sender.request
    if request.check_by == Check.NONE:
        return None
    left = UploadRequest.objects.filter(pk=request.pk, tries_left__gt=0, locked_at=None)
    if not left.update(tries_left=F("tries_left") - 1):
        raise NotFoundError
    if request.check_by == Check.PASSPHRASE:
        kept = bytes.fromhex(request.passphrase_hash)
        if equal(hash_of_short(request.pk, answer), kept):
            return None
    else:
        plain = "".join(letter for letter in answer if letter.isdigit())
        given = hash_of_short(request.pk, plain)
        live = SenderCode.objects.filter(request=request, used_at=None, expires_at__gt=at)
        for sent in live:
            if equal(given, sent.code_hash):
                return sent
    with transaction.atomic():
        _note(ReceiveEvent.SENDER_CHECK_WRONG, sender, at, Outcome.DENIED)
        request.refresh_from_db()
        spent = UploadRequest.objects.filter(pk=request.pk, tries_left=0, locked_at=None)
        if spent.update(locked_at=at):
            _note(ReceiveEvent.REQUEST_LOCKED, sender, at)
    if request.tries_left == 0:
        raise NotFoundError
    raise WrongCheckError(request.tries_left)


def _send_code(sender: Sender, at: datetime) -> None:
    request = sender.request
    take(SENDER_CODES, str(request.pk), at=at)
    code = new_one_time_code()
    with transaction.atomic():
        SenderCode.objects.filter(request=request, expires_at__gt=at).update(expires_at=at)
        SenderCode.objects.create(
            request=request,
            code_hash=hash_of_short(request.pk, code),
            sent_at=at,
            expires_at=at + CODE_LASTS,
        )
        send("sender-code", to=str(request.address), context={"code": code}, at=at)
        _note(ReceiveEvent.SENDER_CODE_SENT, sender, at)


def _deny(tried: str, origin: str, at: datetime) -> None:
    record_denial(
        ReceiveEvent.REQUEST_DENIED,
        actor="anonymous",
        subject=tried,
        reason="show-secret",
        origin=origin,
        at=at,
        apart=True,
    )


def _note(
    event: ReceiveEvent,
    sender: Sender,
    at: datetime,
    outcome: Outcome = Outcome.OK,
    *,
    origin: str = "",
) -> None:
    record(
        event,
        actor=f"sender/{sender.pk}",
        subject=f"uploadrequest/{sender.request_id}",
        vault_id=sender.request.vault_id,
        outcome=outcome,
        origin=origin,
        at=at,
    )
