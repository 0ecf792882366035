"""In what words is a request refused that cannot be understood?"""

from __future__ import annotations

from http import HTTPStatus

from safelight.kernel.errors import InvalidFieldError


class BadParameterError(InvalidFieldError):
    """One parameter of the request cannot be understood."""

    status = HTTPStatus.BAD_REQUEST  # PS3.18 knows no 422
