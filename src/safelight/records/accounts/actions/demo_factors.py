"""How does a demo person get a second factor without a screen? Only where the clock may move."""

from __future__ import annotations

from datetime import datetime

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.db import transaction

from safelight.kernel.errors import StateConflictError
from safelight.platform.audit.actions import record
from safelight.records.accounts.events import AccountEvent
from safelight.records.accounts.models import Account


@transaction.atomic
def give_app(account: Account, *, at: datetime) -> str:
    """Give a demo person an authenticator app and return its secret, to be printed.

    Raises:
        StateConflictError: this is not a demo.
    """
    if not settings.SAFELIGHT_DEMO:
        raise StateConflictError
    secret: str = generate_totp_secret()
    TOTP.activate(account, secret)
    record(AccountEvent.FACTOR_ADDED, actor="operator", subject=f"account/{account.pk}", at=at)
    return secret
