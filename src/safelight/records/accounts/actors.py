"""Who is acting now? An account through a session or a token, or nobody we know."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db import transaction

from safelight.platform.audit.actions import record
from safelight.platform.database.asking import as_id, as_time, ask, ask_one
from safelight.records.accounts.events import AccountEvent
from safelight.records.accounts.models import ApiToken, Kind, Membership, Role, Session, State
from safelight.records.accounts.sessions import ends_at, find
from safelight.records.accounts.tokens import parts_of

if TYPE_CHECKING:
    from safelight.records.accounts.models import Account

AAL_TOKEN = 2  # a token was made in a session of that level, or by an operator

_BEARER: Final = """
    SELECT token.id, token.secret_hash, token.scopes, token.no_rate_limit, token.expires_at,
           token.last_used_on, token.revoked_at, account.id, account.kind, account.state
    FROM accounts_apitoken AS token JOIN accounts_account AS account
    ON account.id = token.account_id WHERE token.public = %s
"""
_MEMBERSHIPS: Final = """
    SELECT organization_id, role FROM accounts_membership WHERE account_id = %s AND state = %s
"""


@dataclass(frozen=True, slots=True)
class Belonging:
    """An active membership: where, and as what."""

    organization_id: UUID
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Whoever is acting, and how surely we know. Nobody known has no account and no kind.

    `until` is when this must be asked again: the session's or the token's end. `auth_at`
    is when the person signed in; a token never does.
    `session_ref` is opaque and fit for the record: "session/<id>" or "token/<id>".
    """

    account_id: UUID | None = None
    kind: Kind | None = None
    session_ref: str = ""
    aal: int = 0
    token_scopes: frozenset[str] | None = None
    memberships: tuple[Belonging, ...] = ()
    until: datetime | None = None
    auth_at: datetime | None = None
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
        auth_at=row.auth_at,
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
    """Return who a bearer token acts for; nobody when it is wrong, over or revoked.

    Every request asks anew: a token that is revoked is so at once. Notes the day of use.
    """
    parts = parts_of(text)
    found = ask_one(_BEARER, parts.public) if parts is not None else None
    if parts is None or found is None:
        return ANONYMOUS
    token, secret_hash, scopes, is_unlimited, expires, last_used_on, revoked, account, *rest = found
    kind, state = rest
    if not hmac.compare_digest(bytes(secret_hash), parts.secret_hash):
        return ANONYMOUS
    expires_at, account_id = as_time(expires), as_id(account)
    if revoked is not None or expires_at <= at or state != State.ACTIVE:
        return ANONYMOUS
    token_id = as_id(token)
    if last_used_on != at.date():
        _note_first_use(token_id, account_id, at=at)
    return Actor(
        account_id=account_id,
        kind=Kind(kind),
        session_ref=f"token/{token_id}",
        aal=AAL_TOKEN,
        token_scopes=frozenset(json.loads(scopes)),
        memberships=_belongings(account_id),
        until=expires_at,
        is_unlimited=bool(is_unlimited),
    )


def _note_first_use(token_id: UUID, account_id: UUID, *, at: datetime) -> None:
    """Put the first use of a token on a day on record, once."""
    with transaction.atomic():
        unused = ApiToken.objects.filter(pk=token_id).exclude(last_used_on=at.date())
        if unused.update(last_used_on=at.date()):
            record(
                AccountEvent.TOKEN_USED,
                actor=f"account/{account_id}",
                session=f"token/{token_id}",
                subject=f"token/{token_id}",
                at=at,
            )


def _belongings(account_id: UUID) -> tuple[Belonging, ...]:
    return tuple(
        Belonging(as_id(organization), Role(role))
        for organization, role in ask(_MEMBERSHIPS, account_id, Membership.State.ACTIVE.value)
    )
