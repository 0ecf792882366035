"""Why may somebody not ask at all just now?"""

from __future__ import annotations

from http import HTTPStatus

from safelight.kernel.errors import ExpectedError


class AuthRequiredError(ExpectedError):
    """Sign in, or send a token, first."""

    code = "auth_required"
    status = HTTPStatus.UNAUTHORIZED


class SecondFactorMissingError(ExpectedError):
    """Sign in with a second factor first."""

    code = "stepup_required"
    status = HTTPStatus.FORBIDDEN


class PolicyNotAcceptedError(ExpectedError):
    """Accept the current statement first."""

    code = "policy_acceptance_required"
    status = HTTPStatus.FORBIDDEN


class AccountLimitedError(ExpectedError):
    """This account can do little just now."""

    code = "account_limited"
    status = HTTPStatus.FORBIDDEN


class TokenOmitsScopeError(ExpectedError):
    """This token was not made for that."""

    code = "token_omits_scope"
    status = HTTPStatus.FORBIDDEN


class InPersonError(ExpectedError):
    """This is done in person: a token cannot do it."""

    code = "token_omits_scope"
    status = HTTPStatus.FORBIDDEN
