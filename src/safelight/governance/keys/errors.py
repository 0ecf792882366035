"""What can go wrong when keys are looked after?"""

from __future__ import annotations

from http import HTTPStatus

from safelight.kernel.errors import ExpectedError


class RotationUnfinishedError(ExpectedError):
    """Some keys do not open under the new root key; the old one stays accepted."""

    code = "rotation_unfinished"
    status = HTTPStatus.CONFLICT


class NoNextRootError(ExpectedError):
    """There is no next root key to rotate to."""

    code = "no_next_root"
    status = HTTPStatus.CONFLICT


class NotDestroyedError(ExpectedError):
    """The key of this name has not been destroyed."""

    code = "not_destroyed"
    status = HTTPStatus.CONFLICT


class SharesRefusedError(ExpectedError):
    """The shares do not make the root key."""

    code = "shares_refused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
