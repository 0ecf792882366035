"""How is a session kept? Server-side, sealed, found by the hash of its key, and for a short time.

Django's sessions speak through `SessionStore`; the other surfaces ask `find`.
A session ends 30 minutes after it was last seen (15 for providers) and 12 hours
after sign-in, whatever happens. `last_seen_at` is written at most once a minute.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, transaction
from django.db.models import Q

from safelight.kernel import clock
from safelight.kernel.ids import new_id
from safelight.records.accounts.models import Session

IDLE_INDIVIDUAL = timedelta(minutes=30)
IDLE_PROVIDER = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)

AAL = "safelight_aal"
AUTH_AT = "safelight_auth_at"
DEVICE = "safelight_device"


class SessionStore(SessionBase):
    """Django's session interface over our table."""

    row: Session | None = None

    def load(self) -> dict[str, Any]:
        """Read the session's data, or nothing when it is unknown or over."""
        self.row = find(self.session_key or "", at=clock.now())
        if self.row is None:
            self._session_key = None
            return {}
        return dict(self.row.data)

    def exists(self, session_key: str) -> bool:
        """Tell whether a key is taken."""
        return Session.objects.filter(key_hash=_hash(session_key)).exists()

    def create(self) -> None:
        """Begin an empty session under a fresh key."""
        self._session_key = _new_key()
        self.row = None
        self.save(must_create=True)
        self.modified = True

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 (Django's signature)
        """Write the data, sealed.

        Raises:
            CreateError: the key is taken.
            UpdateError: the session ended meanwhile; it does not come back by being saved.
        """
        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        facts = _facts(data)
        if must_create:
            self.row = self._insert(data, facts)
        else:
            if facts["account_id"] and self.row and self.row.account_id is None:
                # The twelve hours count from sign-in, not from the first page.
                facts |= {"created_at": clock.now(), "last_seen_at": clock.now()}
            kept = Session.objects.filter(key_hash=_hash(self.session_key))
            if not kept.update(data=data, **facts):
                raise UpdateError

    def delete(self, session_key: str | None = None) -> None:
        """End a session."""
        key = session_key or self.session_key
        if key:
            Session.objects.filter(key_hash=_hash(key)).delete()

    def cycle_key(self) -> None:
        """Give the same session a fresh key; the old one is worth nothing from now on."""
        self.keys()  # read under the old key before it goes
        old = self.session_key
        if old is None:
            self.create()
            return
        key = _new_key()
        if Session.objects.filter(key_hash=_hash(old)).update(key_hash=_hash(key)):
            self._session_key = key
            self.modified = True
        else:
            self.create()

    @classmethod
    def clear_expired(cls) -> None:
        """Delete every session that is over."""
        at = clock.now()
        Session.objects.filter(
            Q(last_seen_at__lt=at - IDLE_INDIVIDUAL) | Q(created_at__lt=at - ABSOLUTE)
        ).delete()

    def _insert(self, data: dict[str, Any], facts: dict[str, Any]) -> Session:
        at = clock.now()
        try:
            with transaction.atomic():
                return Session.objects.create(
                    id=new_id(),
                    key_hash=_hash(self.session_key or ""),
                    data=data,
                    created_at=at,
                    last_seen_at=at,
                    **facts,
                )
        except IntegrityError:
            raise CreateError from None


def find(session_key: str, *, at: datetime) -> Session | None:
    """Return the live session behind a cookie's value, and note that it was seen.

    Its account, when it has one, comes with it and may still hold sessions.
    """
    if not session_key:
        return None
    row = Session.objects.select_related("account").filter(key_hash=_hash(session_key)).first()
    if row is None or ends_at(row) <= at:
        return None
    if row.account is not None and not row.account.is_active:
        return None
    if at - row.last_seen_at >= SEEN_EVERY:
        Session.objects.filter(pk=row.pk, last_seen_at__lt=at).update(last_seen_at=at)
        row.last_seen_at = at
    return row


def ends_at(row: Session) -> datetime:
    """Say when a session ends if nothing more is heard from it."""
    provider = row.account is not None and row.account.is_provider
    idle = IDLE_PROVIDER if provider else IDLE_INDIVIDUAL
    return min(row.last_seen_at + idle, row.created_at + ABSOLUTE)


def _facts(data: dict[str, Any]) -> dict[str, Any]:
    auth_at = data.get(AUTH_AT)
    return {
        "account_id": data.get(SESSION_KEY),
        "aal": data.get(AAL, 0),
        "auth_at": datetime.fromisoformat(auth_at) if auth_at else None,
        "device": data.get(DEVICE, ""),
    }


def _new_key() -> str:
    return secrets.token_urlsafe(32)


def _hash(session_key: str) -> bytes:
    return hashlib.sha256(session_key.encode()).digest()
