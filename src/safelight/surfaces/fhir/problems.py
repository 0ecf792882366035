"""How is a refusal said to a FHIR client? As an OperationOutcome; absent and forbidden alike."""

from __future__ import annotations

import logging
import math
from http import HTTPStatus
from typing import Any, Final

import orjson
from django.http import HttpResponse

from safelight.exchange.access.errors import CareReasonMissingError, ClosedForNowError
from safelight.kernel.errors import ExpectedError, InvalidFieldError
from safelight.kernel.ids import to_text
from safelight.records.accounts.errors import RateLimitedError

logger = logging.getLogger("safelight.fhir")
MEDIA_TYPE: Final = "application/fhir+json"
_KINDS: Final = {
    HTTPStatus.BAD_REQUEST: "invalid",
    HTTPStatus.UNAUTHORIZED: "login",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not-found",
    HTTPStatus.METHOD_NOT_ALLOWED: "not-supported",
    HTTPStatus.NOT_ACCEPTABLE: "not-supported",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too-costly",
    HTTPStatus.TOO_MANY_REQUESTS: "throttled",
    HTTPStatus.SERVICE_UNAVAILABLE: "transient",
}


class BadParameterError(InvalidFieldError):
    """One parameter of a search is unknown, or cannot be understood."""

    status = HTTPStatus.BAD_REQUEST

    def __init__(self, name: str, wanted: str) -> None:
        super().__init__(_plain(name), f"{_plain(name)}: {wanted}.")


class OnlyReadingError(ExpectedError):
    """Resources are read here, and not written."""

    code = "method_not_allowed"
    status = HTTPStatus.METHOD_NOT_ALLOWED


class NotAcceptableError(ExpectedError):
    """Answers are application/fhir+json; the request accepts none."""

    code = "not_acceptable"
    status = HTTPStatus.NOT_ACCEPTABLE


class BusyError(ExpectedError):
    """The database did not answer in time; try again."""

    code = "busy"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class FaultError(ExpectedError):
    """Something went wrong on our side."""

    code = "fault"
    status = HTTPStatus.INTERNAL_SERVER_ERROR


def outcome(error: ExpectedError) -> HttpResponse:
    """Answer an expected error."""
    status = HTTPStatus(error.status)
    words = str(error)
    if isinstance(error, CareReasonMissingError):
        words = f"{words} Send it to POST /api/v1/exams/{to_text(error.study_id)}/reason."
    issue: dict[str, Any] = {
        "severity": "error",
        "code": _KINDS.get(status, "processing" if status < HTTPStatus(500) else "exception"),
        "details": {"coding": [{"system": "urn:safelight:fhir:codes", "code": error.code}]},
        "diagnostics": words,
    }
    if isinstance(error, InvalidFieldError):
        issue["expression"] = [error.field]
    said = {"resourceType": "OperationOutcome", "issue": [issue]}
    response = HttpResponse(orjson.dumps(said), status=status, content_type=MEDIA_TYPE)
    if status is HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="Safelight"'
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        response["Allow"] = "GET, HEAD"
    if isinstance(error, RateLimitedError | ClosedForNowError):
        response["Retry-After"] = str(max(1, math.ceil(error.retry_after.total_seconds())))
    return response


def _plain(name: str) -> str:
    """Return a parameter's name as it can be said: it is somebody else's text."""
    return "".join(each for each in name if each.isalnum() or each in "_-:.")[:64] or "parameter"
