"""What goes wrong in transfers in a way we expect?"""

from __future__ import annotations

from http import HTTPStatus

from safelight.kernel.errors import ExpectedError


class NothingToSendError(ExpectedError):
    """Everything of this exam that may go there has arrived there before."""

    code = "nothing_to_send"
    status = HTTPStatus.CONFLICT


class UnderWayError(ExpectedError):
    """This exam is on its way there already."""

    code = "transfer_under_way"
    status = HTTPStatus.CONFLICT


class LostError(Exception):
    """Another run has taken the transfer up, or somebody stopped it."""
