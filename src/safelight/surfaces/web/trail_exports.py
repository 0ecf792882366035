"""In what form does somebody take along what they may read of the record?"""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_POST

from safelight.exchange.access.reading import reading_of
from safelight.governance.trail.exporting import FILES, Form, export
from safelight.governance.trail.leaving import export_whole
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.records.accounts import throttle
from safelight.surfaces.web.callers import party_of_request
from safelight.surfaces.web.officer import wanted


@require_POST
@login_required
def export_page(request: HttpRequest) -> StreamingHttpResponse:
    """Send the whole record for the one-file verifier: a part of it cannot be checked alone."""
    party = party_of_request(request)
    if not reading_of(party).is_whole:
        raise NotFoundError
    at = clock.now()
    throttle.take(throttle.EXPORTS, party.name, at=at)
    return _file(export_whole(party.name, at=at), "trail.jsonl", "application/jsonl")


@require_POST
@login_required
def take_page(request: HttpRequest) -> StreamingHttpResponse:
    """Send what fits the fields of the page in one of the forms that other systems read."""
    party, at = party_of_request(request), clock.now()
    reading = reading_of(party)
    asked = request.POST.dict()
    try:
        form = Form(asked.get("form", ""))
    except ValueError:
        raise InvalidFieldError("form", "It is none of the forms.") from None
    fitting = wanted(asked, reading)
    throttle.take(throttle.EXPORTS, party.name, at=at)
    file = FILES[form]
    return _file(export(party.name, fitting, form, at=at), file.name, file.kind)


def _file(lines: Iterator[bytes], name: str, kind: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
