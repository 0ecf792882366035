"""How does a program put a question to its person, and hand in what the person answered?

A token may ask for the words and hand in the answer; it cannot give it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from allauth.mfa.models import Authenticator
from ninja import Field, Schema

from safelight.exchange.access.parties import session_id
from safelight.kernel.errors import ExpectedError, InvalidFieldError, StateConflictError
from safelight.kernel.ids import from_text
from safelight.records.accounts.authorization.actions import (
    LASTS,
    confirm_with_passkey,
    confirm_with_password_and_code,
    passkey_options,
)
from safelight.records.accounts.authorization.queries import was_answered
from safelight.records.accounts.errors import RateLimitedError
from safelight.records.accounts.models import Authorization
from safelight.records.accounts.queries import account_with, factors_of
from safelight.records.accounts.questions.actions import question_beside
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.forms import Asked, Id, OutId

_DIGEST: Final = r"^[0-9a-f]{64}$"
_ANSWERED: Final = (
    "This question was answered already. Look at what came of it, or present it anew."
)


class ChallengeOut(Schema):
    """The question to the person, good for five minutes and one answer.

    `passkey` holds the options for `navigator.credentials.get`, where there is one.
    """

    id: OutId
    meaning: str
    expires_at: datetime
    passkey: dict[str, Any] | None
    question: str | None = Field(
        description="One of the person's own, to be answered as well; alone it is worth nothing."
    )


class Signature(Asked):
    """The person's answer: password and code of their app, or what their passkey said."""

    digest: str = Field(pattern=_DIGEST, description="Of what was presented, and is now signed.")
    challenge: Id
    password: str | None = Field(None, max_length=1024)
    code: str | None = Field(None, max_length=32)
    passkey: dict[str, Any] | None = None
    answer: str | None = Field(None, max_length=240, description="To a question of their own.")


def question(request: Called, challenge_id: UUID, meaning: str, *, at: datetime) -> ChallengeOut:
    """Return a question that was just asked, as a program puts it to the person."""
    return ChallengeOut(
        id=challenge_id,
        meaning=meaning,
        expires_at=at + LASTS,
        passkey=_passkey(request, challenge_id, at),
        question=question_beside(challenge_id) or None,
    )


def answered(request: Called, signature: Signature, *, at: datetime) -> Authorization:
    """Take the person's answer.

    Raises:
        StateConflictError: this very question was answered already, by another request.
        StepUpRequiredError: it answers no open question of this account here.
        InvalidFieldError: password, code or the answer is missing or wrong.
        PasskeyRefusedError: the passkey signed something else.
        RateLimitedError: too many tries.
    """
    try:
        return _given(request, signature, at)
    except RateLimitedError:
        raise
    except ExpectedError:
        # Of two that came with the same answer, the later one used nothing up: say what is so.
        challenge, account_id = from_text(signature.challenge), request.auth.account
        if was_answered(challenge, account_id=account_id, session_id=session_id(request.auth)):
            raise StateConflictError(_ANSWERED) from None
        raise


def keep_seat(request: Called) -> None:
    """Give a session that has just signed a new key; a copy of the old one is worth nothing."""
    if request.auth.token_scopes is None:
        request.session.cycle_key()


def _given(request: Called, signature: Signature, at: datetime) -> Authorization:
    account = account_with(request.auth.account)
    challenge, seat = from_text(signature.challenge), session_id(request.auth)
    if signature.passkey is not None:
        return confirm_with_passkey(
            challenge,
            account=account,
            session_id=seat,
            credential=signature.passkey,
            answer=signature.answer,
            at=at,
        )
    for name in ("password", "code"):
        if not getattr(signature, name):
            raise InvalidFieldError(name, "This is needed: the person signs with both.")
    return confirm_with_password_and_code(
        challenge,
        account=account,
        session_id=seat,
        password=signature.password or "",
        code=signature.code or "",
        answer=signature.answer,
        at=at,
    )


def _passkey(request: Called, challenge_id: UUID, at: datetime) -> dict[str, Any] | None:
    account = account_with(request.auth.account)
    if Authenticator.Type.WEBAUTHN not in {factor.type for factor in factors_of(account)}:
        return None
    return passkey_options(
        challenge_id, account=account, session_id=session_id(request.auth), at=at
    )
