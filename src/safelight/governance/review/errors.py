"""Why can a look not be reviewed?"""

from __future__ import annotations

from http import HTTPStatus

from safelight.kernel.errors import ExpectedError


class OwnActError(ExpectedError):
    """Somebody else reviews what you did."""

    code = "own_act"
    status = HTTPStatus.FORBIDDEN
