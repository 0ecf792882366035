"""How does a page ask for confirmation of exactly what it shows?

`ask` when the page is shown, `answer` when it comes back: both about the same
digest. The template includes `account/_confirm.html` inside its own form.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from safelight.kernel.errors import ExpectedError, InvalidFieldError
from safelight.kernel.ids import from_text, to_text
from safelight.records.accounts.authorization.actions import (
    SignatureRecord,
    begin,
    confirm_with_passkey,
    confirm_with_password_and_code,
    consume,
    passkey_options,
)
from safelight.records.accounts.errors import StepUpRequiredError
from safelight.records.accounts.factor_kinds import FactorKind, kind_of
from safelight.records.accounts.models import Account, Authorization
from safelight.records.accounts.queries import factors_of
from safelight.records.accounts.questions.actions import question_beside
from safelight.records.accounts.sessions import SessionStore
from safelight.surfaces.web.account.answers import words
from safelight.surfaces.web.account.forms import ConfirmForm

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the partial template needs: the fields, and the question for a passkey, if any.

    `has_only_keys` says that what answers is a hardware security key; `question` is one of the
    person's own, asked in addition.
    """

    form: ConfirmForm
    options: dict[str, Any] | None
    has_app: bool
    has_only_keys: bool = False
    question: str = ""


def ask(
    request: HttpRequest,
    digest: bytes,
    meaning: str,
    *,
    at: datetime,
    error: ExpectedError | None = None,
) -> Confirmation:
    """Open a question about `digest` for the person signed in, fresh for each showing.

    Raises:
        StepUpRequiredError: nobody is signed in.
    """
    account, session_id = _who(request)
    challenge = begin(account, session_id=session_id, digest=digest, meaning=meaning, at=at)
    return around(request, challenge.pk, at=at, error=error)


def around(
    request: HttpRequest,
    challenge_id: UUID,
    *,
    with_question: bool = False,
    at: datetime,
    error: ExpectedError | None = None,
) -> Confirmation:
    """Show a question that another room has opened, `with_question` beside one of their own.

    Raises:
        StepUpRequiredError: it is not open for the person signed in.
    """
    account, session_id = _who(request)
    kinds = {kind_of(factor) for factor in factors_of(account)}
    options = None
    if kinds - {FactorKind.APP}:
        options = passkey_options(challenge_id, account=account, session_id=session_id, at=at)
    own = question_beside(challenge_id) if with_question else ""
    form = ConfirmForm(initial={"challenge": to_text(challenge_id)})
    if error is not None:
        form = ConfirmForm({"confirm-challenge": to_text(challenge_id)})
    if own:
        # Before it is cleaned: what a field is called is remembered then.
        form.fields["answer"].label = own
    if error is not None:
        form.full_clean()
        form.errors.clear()
        field = error.field if isinstance(error, InvalidFieldError) else None
        form.add_error(field if field in form.fields else None, words(error))
    has_only_keys = kinds - {FactorKind.APP} == {FactorKind.SECURITY_KEY}
    return Confirmation(form, options, FactorKind.APP in kinds, has_only_keys, own)


def answer(request: HttpRequest, *, at: datetime) -> Authorization:
    """Take the confirmation that came back with the page; the session gets a fresh key.

    Raises:
        StepUpRequiredError: none came, or it answers no open question.
        CodeRefusedError: password or code is wrong.
        PasskeyRefusedError: the passkey signed something else.
        AnswerRefusedError: a question of their own was answered wrongly.
        RateLimitedError: too many tries.
    """
    account, session_id = _who(request)
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        raise StepUpRequiredError
    said = form.cleaned_data
    question = from_text(said["challenge"])
    if said["credential"]:
        given = confirm_with_passkey(
            question,
            account=account,
            session_id=session_id,
            credential=said["credential"],
            answer=said["answer"] or None,
            at=at,
        )
    else:
        given = confirm_with_password_and_code(
            question,
            account=account,
            session_id=session_id,
            password=said["password"],
            code=said["code"],
            answer=said["answer"] or None,
            at=at,
        )
    # The session stays the same one; a key that was copied before this is worth nothing now.
    request.session.cycle_key()
    return given


def confirmed(request: HttpRequest, digest: bytes, *, at: datetime) -> SignatureRecord:
    """Take the confirmation and use it at once, for an act that follows in the same request.

    Raises:
        ExpectedError: like `answer`, or the question was about something else.
    """
    given = answer(request, at=at)
    account, session_id = _who(request)
    return consume(given.pk, account=account, session_id=session_id, digest=digest, at=at)


def digest_of(act: str, *about: str) -> bytes:
    """Return the digest of a small act that is all words, such as removing a factor."""
    return hashlib.sha256("\0".join((act, *about)).encode()).digest()


def session_id_of(request: HttpRequest) -> UUID:
    """Return the opaque id of a request's session.

    Raises:
        StepUpRequiredError: there is no live session.
    """
    return _who(request)[1]


def _who(request: HttpRequest) -> tuple[Account, UUID]:
    session = request.session
    _ = session.get("")  # load it, so that its row is known
    if (
        not request.user.is_authenticated
        or not isinstance(session, SessionStore)
        or session.row is None
    ):
        raise StepUpRequiredError
    return request.user, session.row.pk
