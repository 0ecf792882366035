"""What happens at the moment somebody is signed in?

The session gets a fresh key and forgets what it knew before; the act is recorded;
and a browser never seen with this account is announced to its owner by mail.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from safelight.platform.audit.actions import record
from safelight.platform.notices.actions import send
from safelight.records.accounts.alarms import not_me_page
from safelight.records.accounts.events import AccountEvent
from safelight.records.accounts.models import Account, KnownDevice
from safelight.records.accounts.queries import address_of
from safelight.records.accounts.sessions import AAL, AUTH_AT, DEVICE, SessionStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.contrib.sessions.backends.base import SessionBase

BACKEND = "safelight.records.accounts.backend.AccountBackend"
METHODS = "safelight_methods"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a request comes from: its address, its browser in words, the key it keeps."""

    source: str
    device: str
    device_key: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is in now, and the key by which their browser will be known again."""

    account: Account
    device_key: str


def begin_session(
    session: SessionBase,
    account: Account,
    methods: Sequence[str],
    visitor: Visitor,
    *,
    aal: int,
    at: datetime,
) -> SignedIn:
    """Sign an account in, inside the caller's transaction."""
    session.clear()
    session.cycle_key()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session[METHODS] = list(methods)
    session[AAL] = aal
    session[AUTH_AT] = at.isoformat()
    session[DEVICE] = visitor.device
    session.save()
    record(
        AccountEvent.SIGNED_IN,
        actor=f"account/{account.pk}",
        session=session_reference(session),
        at=at,
        origin=visitor.source,
        detail={"methods": list(methods), "aal": aal, "device": visitor.device},
    )
    return SignedIn(account, _recognise(account, visitor, at=at))


def session_reference(session: SessionBase) -> str:
    """Return the opaque id of a session for the record; empty before it is kept."""
    if isinstance(session, SessionStore) and session.row is not None:
        return f"session/{session.row.pk}"
    return ""


def _recognise(account: Account, visitor: Visitor, *, at: datetime) -> str:
    known = KnownDevice.objects.filter(account=account)
    if visitor.device_key and known.filter(key_hash=_hash(visitor.device_key)).update(
        last_seen_at=at
    ):
        return visitor.device_key
    if known.exists():
        send(
            "new-device",
            to=address_of(account),
            context={
                "device": visitor.device,
                "when": at.isoformat(),
                "page": not_me_page(account.pk, at=at),
            },
            at=at,
        )
        record(
            AccountEvent.DEVICE_NEW,
            actor=f"account/{account.pk}",
            at=at,
            origin=visitor.source,
            detail={"device": visitor.device},
        )
    key = secrets.token_urlsafe(32)
    KnownDevice.objects.create(
        account=account, key_hash=_hash(key), device=visitor.device, last_seen_at=at
    )
    return key


def _hash(device_key: str) -> bytes:
    return hashlib.sha256(device_key.encode()).digest()
