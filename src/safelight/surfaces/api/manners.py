"""Does a request to the API speak JSON, and does every answer?

What Django itself would answer with a page (an address that is none, a method
that is not served) is said as a problem, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError

from safelight.exchange.access.mode import Mode, mode_now, refuse_in
from safelight.kernel.errors import ExpectedError, InvalidFieldError, NotFoundError
from safelight.surfaces.api.problems import (
    MEDIA_TYPE,
    FaultError,
    LengthRequiredError,
    NotAcceptableError,
    NotAllowedError,
    NotJsonError,
    TooLargeError,
    problem,
)

PREFIX: Final = "/api/"
JSON: Final = "application/json"
_SAID: Final = (JSON, MEDIA_TYPE, "application/pdf", "application/fhir+json")
_UNSAFE: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# What ends an access, and what a look needs, is done in read-only mode, too.
_GOES_ON: Final = re.compile(r"/(withdraw|pause|end|reason)/?$")
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})


class Manners:
    """Stand around the API's addresses; every other request passes untouched."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in JSON, whatever happens."""
        if not request.path.startswith(PREFIX):
            return self.get_response(request)
        asked_head = request.method == "HEAD"
        if asked_head:
            request.method = "GET"
        unfit = _unfit(request)
        response = problem(unfit) if unfit is not None else self.get_response(request)
        said = response.get("Content-Type", "").partition(";")[0]
        if response.status_code >= HTTPStatus.BAD_REQUEST and said != MEDIA_TYPE:
            response = _translated(response)
        if asked_head:
            response.content = b""
        return response


def _unfit(request: HttpRequest) -> ExpectedError | None:
    if not any(request.accepts(kind) for kind in _SAID):
        return NotAcceptableError()
    if request.method in _UNSAFE and (closed := _closed(request.path)) is not None:
        return closed
    if request.method not in _WITH_BODY:
        return None
    if "Transfer-Encoding" in request.headers and not request.META.get("CONTENT_LENGTH"):
        return LengthRequiredError()
    try:
        body = request.body
    except RequestDataTooBig:
        return TooLargeError()
    except UnreadablePostError:
        return InvalidFieldError("body", "This ended too early.")
    if body and request.content_type != JSON:
        return NotJsonError()
    return None


def _closed(path: str) -> ExpectedError | None:
    """Return what the instance's mode says to whoever wants to change something."""
    mode = mode_now()
    if mode is Mode.READ_ONLY and _GOES_ON.search(path):
        return None
    try:
        refuse_in(mode)
    except ExpectedError as closed:
        return closed
    return None


def _translated(page: HttpResponse) -> HttpResponse:
    """Say a page of Django's as the problem it is."""
    if page.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        said = problem(NotAllowedError())
        said["Allow"] = page["Allow"]
        return said
    if page.status_code == HTTPStatus.NOT_FOUND:
        return problem(NotFoundError())
    if page.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return problem(InvalidFieldError("request", "This request cannot be understood."))
    return problem(FaultError())
