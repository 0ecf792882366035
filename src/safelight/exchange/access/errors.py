"""Why may somebody not ask at all just now?"""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

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


class ClosedForNowError(ExpectedError):
    """This cannot be done while the instance is in its present mode. Try again later."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after = timedelta(minutes=5)


class ReadOnlyError(ClosedForNowError):
    """Nothing can be changed for the moment; what is here can be looked at. Try again later."""

    code = "read_only"


class RecoveringError(ClosedForNowError):
    """This place is being put back after a loss. Nothing is given out yet; try again later."""

    code = "recovering"


class CareReasonMissingError(ExpectedError):
    """Say first why you open this patient's exams today. The patient reads the answer."""

    code = "care_reason_required"
    status = HTTPStatus.FORBIDDEN

    def __init__(self, study_id: UUID) -> None:
        super().__init__()
        self.study_id = study_id


class ConnectionClosedError(ExpectedError):
    """This connection lets nothing through now."""

    code = "connection_closed"
    status = HTTPStatus.FORBIDDEN

    def __init__(self, code: str = "connection_closed") -> None:
        super().__init__()
        self.code = code
