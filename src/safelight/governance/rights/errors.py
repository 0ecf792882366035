"""Why can a request not go on so?"""

from __future__ import annotations

from http import HTTPStatus

from safelight.kernel.errors import ExpectedError


class DenialLetterMissingError(ExpectedError):
    """Nothing is denied, not even in part, before a letter that says why was sent."""

    code = "denial_letter_missing"
    status = HTTPStatus.CONFLICT


class RequestStepError(ExpectedError):
    """From where this request stands it does not go there."""

    code = "state_conflict"
    status = HTTPStatus.CONFLICT
