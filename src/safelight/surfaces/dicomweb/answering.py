"""What have all DICOMweb answers with contents in common?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, TypeVar

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from safelight.exchange.access.facts import Party
from safelight.exchange.release.viewing.find import Found
from safelight.exchange.release.viewing.objects import Watch, watched
from safelight.exchange.release.viewing.retrieve import Asked
from safelight.kernel import clock
from safelight.surfaces.dicomweb.callers import caller
from safelight.surfaces.dicomweb.work import streamed

_Answer = TypeVar("_Answer")

# What was asked for is private and may be taken back: no cache may keep it.
PRIVATE: Final = {"Cache-Control": "private, no-store"}
# Bytes that came from somewhere else are never shown as a page of ours.
ATTACHED: Final = PRIVATE | {"Content-Disposition": "attachment"}


def asked(request: Request) -> Asked:
    """Read the UIDs an address names."""
    names = request.path_params
    return Asked(
        study_uid=names["study"],
        series_uid=names.get("series", ""),
        instance_uid=names.get("instance", ""),
    )


def with_caller(
    request: Request, query: Callable[[Party, Asked, datetime], _Answer]
) -> Callable[[], _Answer]:
    """Bind a query to who calls and what the address names; both are found in the thread."""
    at = clock.now()

    def unit() -> _Answer:
        return query(caller(request, at=at), asked(request), at)

    return unit


def stream(
    request: Request,
    pieces: Iterator[bytes],
    found: Found,
    media_type: str,
    size: int | None = None,
) -> Response:
    """Send pieces for as long as whoever asked may have them; none where only the head is asked."""

    def who(at: datetime) -> Party:
        return caller(request, at=at)

    headers = ATTACHED | ({"Content-Length": str(size)} if size is not None else {})
    if request.method == "HEAD":
        head = Response(headers=headers, media_type=media_type)
        if size is None:
            del head.headers["Content-Length"]
        return head
    watch = Watch(who, found, clock.now)
    kept = streamed(watched(pieces, watch), watch.may_leave)
    return StreamingResponse(kept, headers=headers, media_type=media_type)
