"""How does a person approve exactly what is on the screen, being identified at that moment?

`begin` asks one account, in one session or through one token, about one digest. A
`confirm_…` answers with a passkey that signs the question, or with password and app
code: whoever holds a token alone cannot. `consume` uses the approval, once, within
five minutes, for the same digest in the same session; a statement of the database,
not a check before it, makes it once.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.hashers import check_password
from django.db import transaction

from safelight.platform.audit.actions import record
from safelight.records.accounts import factors, throttle
from safelight.records.accounts.authorization.recording import deny, seat
from safelight.records.accounts.errors import (
    AnswerRefusedError,
    AuthorizationOtherContentError,
    AuthorizationUsedError,
    CodeRefusedError,
    PasskeyRefusedError,
    StepUpRequiredError,
)
from safelight.records.accounts.events import AccountEvent
from safelight.records.accounts.factor_kinds import kind_of
from safelight.records.accounts.models import Account, Authorization, Challenge
from safelight.records.accounts.questions.actions import accept_answer, has_questions

if TYPE_CHECKING:
    from allauth.mfa.models import Authenticator

LASTS = timedelta(minutes=5)
CHALLENGE_QUESTION = "challenge-question"
_DIGEST_SIZE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureRecord:
    """What a signature must say (21 CFR 11.50): who, when, meaning; and how we know.

    `in_addition` names what was asked beside the method and adds nothing to its level.
    """

    authorization_id: UUID
    account_id: UUID
    printed_name: str
    given_at: datetime
    meaning: str
    digest: bytes
    method: str
    aal: int
    factor_id: int
    session_id: UUID
    in_addition: tuple[str, ...] = ()


def begin(
    account: Account, *, session_id: UUID, digest: bytes, meaning: str, at: datetime
) -> Challenge:
    """Ask an account to approve the content with this SHA-256; `meaning` is what approving says.

    Raises:
        ValueError: the digest is not 32 bytes.
    """
    if len(digest) != _DIGEST_SIZE:
        raise ValueError("a digest is 32 bytes")
    with transaction.atomic():
        challenge = Challenge.objects.create(
            account=account,
            session_id=session_id,
            digest=digest,
            nonce=secrets.token_bytes(32),
            meaning=meaning,
            asked_at=at,
            expires_at=at + LASTS,
        )
        record(
            AccountEvent.AUTHORIZATION_ASKED,
            actor=f"account/{account.pk}",
            session=seat(session_id),
            subject=f"challenge/{challenge.pk}",
            at=at,
        )
    return challenge


def passkey_options(
    challenge_id: UUID, *, account: Account, session_id: UUID, at: datetime
) -> dict[str, Any]:
    """Return the options for the browser: the passkey will sign the digest of the content.

    Raises:
        StepUpRequiredError: no such open question for this account and session.
    """
    challenge = _open(challenge_id, account, session_id, at=at)
    options, _ = factors.passkey_question(account, challenge=signed_bytes(challenge))
    return options


def confirm_with_passkey(
    challenge_id: UUID,
    *,
    account: Account,
    session_id: UUID,
    credential: dict[str, Any],
    answer: str | None = None,
    at: datetime,
) -> Authorization:
    """Take the signature of a passkey or a security key over the question.

    Raises:
        StepUpRequiredError: no such open question.
        PasskeyRefusedError: the signature is over something else, or by another key.
        AnswerRefusedError: an answer to a question of one's own came along, and is wrong.
        RateLimitedError: too many tries.
    """
    challenge = _open(challenge_id, account, session_id, at=at)
    throttle.take(throttle.STEP_UP, str(account.pk), at=at)
    _, state = factors.passkey_question(account, challenge=signed_bytes(challenge))
    try:
        with transaction.atomic():
            factor = factors.accept_passkey(account, state, credential, at=at)
            method = Authorization.Method(kind_of(factor))
            proof = {"assertion": credential} | _in_addition(challenge, answer)
            return _give(challenge, method, factor, proof, at=at)
    except (PasskeyRefusedError, AnswerRefusedError):
        deny(account, session_id, "passkey", at=at)
        raise


def confirm_with_password_and_code(
    challenge_id: UUID,
    *,
    account: Account,
    session_id: UUID,
    password: str,
    code: str,
    answer: str | None = None,
    at: datetime,
) -> Authorization:
    """Take the password and a fresh code of the authenticator app.

    Raises:
        StepUpRequiredError: no such open question.
        CodeRefusedError: one of the two is wrong, or the code was used before.
        AnswerRefusedError: an answer to a question of one's own came along, and is wrong.
        RateLimitedError: too many tries.
    """
    challenge = _open(challenge_id, account, session_id, at=at)
    throttle.take(throttle.STEP_UP, str(account.pk), at=at)
    try:
        _check_password(account, password)
        with transaction.atomic():
            factor = factors.accept_app_code(account, code, at=at)
            proof = _in_addition(challenge, answer)
            return _give(challenge, Authorization.Method.PASSWORD_AND_CODE, factor, proof, at=at)
    except (CodeRefusedError, AnswerRefusedError):
        deny(account, session_id, "password-and-code", at=at)
        raise


def consume(
    authorization_id: UUID,
    *,
    account: Account,
    session_id: UUID,
    digest: bytes,
    with_question: bool = False,
    at: datetime,
) -> SignatureRecord:
    """Use an approval for the act whose content has this digest, in the caller's transaction.

    `with_question` asks that whoever set questions of their own has answered one as well.

    Raises:
        StepUpRequiredError: there is no such approval, or it is older than five minutes.
        AuthorizationOtherContentError: it was given for something else, by another
            account, or in another session.
        AuthorizationUsedError: it was used before.
        AnswerRefusedError: a question was to be answered, and was not.
    """
    given = Authorization.objects.filter(pk=authorization_id).first()
    if given is None:
        raise StepUpRequiredError
    if (
        given.account_id != account.pk
        or given.session_id != session_id
        or not secrets.compare_digest(bytes(given.digest), digest)
    ):
        raise AuthorizationOtherContentError
    if given.used_at is not None:
        raise AuthorizationUsedError
    if not given.given_at <= at < given.expires_at:
        raise StepUpRequiredError
    is_asked = "question" in given.evidence
    if with_question and not is_asked and has_questions(account):
        raise AnswerRefusedError
    with transaction.atomic():
        unused = Authorization.objects.filter(pk=given.pk, used_at__isnull=True)
        if not unused.update(used_at=at):
            raise AuthorizationUsedError
        record(
            AccountEvent.AUTHORIZATION_USED,
            actor=f"account/{account.pk}",
            session=seat(session_id),
            subject=f"authorization/{given.pk}",
            at=at,
        )
    return SignatureRecord(
        authorization_id=given.pk,
        account_id=account.pk,
        printed_name=account.name,
        given_at=given.given_at,
        meaning=given.meaning,
        digest=bytes(given.digest),
        method=given.method,
        aal=2,
        factor_id=given.evidence["factor"],
        session_id=session_id,
        in_addition=(CHALLENGE_QUESTION,) if is_asked else (),
    )


def signed_bytes(challenge: Challenge) -> bytes:
    """Return what a passkey signs: the digest and a nonce, under a name of their own."""
    return hashlib.sha256(
        b"safelight/authorization/1" + bytes(challenge.digest) + bytes(challenge.nonce)
    ).digest()


def _in_addition(challenge: Challenge, answer: str | None) -> dict[str, Any]:
    """Check an answer that came along; call it once the factor itself was accepted."""
    return {} if answer is None else {"question": str(accept_answer(challenge, answer))}


def _check_password(account: Account, password: str) -> None:
    if not check_password(password, account.password):
        raise CodeRefusedError


def _open(challenge_id: UUID, account: Account, session_id: UUID, *, at: datetime) -> Challenge:
    challenge = Challenge.objects.filter(
        pk=challenge_id,
        account=account,
        session_id=session_id,
        answered_at__isnull=True,
        asked_at__lte=at,
        expires_at__gt=at,
    ).first()
    if challenge is None:
        raise StepUpRequiredError
    return challenge


def _give(
    challenge: Challenge,
    method: Authorization.Method,
    factor: Authenticator,
    proof: dict[str, Any],
    *,
    at: datetime,
) -> Authorization:
    unanswered = Challenge.objects.filter(pk=challenge.pk, answered_at__isnull=True)
    if not unanswered.update(answered_at=at):
        raise StepUpRequiredError
    given = Authorization.objects.create(
        challenge=challenge,
        account_id=challenge.account_id,
        session_id=challenge.session_id,
        digest=bytes(challenge.digest),
        meaning=challenge.meaning,
        method=method,
        evidence={"factor": factor.pk, "nonce": bytes(challenge.nonce).hex(), **proof},
        given_at=at,
        expires_at=at + LASTS,
    )
    throttle.give_back(throttle.STEP_UP, str(challenge.account_id))
    record(
        AccountEvent.AUTHORIZATION_GIVEN,
        actor=f"account/{challenge.account_id}",
        session=seat(challenge.session_id),
        subject=f"authorization/{given.pk}",
        at=at,
        detail={"method": method.value},
    )
    return given
