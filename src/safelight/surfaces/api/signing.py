"""How is a draft shown and signed? By the person, with both factors, in the same request.

A token may ask for the words and hand in the answer; it cannot give it. What is
signed is exactly what was presented: the caller names its digest.
"""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Field, Router, Schema
from ninja.responses import Status

from safelight.exchange.access.decision import Action
from safelight.exchange.release.errors import (
    FurtherReleaseError,
    ManifestChangedError,
    UnboundedAudienceError,
)
from safelight.exchange.release.sharing.ceremony import MEANING, confirm, present, require_shown
from safelight.governance.compliance.queries import current_statement
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, NotFoundError, StateConflictError
from safelight.kernel.ids import from_text, to_text
from safelight.records.accounts import throttle
from safelight.records.accounts.errors import (
    AuthorizationOtherContentError,
    AuthorizationUsedError,
    PasskeyRefusedError,
    StepUpRequiredError,
)
from safelight.surfaces.api.answers import ChallengeOut, Signature, answered, keep_seat, question
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.forms import OutId
from safelight.surfaces.api.routes import told
from safelight.surfaces.api.terms import TermsOut, terms_out

router = Router()


class PresentedOut(Schema):
    """What the person must read, word for word, before they sign it."""

    terms: TermsOut
    words_html: str
    digest: str = Field(description="SHA-256 of the terms and the words, in hexadecimal.")
    challenge: ChallengeOut


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
        challenge=question(request, presented.challenge_id, MEANING, at=at),
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
        given = answered(request, signature, at=at)
    except ExpectedError:
        # Another request may have signed it while this one was on its way: say so.
        require_shown(party, identity, digest)
        raise
    keep_seat(request)
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
