"""Why can a deadline not be moved?"""

from __future__ import annotations

from http import HTTPStatus

from safelight.kernel.errors import ExpectedError


class ExtensionRefusedError(ExpectedError):
    """A deadline is extended once at most, before it is over, and for a reason."""

    code = "extension_refused"
    status = HTTPStatus.CONFLICT
