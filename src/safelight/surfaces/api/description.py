"""What does the API's description say that its types alone do not?

Every status and every stable code that each operation can answer with, the
scope a token needs for it, and in which words a problem is said.
"""

from __future__ import annotations

import inspect
from functools import cache
from http import HTTPStatus
from typing import Any, Final

import orjson
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from safelight.exchange.access import errors as access_errors
from safelight.kernel.errors import ExpectedError
from safelight.platform.audit.errors import AuditUnavailableError
from safelight.records.accounts.errors import RateLimitedError
from safelight.surfaces.api import problems
from safelight.surfaces.api.callers import CSRF_HEADER
from safelight.surfaces.api.exchange_api import api
from safelight.surfaces.api.routes import CONNECTED, IN_PERSON, INVALID

PREFIX: Final = "/api/v1"
_ANYWHERE: Final[tuple[type[ExpectedError], ...]] = (
    access_errors.AuthRequiredError,
    access_errors.SecondFactorMissingError,
    access_errors.PolicyNotAcceptedError,
    access_errors.AccountLimitedError,
    access_errors.TokenOmitsScopeError,
    problems.NotAcceptableError,
    RateLimitedError,
    problems.FaultError,
    problems.BusyError,
    AuditUnavailableError,
)
_WITH_BODY: Final = (
    problems.NotJsonError,
    problems.TooLargeError,
    problems.LengthRequiredError,
)
_UNSAFE: Final = (
    problems.ForeignRequestError,
    access_errors.ReadOnlyError,
    access_errors.RecoveringError,
)
_SAFE: Final = frozenset({"get"})
_WORDS: Final = {
    "Token": "A bearer token of an account, made on its security page or by `safelight token`.",
    "Connection": "The word of a connection, made on its page or by `safelight connection word`.",
    "Session": (
        "The cookie of a page's own session. A request that changes something must also carry "
        f"the page's Origin and its CSRF token in `{CSRF_HEADER}`."
    ),
}


@require_GET
def description_page(_request: HttpRequest) -> HttpResponse:
    """Describe the API as OpenAPI 3.1; the same for everybody."""
    return HttpResponse(_written(), content_type="application/json")


@cache
def _written() -> bytes:
    return orjson.dumps(description())


def description() -> dict[str, Any]:
    """Return the whole description as plain data."""
    made: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=PREFIX + "/"))
    made["paths"] = {
        path: {method: _operation(method, dict(told)) for method, told in methods.items()}
        for path, methods in made["paths"].items()
    }
    problem = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    made["components"]["schemas"] |= problem.pop("$defs") | {"Problem": problem}
    for name, words in _WORDS.items():
        made["components"]["securitySchemes"][name]["description"] = words
    return made


def _operation(method: str, said: dict[str, Any]) -> dict[str, Any]:
    """Complete one operation: its words, its scope, its problems."""
    words = inspect.cleandoc(said.get("description", ""))
    said["summary"], _, rest = words.partition("\n")
    said["description"] = rest.strip() or said["summary"]
    scope = said.pop("x-scope")
    said["security"] = [{"Session": []}]
    if scope == CONNECTED:
        said["description"] += "\n\nOnly for a partner's Safelight, with its connection's word."
        said["security"] = [{"Connection": []}]
    elif scope == IN_PERSON:
        said["description"] += "\n\nOnly in person: a token cannot do this."
    else:
        said["description"] += f"\n\nA token needs the scope `{scope}`."
        said["security"].insert(0, {"Token": [scope]})
    media = said.pop("x-media")
    if media:
        binary = {"type": "string", "contentMediaType": media}
        said["responses"][200]["content"] = {media: {"schema": {} if "json" in media else binary}}
    codes = {int(status): set(found) for status, found in said.pop("x-codes").items()}
    ever = _ANYWHERE + (_WITH_BODY if "requestBody" in said else ())
    ever += () if method in _SAFE else _UNSAFE
    for error in ever:
        codes.setdefault(int(error.status), set()).add(error.code)
    if "requestBody" in said or any(each["in"] == "query" for each in said["parameters"]):
        codes.setdefault(int(HTTPStatus.UNPROCESSABLE_ENTITY), set()).add(INVALID)
    responses = {str(status): answer for status, answer in said["responses"].items()}
    for status, found in sorted(codes.items()):
        responses[str(status)] = _problem(status, sorted(found))
    said["responses"] = responses
    return said


def _problem(status: int, codes: list[str]) -> dict[str, Any]:
    listed = ", ".join(f"`{code}`" for code in codes)
    answer: dict[str, Any] = {
        "description": f"{HTTPStatus(status).phrase}: {listed}.",
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        "x-codes": codes,
    }
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        answer["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string"}}
        }
    return answer
