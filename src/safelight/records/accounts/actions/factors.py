"""How does a second factor come and go? The first one in the lead-in, others after a step-up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.db import transaction

from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.platform.audit.actions import record
from safelight.platform.notices.actions import send
from safelight.records.accounts import factors
from safelight.records.accounts.adapters import FactorAdapter
from safelight.records.accounts.alarms import not_me_page
from safelight.records.accounts.errors import (
    CodeRefusedError,
    LastFactorError,
    PasskeyRefusedError,
)
from safelight.records.accounts.events import AccountEvent
from safelight.records.accounts.factor_kinds import FactorKind, keep_kind, kind_of
from safelight.records.accounts.models import Account
from safelight.records.accounts.queries import address_of, factors_of
from safelight.records.accounts.sessions import AAL, AUTH_AT

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.sessions.backends.base import SessionBase

APP_SECRET = "safelight_app_secret"  # noqa: S105 (where the session keeps it)
PASSKEY_STATE = "safelight_new_passkey"
_LONGEST_NAME = 60
_WORDS = {
    FactorKind.APP: "authenticator app",
    FactorKind.PASSKEY: "passkey",
    FactorKind.SECURITY_KEY: "hardware security key",
}
_NAMES = {FactorKind.PASSKEY: "Passkey", FactorKind.SECURITY_KEY: "Security key"}


def offer_app(session: SessionBase, account: Account) -> tuple[str, str]:
    """Return a secret for an authenticator app and its address; the session remembers it."""
    secret = session.get(APP_SECRET) or generate_totp_secret()
    session[APP_SECRET] = secret
    return secret, str(FactorAdapter().build_totp_url(account, secret))


@transaction.atomic
def add_app(session: SessionBase, account: Account, code: str, *, at: datetime) -> Authenticator:
    """Add the authenticator app that shows `code` for the secret that was offered.

    Raises:
        CodeRefusedError: it shows another code, or nothing was offered.
        StateConflictError: there is an app already.
    """
    secret = session.get(APP_SECRET)
    counter = factors.matching_counter(secret, code) if secret else None
    if counter is None:
        raise CodeRefusedError
    if Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).exists():
        raise StateConflictError
    row = TOTP.activate(account, secret).instance
    row.data["last_counter"] = counter
    row.save(update_fields=["data"])
    del session[APP_SECRET]
    _added(session, account, FactorKind.APP, at=at)
    return row


def offer_passkey(
    session: SessionBase, account: Account, *, on_a_key: bool = False
) -> dict[str, Any]:
    """Return the options for the browser to make a passkey; the session remembers the question."""
    options, session[PASSKEY_STATE] = factors.registration_question(account, on_a_key=on_a_key)
    return options


@transaction.atomic
def add_passkey(
    session: SessionBase, account: Account, credential: dict[str, Any], name: str, *, at: datetime
) -> Authenticator:
    """Add the passkey that the browser made.

    Raises:
        PasskeyRefusedError: it answers another question, or names another host.
    """
    state = session.pop(PASSKEY_STATE, None)
    if state is None:
        raise PasskeyRefusedError
    kind = factors.registered_passkey(state, credential)
    name = " ".join(name.split())[:_LONGEST_NAME] or _NAMES[kind]
    row = WebAuthn.add(account, name, credential).instance
    keep_kind(row, kind)
    _added(session, account, kind, at=at)
    return row


@transaction.atomic
def remove_factor(account: Account, factor_id: int, *, at: datetime) -> None:
    """Remove one of several second factors; call it only after a step-up.

    Raises:
        NotFoundError: it is not one of this account's.
        LastFactorError: it is the only one left.
    """
    Account.objects.select_for_update().get(pk=account.pk)
    mine = factors_of(account)
    row = next((each for each in mine if each.pk == factor_id), None)
    if row is None:
        raise NotFoundError
    if len(mine) == 1:
        raise LastFactorError
    row.delete()
    _tell(AccountEvent.FACTOR_REMOVED, account, kind_of(row), "removed", at=at)


@transaction.atomic
def make_recovery_codes(account: Account, *, at: datetime) -> list[str]:
    """Make ten fresh recovery codes, to be shown once; the old ones end."""
    Authenticator.objects.filter(user=account, type=Authenticator.Type.RECOVERY_CODES).delete()
    codes = list(RecoveryCodes.activate(account).get_unused_codes())
    record(AccountEvent.RECOVERY_CODES_MADE, actor=f"account/{account.pk}", at=at, count=len(codes))
    return codes


def _added(session: SessionBase, account: Account, kind: FactorKind, *, at: datetime) -> None:
    # Adding a factor proves it: the level rises, and with it the key changes.
    session[AAL] = 2
    session[AUTH_AT] = at.isoformat()
    session.cycle_key()
    session.save()
    _tell(AccountEvent.FACTOR_ADDED, account, kind, "added", at=at)


def _tell(
    event: AccountEvent, account: Account, kind: FactorKind, change: str, *, at: datetime
) -> None:
    send(
        "factor-changed",
        to=address_of(account),
        context={
            "factor": _WORDS[kind],
            "change": change,
            "when": at.isoformat(),
            "page": not_me_page(account.pk, at=at),
        },
        at=at,
    )
    record(event, actor=f"account/{account.pk}", at=at, detail={"factor": kind})
