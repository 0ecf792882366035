"""How is a draft shown and signed? By the person, with both factors, in the same request.

A token may ask for the words and hand in the answer; it cannot give it. What is
signed is exactly what was presented: the caller names its digest.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.http import HttpResponse
from ninja import Field, Router, Schema
from ninja.responses import Status

from safelight.exchange.access.decision import Action
from safelight.exchange.access.parties import session_id
from safelight.exchange.release.errors import (
    FurtherReleaseError,
    ManifestChangedError,
    UnboundedAudienceError,
)
from safelight.exchange.release.sharing.ceremony import MEANING, confirm, present, require_shown
from safelight.governance.compliance.queries import current_statement
from safelight.kernel import clock
from safelight.kernel.errors import (
    ExpectedError,
    InvalidFieldError,
    NotFoundError,
    StateConflictError,
)
from safelight.kernel.ids import from_text, to_text
from safelight.records.accounts import throttle
from safelight.records.accounts.authorization.actions import (
    LASTS,
    confirm_with_passkey,
    confirm_with_password_and_code,
    passkey_options,
)
from safelight.records.accounts.errors import (
    AuthorizationOtherContentError,
    AuthorizationUsedError,
    PasskeyRefusedError,
    StepUpRequiredError,
)
from safelight.records.accounts.models import Account, Authorization
from safelight.records.accounts.queries import factors_of
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.forms import Asked, Id, OutId
from safelight.surfaces.api.routes import told
from safelight.surfaces.api.terms import TermsOut, terms_out

router = Router()
_DIGEST = r"^[0-9a-f]{64}$"


class ChallengeOut(Schema):
    """The question to the person, good for five minutes and one answer.

    `passkey` holds the options for `navigator.credentials.get`, where there is one.
    """

    id: OutId
    meaning: str
    expires_at: datetime
    passkey: dict[str, Any] | None


class PresentedOut(Schema):
    """What the person must read, word for word, before they sign it."""

    terms: TermsOut
    words_html: str
    digest: str = Field(description="SHA-256 of the terms and the words, in hexadecimal.")
    challenge: ChallengeOut


class Signature(Asked):
    """The person's answer: password and code of their app, or what their passkey said."""

    digest: str = Field(pattern=_DIGEST, description="Of what was presented, and is now signed.")
    challenge: Id
    password: str | None = Field(None, max_length=1024)
    code: str | None = Field(None, max_length=32)
    passkey: dict[str, Any] | None = None


class SignedOut(Schema):
    """What came of it. The passphrase is told this once, for the person to pass on by voice."""

    consent: OutId
    share: OutId
    passphrase: str | None


@router.post(
    "drafts/{draft_id}/present",
    response=PresentedOut,
    **told(
        Action.PREPARE,
        NotFoundError,
        StateConflictError,
        FurtherReleaseError,
        UnboundedAudienceError,
        takes=True,
    ),
)
def present_draft(request: Called, draft_id: str) -> PresentedOut:
    """Judge a draft as a whole, put it into its final words, and ask for the signature."""
    party, at = request.auth, clock.now()
    version = str(current_statement(at=at).number)
    presented = present(party, from_text(draft_id), statement_version=version, at=at)
    return PresentedOut(
        terms=terms_out(presented.terms),
        words_html=presented.html,
        digest=presented.digest.hex(),
        challenge=ChallengeOut(
            id=presented.challenge_id,
            meaning=MEANING,
            expires_at=at + LASTS,
            passkey=_passkey(request, presented.challenge_id, at),
        ),
    )


@router.post(
    "drafts/{draft_id}/confirm",
    response={201: SignedOut},
    **told(
        Action.PREPARE,
        NotFoundError,
        StateConflictError,
        ManifestChangedError,
        FurtherReleaseError,
        StepUpRequiredError,
        PasskeyRefusedError,
        AuthorizationUsedError,
        AuthorizationOtherContentError,
    ),
)
def confirm_draft(
    request: Called, response: HttpResponse, draft_id: str, signature: Signature
) -> Status[SignedOut]:
    """Sign what was presented. The same answer twice gives one consent, and then 409."""
    party, at = request.auth, clock.now()
    identity, digest = from_text(draft_id), bytes.fromhex(signature.digest)
    require_shown(party, identity, digest)
    throttle.take(throttle.CONSENTS, str(party.account), at=at)
    try:
        given = _answered(request, signature, at)
    except ExpectedError:
        # Another request may have signed it while this one was on its way: say so.
        require_shown(party, identity, digest)
        raise
    if party.token_scopes is None:
        # The session stays the same one; a key that was copied before this is worth nothing now.
        request.session.cycle_key()
    shared = confirm(party, identity, given.pk, at=clock.now())
    response["Location"] = f"/api/v1/consents/{to_text(shared.consent_id)}"
    return Status(
        201,
        SignedOut(
            consent=shared.consent_id,
            share=shared.share_id,
            passphrase=shared.passphrase or None,
        ),
    )


def _answered(request: Called, signature: Signature, at: datetime) -> Authorization:
    """Take the person's answer.

    Raises:
        StepUpRequiredError: it answers no open question of this account here.
        InvalidFieldError: password or code is missing or wrong.
        PasskeyRefusedError: the passkey signed something else.
        RateLimitedError: too many tries.
    """
    account = Account.objects.get(pk=request.auth.account)
    challenge, seat = from_text(signature.challenge), session_id(request.auth)
    if signature.passkey is not None:
        return confirm_with_passkey(
            challenge, account=account, session_id=seat, credential=signature.passkey, at=at
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
        at=at,
    )


def _passkey(request: Called, challenge_id: UUID, at: datetime) -> dict[str, Any] | None:
    account = Account.objects.get(pk=request.auth.account)
    if Authenticator.Type.WEBAUTHN not in {factor.type for factor in factors_of(account)}:
        return None
    return passkey_options(
        challenge_id, account=account, session_id=session_id(request.auth), at=at
    )
