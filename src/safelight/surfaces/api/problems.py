"""How is a refusal said to a program? As RFC 9457 problem details with a stable code."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any, Final

import orjson
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from ninja import Field, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from safelight.exchange.access.errors import (
    AuthRequiredError,
    CareReasonMissingError,
    ClosedForNowError,
)
from safelight.exchange.receive.errors import NotAsAskedError
from safelight.exchange.release.errors import TermsNotFitError
from safelight.kernel.errors import ExpectedError, InvalidFieldError, NotFoundError
from safelight.kernel.ids import to_text
from safelight.records.accounts.errors import RateLimitedError

logger = logging.getLogger("safelight.api")
MEDIA_TYPE: Final = "application/problem+json"
# What the parts of a share are called in a request, where the pages call them otherwise.
_FIELDS: Final = {
    "items": "series",
    "starts": "starts_on",
    "ends": "ends_on",
    "standing": "standing_until",
    "permissions": "may_download",
}
# Words of our own: a validator's may repeat what was sent.
_WORDS: Final = {
    "missing": "This is needed.",
    "extra_forbidden": "There is no such field.",
    "string_too_long": "This is too long.",
    "too_long": "These are too many.",
    "too_short": "These are too few.",
    "enum": "This is none of the values that are known.",
}
_UNFIT: Final = "This is not of the form that is asked for."


class Fault(Schema):
    """One field that is not acceptable."""

    field: str
    code: str = Field(pattern="^invalid:")
    detail: str


class Problem(Schema):
    """Why something was refused (RFC 9457). Programs go by `code`; the words may change."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[Fault] = []
    next: str | None = Field(None, description="A page on which a person can mend it.")


class NotAllowedError(ExpectedError):
    """This cannot be done here by this method."""

    code = "method_not_allowed"
    status = HTTPStatus.METHOD_NOT_ALLOWED


class NotAcceptableError(ExpectedError):
    """Answers are JSON; the request accepts none."""

    code = "not_acceptable"
    status = HTTPStatus.NOT_ACCEPTABLE


class NotJsonError(ExpectedError):
    """Requests are JSON: send it as application/json."""

    code = "unsupported_media_type"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class TooLargeError(ExpectedError):
    """This is longer than it can be."""

    code = "too_large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class LengthRequiredError(ExpectedError):
    """Say how long the body is (Content-Length); it is not taken in pieces."""

    code = "length_required"
    status = HTTPStatus.LENGTH_REQUIRED


class ForeignRequestError(ExpectedError):
    """This did not come from our own page. Load the page again and go on."""

    code = "csrf_failed"
    status = HTTPStatus.FORBIDDEN


class BusyError(ExpectedError):
    """The database did not answer in time. Nothing was changed; try again."""

    code = "busy"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class FaultError(ExpectedError):
    """Something went wrong on our side. Nothing was changed."""

    code = "fault"
    status = HTTPStatus.INTERNAL_SERVER_ERROR


def problem(error: ExpectedError) -> HttpResponse:
    """Answer an expected error. What is absent and what is forbidden read the same."""
    status = HTTPStatus(error.status)
    faults = _faults(error)
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "code": faults[0]["code"] if faults else error.code,
        "detail": faults[0]["detail"] if faults else str(error),
        "errors": faults,
    }
    if isinstance(error, CareReasonMissingError):
        exam_id = to_text(error.study_id)
        body["detail"] = f"{error} Send it to POST /api/v1/exams/{exam_id}/reason."
        body["next"] = f"/exams/{exam_id}/reason/"
    response = HttpResponse(orjson.dumps(body), status=status, content_type=MEDIA_TYPE)
    if status is HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="Safelight"'
    if isinstance(error, RateLimitedError | ClosedForNowError):
        response["Retry-After"] = str(max(1, round(error.retry_after.total_seconds())))
    return response


def on_expected(_request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """Say an expected error."""
    return problem(error if isinstance(error, ExpectedError) else FaultError())


def on_unfit(_request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """Name every field that does not fit, in our own words."""
    found = error.errors if isinstance(error, ValidationError) else []
    faults = {_field(each["loc"]): _WORDS.get(each["type"], _UNFIT) for each in found}
    return problem(TermsNotFitError(faults or {"body": _UNFIT}))


def on_refused(_request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """Say what django-ninja itself refuses: nobody we know, and a body that cannot be read."""
    if isinstance(error, AuthenticationError):
        return problem(AuthRequiredError())
    status = error.status_code if isinstance(error, HttpError) else 0
    if status == HTTPStatus.BAD_REQUEST:
        return problem(InvalidFieldError("body", "This is not JSON."))
    return problem(NotFoundError())


def on_unexpected(_request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """Answer a fault of ours; the log gets the class of the error, never its text."""
    kind = error if isinstance(error, type) else type(error)
    logger.error("a request failed: %s", kind.__name__)
    return problem(BusyError() if issubclass(kind, OperationalError) else FaultError())


def _faults(error: ExpectedError) -> list[dict[str, str]]:
    if isinstance(error, TermsNotFitError | NotAsAskedError):
        said = {_FIELDS.get(name, name): words for name, words in error.faults.items()}
    elif isinstance(error, InvalidFieldError):
        said = {error.field: str(error)}
    else:
        return []
    return [
        {"field": field, "code": f"invalid:{field}", "detail": words}
        for field, words in said.items()
    ]


def _field(place: tuple[int | str, ...]) -> str:
    """Return the name of a field: what follows where it was looked for."""
    names = [str(each) for each in place[2 if place[0] == "body" else 1 :]]
    return ".".join(names) or "body"
