"""What can go wrong with accounts in a way we expect?"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from safelight.kernel.errors import ExpectedError, InvalidFieldError, StateConflictError

if TYPE_CHECKING:
    from datetime import timedelta


class SignInRefusedError(ExpectedError):
    """The e-mail address and the password do not go together."""

    code = "auth_required"
    status = HTTPStatus.UNAUTHORIZED


class CodeRefusedError(InvalidFieldError):
    """The code is wrong, used up or too old."""

    def __init__(self) -> None:
        super().__init__("code", "This code is wrong, was used already, or is too old.")


class AnswerRefusedError(InvalidFieldError):
    """The question of one's own was not answered, or wrongly."""

    def __init__(self) -> None:
        super().__init__("answer", "Answer your own question as you did when you set it.")


class PasskeyRefusedError(ExpectedError):
    """The passkey did not prove who you are."""

    code = "auth_required"
    status = HTTPStatus.UNAUTHORIZED


class RateLimitedError(ExpectedError):
    """This was tried too often; wait a little."""

    code = "rate_limited"
    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__()
        self.retry_after = retry_after


class AddressTakenError(StateConflictError):
    """There is an account with this address already."""


class LastFactorError(StateConflictError):
    """The last second factor cannot be removed; add another one first."""


class StepUpRequiredError(ExpectedError):
    """Confirm first that it is you."""

    code = "stepup_required"
    status = HTTPStatus.UNAUTHORIZED


class AuthorizationUsedError(ExpectedError):
    """This approval was used already."""

    code = "authorization_used"
    status = HTTPStatus.FORBIDDEN


class AuthorizationOtherContentError(ExpectedError):
    """This approval was given for something else, by someone else, or elsewhere."""

    code = "authorization_other_content"
    status = HTTPStatus.FORBIDDEN
