"""How is a refusal said to a person? In one page for each meaning, whatever the cause.

What is absent and what is not yours read the same, byte for byte.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from safelight.exchange.access.errors import CareReasonMissingError
from safelight.exchange.access.missed import note_miss
from safelight.exchange.access.powers.errors import TwoPeopleError
from safelight.exchange.release.errors import FurtherReleaseError
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError
from safelight.kernel.ids import to_text
from safelight.records.accounts.errors import RateLimitedError
from safelight.surfaces.web.account.visitor import source_of
from safelight.surfaces.web.callers import party_of_request

# Tries of links are on record by themselves, with what was tried.
_BY_LINK = ("/s/", "/r/")
logger = logging.getLogger("safelight.web")
_PAGES = {403: "403.html", 404: "404.html", 410: "410.html", 429: "429.html", 503: "503.html"}


class SayProblems:
    """Turn expected errors that a view let through into pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; what was not found is put on record, whoever asked for it."""
        response = self.get_response(request)
        if response.status_code == HTTPStatus.NOT_FOUND and not request.path.startswith(_BY_LINK):
            # Without its record a "no" is still a no.
            with suppress(DatabaseError):
                party = party_of_request(request)
                note_miss(party, request.path, origin=source_of(request), at=clock.now())
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Say an expected error in words; leave a fault of ours to Django's 500."""
        if not isinstance(error, ExpectedError):
            logger.error("a page failed: %s", type(error).__name__)
            return None
        if isinstance(error, FurtherReleaseError):
            return render(
                request,
                "onward/refused.html",
                {"code": error.code, "exam_id": to_text(error.study_id)},
                status=error.status,
            )
        if isinstance(error, TwoPeopleError):
            return render(request, "two-people.html", {"line": error.line}, status=error.status)
        if isinstance(error, CareReasonMissingError) and request.method == "GET":
            return _ask_why(request, error)
        template = _PAGES.get(int(error.status), "422.html")
        response = render(request, template, {"why": str(error)}, status=error.status)
        if isinstance(error, RateLimitedError):
            response["Retry-After"] = str(math.ceil(error.retry_after.total_seconds()))
        return response


def _ask_why(request: HttpRequest, error: CareReasonMissingError) -> HttpResponse:
    """Lead one of the care team to the page that asks why, and from there back."""
    page = reverse("care-reason", args=[to_text(error.study_id)])
    route = request.resolver_match.url_name if request.resolver_match else ""
    return redirect(page if route == "viewer" else f"{page}?then=exam")
