"""How does a machine act for an account? With a token that its owner or an operator makes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.platform.audit.actions import record
from safelight.records.accounts.events import AccountEvent
from safelight.records.accounts.models import Account, ApiToken
from safelight.records.accounts.tokens import Scope, new_token

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

LONGEST = timedelta(days=365)
USUAL = timedelta(days=90)
_LONGEST_LABEL = 60


@transaction.atomic
def create_token(
    account: Account,
    scopes: Collection[Scope],
    *,
    valid_for: timedelta = USUAL,
    label: str = "",
    no_rate_limit: bool = False,
    actor: str = "",
    at: datetime,
) -> tuple[str, ApiToken]:
    """Make a token and return its text, which is never readable again, and its row.

    `actor` is "operator" when it is not the account itself; only an operator may
    lift the rate limit.

    Raises:
        InvalidFieldError: no scope, or a life beyond a year or of nothing.
    """
    if not scopes:
        raise InvalidFieldError("scope", "A token needs at least one scope.")
    if not timedelta(0) < valid_for <= LONGEST:
        raise InvalidFieldError("days", "A token lives for 1 to 365 days.")
    if no_rate_limit and actor != "operator":
        raise InvalidFieldError("no_rate_limit", "Only an operator may lift the rate limit.")
    text, parts = new_token()
    row = ApiToken.objects.create(
        account=account,
        public=parts.public,
        secret_hash=parts.secret_hash,
        label=" ".join(label.split())[:_LONGEST_LABEL],
        scopes=sorted(Scope(scope).value for scope in scopes),
        no_rate_limit=no_rate_limit,
        created_at=at,
        expires_at=at + valid_for,
    )
    record(
        AccountEvent.TOKEN_CREATED,
        actor=actor or f"account/{account.pk}",
        on_behalf=f"account/{account.pk}" if actor else "",
        subject=f"token/{row.pk}",
        at=at,
        detail={"scopes": row.scopes, "no_rate_limit": no_rate_limit},
    )
    return text, row


@transaction.atomic
def revoke_token(account: Account, token_id: UUID, *, at: datetime) -> None:
    """End one of an account's tokens.

    Raises:
        NotFoundError: it is not one of them, or it ended already.
    """
    ended = ApiToken.objects.filter(account=account, pk=token_id, revoked_at__isnull=True).update(
        revoked_at=at
    )
    if not ended:
        raise NotFoundError
    record(
        AccountEvent.TOKEN_REVOKED,
        actor=f"account/{account.pk}",
        subject=f"token/{token_id}",
        at=at,
    )
