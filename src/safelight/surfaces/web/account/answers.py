"""How does an expected error become part of a page?"""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.http import JsonResponse
from django.shortcuts import render

from safelight.kernel.errors import ExpectedError, InvalidFieldError
from safelight.records.accounts.errors import RateLimitedError

if TYPE_CHECKING:
    from django.forms import Form
    from django.http import HttpRequest, HttpResponse


def shown(
    request: HttpRequest,
    template: str,
    form: Form,
    error: ExpectedError | None = None,
    **context: Any,  # noqa: ANN401 (what the template needs)
) -> HttpResponse:
    """Show a form, with what is wrong in it: 422 for its own faults, else the error's status."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound and form.errors else HTTPStatus.OK
    if error is not None:
        field = error.field if isinstance(error, InvalidFieldError) else None
        if not form.is_bound:
            form = type(form)({})
            form.full_clean()
            form.errors.clear()
        form.add_error(field if field in form.fields else None, words(error))
        status = error.status
    response = render(request, template, {"form": form, **context}, status=status)
    if isinstance(error, RateLimitedError):
        response["Retry-After"] = str(math.ceil(error.retry_after.total_seconds()))
    return response


def words(error: ExpectedError) -> str:
    """Say an error to a person."""
    if isinstance(error, RateLimitedError):
        minutes = max(1, math.ceil(error.retry_after.total_seconds() / 60))
        return f"That was tried too often. Try again in {minutes} min."
    return str(error)


def problem(error: ExpectedError) -> JsonResponse:
    """Say an error to a script (RFC 9457)."""
    body = {
        "type": "about:blank",
        "title": words(error),
        "status": error.status,
        "code": error.code,
    }
    response = JsonResponse(body, status=error.status, content_type="application/problem+json")
    if isinstance(error, RateLimitedError):
        response["Retry-After"] = str(math.ceil(error.retry_after.total_seconds()))
    return response
