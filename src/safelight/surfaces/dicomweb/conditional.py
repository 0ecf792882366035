"""Has the caller got this already? (RFC 9110 13)

The entity tags come from the lower floor, with what is sent; here they are bound to
the form in which it was asked for, and compared with what the caller says to have.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from safelight.exchange.release.viewing.find import Found
from safelight.exchange.release.viewing.validators import validator
from safelight.surfaces.dicomweb.answering import PRIVATE

_REVISION = 2  # goes up when the same request is answered with other bytes


def entity_tag(request: Request, found: Found, parts: Sequence[object]) -> str:
    """Return the entity tag of an answer to this request, made of `parts`.

    Two requests that can be answered differently never share one.
    """
    headers = (request.headers.get(name, "") for name in ("accept", "accept-encoding"))
    asked = (request.url.path, request.url.query, *headers)
    return validator(found, (_REVISION, *asked, *parts))


def has_it(request: Request, tag: str) -> bool:
    """Say whether the caller has what this tag stands for."""
    known = request.headers.get("if-none-match", "")
    if request.method not in {"GET", "HEAD"} or not known:
        return False
    listed = (each.strip().removeprefix("W/") for each in known.split(","))
    return any(each in {"*", tag} for each in listed)


def not_modified(tag: str) -> Response:
    """Answer that what the caller has is still right."""
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=PRIVATE | {"ETag": tag})
