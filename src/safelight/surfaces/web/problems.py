"""How is a refusal said to a person? In one page for each meaning, whatever the cause.

What is absent and what is not yours read the same, byte for byte.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from safelight.exchange.access.errors import CareReasonMissingError
from safelight.exchange.release.errors import FurtherReleaseError
from safelight.kernel.errors import ExpectedError
from safelight.kernel.ids import to_text

logger = logging.getLogger("safelight.web")
_PAGES = {403: "403.html", 404: "404.html", 410: "410.html", 429: "429.html", 503: "503.html"}


class SayProblems:
    """Turn expected errors that a view let through into pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        return self.get_response(request)

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
        if isinstance(error, CareReasonMissingError) and request.method == "GET":
            return _ask_why(request, error)
        template = _PAGES.get(int(error.status), "422.html")
        return render(request, template, {"why": str(error)}, status=error.status)


def _ask_why(request: HttpRequest, error: CareReasonMissingError) -> HttpResponse:
    """Lead one of the care team to the page that asks why, and from there back."""
    page = reverse("care-reason", args=[to_text(error.study_id)])
    route = request.resolver_match.url_name if request.resolver_match else ""
    return redirect(page if route == "viewer" else f"{page}?then=exam")
