"""How does somebody sign in? With a password and a second factor, or with a passkey alone.

A right password opens nothing by itself: it is remembered in the session for ten
minutes, until the second factor is right too. Whoever has no second factor yet is
let in at the lower level, and the pages lead them straight to adding one.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from safelight.kernel.errors import InvalidFieldError
from safelight.kernel.ids import new_id
from safelight.platform.audit.actions import aim, record_denial
from safelight.records.accounts import factors, holds, throttle
from safelight.records.accounts.actions.begin_session import SignedIn, begin_session
from safelight.records.accounts.addresses import normalised
from safelight.records.accounts.errors import (
    CodeRefusedError,
    PasskeyRefusedError,
    SignInRefusedError,
)
from safelight.records.accounts.events import AccountEvent
from safelight.records.accounts.models import Account
from safelight.records.accounts.queries import (
    account_to_sign_in,
    has_factor,
    has_verified_address,
)

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase

    from safelight.records.accounts.actions.begin_session import Visitor

PENDING = "safelight_pending"
PASSKEY = "safelight_passkey"
_PENDING_FOR = timedelta(minutes=10)


class Next(StrEnum):
    """What is left to do after a right password."""

    FACTOR = "factor"
    VERIFY_ADDRESS = "verify-address"
    NOTHING = "nothing"


def answer_password(
    session: SessionBase, address: str, password: str, visitor: Visitor, *, at: datetime
) -> Next:
    """Take a password, and say what is left to do.

    Known and unknown addresses cost the same one hash.

    Raises:
        SignInRefusedError: the two do not go together, or the account may not sign in.
        RateLimitedError: too many tries.
    """
    try:
        address = normalised(address)
    except InvalidFieldError:
        address = ""
    source = throttle.network_of(visitor.source)
    holds.require_free(visitor.source, at=at)
    throttle.take(throttle.SIGN_IN_SOURCE, source, at=at)
    throttle.take(throttle.SIGN_IN_ADDRESS, address, at=at)
    throttle.take(throttle.SIGN_IN, address, source, at=at)
    account = account_to_sign_in(address)
    right = check_password(password, account.password if account else _nobodys_password())
    if account is None or not right or not account.is_active:
        record_denial(
            AccountEvent.SIGN_IN_REFUSED,
            actor="anonymous",
            subject=f"account/{account.pk}" if account else aim("address", address),
            at=at,
            origin=visitor.source,
            apart=True,
        )
        raise SignInRefusedError
    throttle.give_back(throttle.SIGN_IN, address, source)
    throttle.give_back(throttle.SIGN_IN_ADDRESS, address)
    throttle.give_back(throttle.SIGN_IN_SOURCE, source)
    session[PENDING] = {"account": str(account.pk), "at": at.isoformat()}
    if not has_verified_address(account):
        return Next.VERIFY_ADDRESS
    return Next.FACTOR if has_factor(account) else Next.NOTHING


def pending_account(session: SessionBase, *, at: datetime) -> Account:
    """Return the account whose password was right a moment ago.

    Raises:
        SignInRefusedError: there is none, or the moment is over.
    """
    pending = session.get(PENDING)
    if not pending or at - datetime.fromisoformat(pending["at"]) > _PENDING_FOR:
        raise SignInRefusedError
    account = Account.objects.filter(pk=UUID(pending["account"])).first()
    if account is None or not account.is_active:
        raise SignInRefusedError
    return account


def enter_without_factor(session: SessionBase, visitor: Visitor, *, at: datetime) -> SignedIn:
    """Begin a session at the lower level, for adding the first second factor.

    Raises:
        SignInRefusedError: no right password, no proved address, or a factor exists.
    """
    account = pending_account(session, at=at)
    if has_factor(account) or not has_verified_address(account):
        raise SignInRefusedError
    with transaction.atomic():
        return begin_session(session, account, ["password"], visitor, aal=1, at=at)


def answer_code(session: SessionBase, code: str, visitor: Visitor, *, at: datetime) -> SignedIn:
    """Take a code of the authenticator app, or a recovery code, and sign in.

    Raises:
        SignInRefusedError: no right password came before.
        CodeRefusedError: the code is wrong or was used.
        RateLimitedError: too many tries.
    """
    holds.require_free(visitor.source, at=at)
    account = pending_account(session, at=at)
    throttle.take(throttle.FACTOR, str(account.pk), at=at)
    try:
        with transaction.atomic():
            method = _accept_code(account, code, at=at)
            signed_in = begin_session(session, account, ["password", method], visitor, aal=2, at=at)
            throttle.give_back(throttle.FACTOR, str(account.pk))
    except CodeRefusedError:
        record_denial(
            AccountEvent.CODE_REFUSED,
            actor=f"account/{account.pk}",
            at=at,
            origin=visitor.source,
        )
        raise
    return signed_in


def ask_passkey(session: SessionBase, account: Account | None = None) -> dict[str, Any]:
    """Return the question for the browser, and remember it in the session."""
    options, session[PASSKEY] = factors.passkey_question(account)
    return options


def answer_passkey(
    session: SessionBase, credential: dict[str, Any], visitor: Visitor, *, at: datetime
) -> SignedIn:
    """Take a passkey's answer and sign in; the person was verified by it, so it is enough.

    Raises:
        PasskeyRefusedError: not asked, not known, or not for this account.
        RateLimitedError: too many tries from there.
    """
    holds.require_free(visitor.source, at=at)
    throttle.take(throttle.SIGN_IN_SOURCE, throttle.network_of(visitor.source), at=at)
    state = session.pop(PASSKEY, None)
    account = _named_by(credential) or _pending_or_none(session, at=at)
    if state is None or account is None or not account.is_active:
        raise PasskeyRefusedError
    try:
        with transaction.atomic():
            factors.accept_passkey(account, state, credential, at=at)
            return begin_session(session, account, ["passkey"], visitor, aal=2, at=at)
    except PasskeyRefusedError:
        record_denial(
            AccountEvent.SIGN_IN_REFUSED,
            actor="anonymous",
            subject=f"account/{account.pk}",
            at=at,
            origin=visitor.source,
            apart=True,
        )
        raise


def _accept_code(account: Account, code: str, *, at: datetime) -> str:
    try:
        factors.accept_app_code(account, code, at=at)
    except CodeRefusedError:
        factors.accept_recovery_code(account, code, at=at)
        return "recovery-code"
    return "app-code"


def _named_by(credential: dict[str, Any]) -> Account | None:
    handle = factors.account_id_of(credential)
    return Account.objects.filter(pk=handle).first() if handle else None


def _pending_or_none(session: SessionBase, *, at: datetime) -> Account | None:
    try:
        return pending_account(session, at=at)
    except SignInRefusedError:
        return None


@cache
def _nobodys_password() -> str:
    return make_password(str(new_id()))
