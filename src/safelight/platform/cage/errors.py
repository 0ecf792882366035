"""What can become of a job in the cage, other than being done?"""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus

from safelight.kernel.errors import ExpectedError


class CageReason(StrEnum):
    """Stable codes; a job ends with one of these, never with the child's own words."""

    CRASHED = "crashed"
    TIMED_OUT = "timed-out"
    REFUSED = "refused"
    TOO_LARGE = "too-large"
    BUSY = "busy"


class CageError(ExpectedError):
    """A job in the cage was not done; only that job is lost.

    `detail` is a stable code that narrows the reason, for instance `bad-pixels`.
    """

    code = "cage_failed"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, reason: CageReason, detail: str = "") -> None:
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason
        self.detail = detail
        if reason is CageReason.BUSY:
            self.status = HTTPStatus.SERVICE_UNAVAILABLE
