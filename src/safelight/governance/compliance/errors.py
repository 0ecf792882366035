"""What can go wrong with the privacy statement in a way we expect?"""

from __future__ import annotations

from http import HTTPStatus

from safelight.kernel.errors import ExpectedError, InvalidFieldError, StateConflictError


class NotAcceptedError(InvalidFieldError):
    """The current statement was not accepted."""

    def __init__(self) -> None:
        super().__init__("accept", "Read the privacy statement and tick the box to go on.")


class StatementSupersededError(StateConflictError):
    """This version of the statement is not the current one; read the current one."""


class NotReviewedError(StateConflictError):
    """Risk management and counsel must both have reviewed exactly this text first."""


class StatementTamperedError(ExpectedError):
    """The statement's text is not the one that was published, so it is not shown."""

    code = "statement_tampered"
    status = HTTPStatus.SERVICE_UNAVAILABLE
