"""Why may somebody not do this alone?"""

from __future__ import annotations

from http import HTTPStatus

from safelight.kernel.errors import ExpectedError, StateConflictError


class ApprovalMissingError(ExpectedError):
    """Nobody else has approved exactly this, or the approval is over or used."""

    code = "approval_required"
    status = HTTPStatus.FORBIDDEN


class TwoPeopleError(ExpectedError):
    """Two people must agree to so much at once. One who runs this place asks."""

    code = ApprovalMissingError.code
    status = HTTPStatus.FORBIDDEN

    def __init__(self, line: str) -> None:
        super().__init__(f"{self.__doc__} They ask with: {line}")
        self.line = line


class SelfApprovalError(ExpectedError):
    """Somebody else must approve what you asked for."""

    code = "self_approval"
    status = HTTPStatus.FORBIDDEN


class AlreadyDecidedError(StateConflictError):
    """This request was decided, taken back or is over."""


class TooManyEmergenciesError(ExpectedError):
    """Three emergencies of yours wait for review: the officer looks at them first."""

    code = "review_pending"
    status = HTTPStatus.FORBIDDEN
