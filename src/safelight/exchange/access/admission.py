"""May this party ask for this sort of thing at all, whatever the exam?

The rules' own first question, answered with an error that says what is missing.
It tells nothing of any exam: the same party gets the same answer about all.
"""

from __future__ import annotations

from typing import Final

from safelight.exchange.access.decision import Action, Reason
from safelight.exchange.access.errors import (
    AccountLimitedError,
    AuthRequiredError,
    InPersonError,
    PolicyNotAcceptedError,
    SecondFactorMissingError,
    TokenOmitsScopeError,
)
from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.access.rules import standing_refusal
from safelight.kernel.errors import ExpectedError

_ERRORS: Final[dict[Reason, type[ExpectedError]]] = {
    Reason.NOT_SIGNED_IN: AuthRequiredError,
    Reason.SECOND_FACTOR_MISSING: SecondFactorMissingError,
    Reason.TOKEN_OMITS_SCOPE: TokenOmitsScopeError,
    Reason.ACCOUNT_NOT_ACTIVE: AccountLimitedError,
    Reason.STATEMENT_NOT_ACCEPTED: PolicyNotAcceptedError,
}


def require_standing(party: Party, action: Action) -> None:
    """Let pass whoever may ask to do this.

    Raises:
        AuthRequiredError: nobody we know; a guest of one share counts as nobody.
        SecondFactorMissingError, PolicyNotAcceptedError, AccountLimitedError: not just now.
        TokenOmitsScopeError: the token was not made for it.
    """
    if party.kind is PartyKind.GUEST:
        raise AuthRequiredError
    reason = standing_refusal(party, action)
    if reason is not None:
        raise _ERRORS[reason]


def require_in_person(party: Party) -> None:
    """Let pass only somebody who signed in with both factors; no token can.

    Raises:
        InPersonError: it is a token.
        AuthRequiredError and its kin: like `require_standing`.
    """
    if party.token_scopes is not None:
        raise InPersonError
    require_standing(party, Action.SHARE)
