"""What can go wrong with background work?"""

from __future__ import annotations

from http import HTTPStatus

from safelight.kernel.errors import ExpectedError, NotFoundError, StateConflictError


class JobRefusedError(ExpectedError):
    """A job carries only ids and the parameters its task has."""

    code = "job_refused"
    status = HTTPStatus.INTERNAL_SERVER_ERROR


class TaskNameTakenError(ExpectedError):
    """Two tasks cannot have one name."""

    code = "task_name_taken"
    status = HTTPStatus.INTERNAL_SERVER_ERROR


class UnknownTaskError(ExpectedError):
    """No task of this name and version is known here."""

    code = "unknown_task"
    status = HTTPStatus.INTERNAL_SERVER_ERROR


class GiveUpError(ExpectedError):
    """Raised by a task that knows that another attempt cannot help."""

    code = "give_up"
    status = HTTPStatus.INTERNAL_SERVER_ERROR


class JobUnknownError(NotFoundError):
    """There is no such dead letter."""


class JobStateError(StateConflictError):
    """Only a dead letter can be put back or discarded."""


class TimedOutError(BaseException):
    """Raised in a task that ran longer than it may. Not an Exception, so that it is not caught."""
