"""Who is acting now? An account through a session or a token, or nobody we know."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from safelight.records.accounts.models import ApiToken, Kind, Role, Session, State
from safelight.records.accounts.queries import memberships_of
from safelight.records.accounts.sessions import ends_at, find
from safelight.records.accounts.tokens import parts_of

if TYPE_CHECKING:
    from safelight.records.accounts.models import Account

AAL_TOKEN = 2  # a token was made in a session of that level, or by an operator


@dataclass(frozen=True, slots=True)
class Belonging:
    """An active membership: where, and as what."""

    organization_id: UUID
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Whoever is acting, and how surely we know. Nobody known has no account and no kind.

    `until` is when this must be asked again: the session's or the token's end.
    `session_ref` is opaque and fit for the record: "session/<id>" or "token/<id>".
    """

    account_id: UUID | None = None
    kind: Kind | None = None
    session_ref: str = ""
    aal: int = 0
    token_scopes: frozenset[str] | None = None
    memberships: tuple[Belonging, ...] = ()
    until: datetime | None = None
    is_unlimited: bool = False

    @property
    def is_known(self) -> bool:
        """Whether this is somebody with an account."""
        return self.account_id is not None

    @property
    def reference(self) -> str:
        """Name the actor for the record."""
        return f"account/{self.account_id}" if self.account_id else "anonymous"


ANONYMOUS = Actor()


def actor_of_session(session_key: str | None, *, at: datetime) -> Actor:
    """Return who holds the session behind a cookie's value; notes that it was seen."""
    row = find(session_key or "", at=at)
    return ANONYMOUS if row is None else actor_of_row(row)


def actor_of_row(row: Session) -> Actor:
    """Return who holds a live session."""
    account = row.account
    if account is None or row.aal == 0 or account.state != State.ACTIVE:
        return ANONYMOUS
    return Actor(
        account_id=account.pk,
        kind=Kind(account.kind),
        session_ref=f"session/{row.pk}",
        aal=row.aal,
        memberships=_belongings(account.pk),
        until=ends_at(row),
    )


def actor_of_account(account: Account) -> Actor:
    """Return an account as an operator at the command line acts for it."""
    return Actor(
        account_id=account.pk,
        kind=Kind(account.kind),
        session_ref="operator",
        aal=AAL_TOKEN,
        memberships=_belongings(account.pk),
    )


def actor_of_token(text: str, *, at: datetime) -> Actor:
    """Return who a bearer token acts for; nobody when it is wrong, over or revoked."""
    found = account_for_token(text, at=at)
    if found is None:
        return ANONYMOUS
    account, scopes, token = found
    return Actor(
        account_id=account.pk,
        kind=Kind(account.kind),
        session_ref=f"token/{token.pk}",
        aal=AAL_TOKEN,
        token_scopes=scopes,
        memberships=_belongings(account.pk),
        until=token.expires_at,
        is_unlimited=token.no_rate_limit,
    )


def account_for_token(
    text: str, *, at: datetime
) -> tuple[Account, frozenset[str], ApiToken] | None:
    """Return the account, scopes and row of a bearer token, or None; notes the day of use."""
    parts = parts_of(text)
    if parts is None:
        return None
    token = ApiToken.objects.select_related("account").filter(public=parts.public).first()
    if token is None or not hmac.compare_digest(bytes(token.secret_hash), parts.secret_hash):
        return None
    if token.revoked_at or token.expires_at <= at or token.account.state != State.ACTIVE:
        return None
    if token.last_used_on != at.date():
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=at.date())
    return token.account, frozenset(token.scopes), token


def _belongings(account_id: UUID) -> tuple[Belonging, ...]:
    return tuple(
        Belonging(row.organization_id, Role(row.role)) for row in memberships_of(account_id)
    )
