"""What can go wrong in a way we expect?

One base, a stable `code` for the outside (requirements 10.5), an HTTP `status`
that the surfaces translate, facts as attributes, and no personal data in any
message. The message of an error defaults to its docstring's first line.
"""

from __future__ import annotations

from http import HTTPStatus


class ExpectedError(Exception):
    """Something asked for cannot be done, and we know why."""

    code = "refused"
    status = HTTPStatus.BAD_REQUEST

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or self.code).partition("\n")[0])


class NotFoundError(ExpectedError):
    """There is nothing here for you."""

    code = "not_found"
    status = HTTPStatus.NOT_FOUND


class StateConflictError(ExpectedError):
    """This cannot be done in its present state."""

    code = "state_conflict"
    status = HTTPStatus.CONFLICT


class InvalidFieldError(ExpectedError):
    """One field of the request is not acceptable."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.code = f"invalid:{field}"
