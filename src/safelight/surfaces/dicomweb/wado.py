"""WADO-RS: how do studies, series, instances, frames and pictures leave? (PS3.18 10.4)"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from safelight.dicom.picture import PictureFormat
from safelight.dicom.reasons import UnreadableError
from safelight.dicom.voi import VoiFunction, VoiWindow
from safelight.exchange.access.facts import Party
from safelight.exchange.release.find import Found
from safelight.exchange.release.objects import Outgoing, watched
from safelight.exchange.release.retrieve import (
    Asked,
    Frame,
    Rendering,
    bulkdata,
    files,
    frames,
    metadata,
    rendered,
    thumbnail,
)
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError
from safelight.surfaces.dicomweb.accept import NotAcceptableError, choose, wanted
from safelight.surfaces.dicomweb.callers import caller
from safelight.surfaces.dicomweb.parts import (
    last_line,
    multipart_type,
    new_boundary,
    part_end,
    part_head,
    whole,
)
from safelight.surfaces.dicomweb.work import in_thread, streamed

_Answer = TypeVar("_Answer")

_DICOM = "application/dicom"
_OCTETS = "application/octet-stream"
_JSON = "application/dicom+json"
_EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
_RENDERED = {each.media_type: each for each in PictureFormat}
_LONGEST_SIDE = 8192
_BEST_QUALITY = 100
_USUAL_QUALITY = 90
# What was asked for is private and may be taken back: no cache may keep it.
_PRIVATE = {"Cache-Control": "private, no-store"}


def asked(request: Request) -> Asked:
    """Read the UIDs an address names."""
    names = request.path_params
    return Asked(
        study_uid=names["study"],
        series_uid=names.get("series", ""),
        instance_uid=names.get("instance", ""),
    )


async def retrieve(request: Request) -> Response:
    """Send a study, a series or one instance as DICOM files."""
    single = _wants_single(request)
    at = clock.now()

    def find() -> tuple[Party, Found, list[Outgoing]]:
        party = caller(request, at=at)
        return party, *files(party, asked(request), at=at)

    party, found, leaving = await in_thread(find)
    if single and len(leaving) == 1:
        pieces = watched(leaving[0].pieces(), party, found, clock.now)
        headers = _PRIVATE | {"Content-Length": str(leaving[0].size)}
        kind = f"{_DICOM}; transfer-syntax={leaving[0].stored.card.transfer_syntax}"
        return StreamingResponse(streamed(pieces), headers=headers, media_type=kind)
    boundary = new_boundary()
    pieces = watched(_parts(boundary, leaving), party, found, clock.now)
    return StreamingResponse(
        streamed(pieces), headers=_PRIVATE, media_type=multipart_type(boundary, _DICOM)
    )


async def retrieve_metadata(request: Request) -> Response:
    """Send the metadata of a study, a series or an instance as DICOM JSON."""
    choose(request, [_JSON, "application/json"])
    packed = await in_thread(
        _with_caller(request, lambda who, what, at: metadata(who, what, at=at))
    )
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers = _PRIVATE | {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Response(packed, headers=headers, media_type=_JSON)
    return Response(gzip.decompress(packed), headers=_PRIVATE, media_type=_JSON)


async def retrieve_frames(request: Request) -> Response:
    """Send frames as stored, or decoded where the caller asks for native pixels."""
    numbers = _frame_numbers(request.path_params["frames"])
    ranges = wanted(request)
    single = any(each.media_type == _OCTETS for each in ranges[:1])
    if not single and not any(
        each.media_type in {"*/*", "multipart/*", "multipart/related"} for each in ranges
    ):
        raise NotAcceptableError
    decoded = any(each.transfer_syntax == _EXPLICIT_LITTLE for each in ranges)
    taken: list[Frame] = await in_thread(
        _with_caller(
            request, lambda who, what, at: frames(who, what, numbers, decoded=decoded, at=at)
        )
    )
    if single and len(taken) == 1:
        kind = f"{_OCTETS}; transfer-syntax={taken[0].transfer_syntax}"
        return Response(taken[0].data, headers=_PRIVATE, media_type=kind)
    boundary = new_boundary()
    parts = [(f"{_OCTETS}; transfer-syntax={each.transfer_syntax}", each.data) for each in taken]
    return Response(
        b"".join(whole(boundary, parts)),
        headers=_PRIVATE,
        media_type=multipart_type(boundary, _OCTETS),
    )


async def retrieve_rendered(request: Request) -> Response:
    """Send one picture made for the screen."""
    media_type = choose(request, list(_RENDERED))
    rendering = Rendering(
        picture=_RENDERED[media_type],
        viewport=_viewport(request.query_params.get("viewport", "")),
        window=_window(request.query_params.get("window", "")),
        quality=_quality(request.query_params.get("quality", "")),
    )
    number = _frame_numbers(request.path_params.get("frames", "1"))[0]
    picture: bytes = await in_thread(
        _with_caller(request, lambda who, what, at: rendered(who, what, number, rendering, at=at))
    )
    return Response(picture, headers=_PRIVATE, media_type=media_type)


async def retrieve_thumbnail(request: Request) -> Response:
    """Send a small picture that stands for a study or a series."""
    picture: bytes = await in_thread(
        _with_caller(request, lambda who, what, at: thumbnail(who, what, at=at))
    )
    return Response(picture, headers=_PRIVATE, media_type="image/jpeg")


async def retrieve_bulkdata(request: Request) -> Response:
    """Send the value a BulkDataURI of the metadata points to."""
    path = request.path_params["path"]
    value: bytes = await in_thread(
        _with_caller(request, lambda who, what, at: bulkdata(who, what, path, at=at))
    )
    return Response(value, headers=_PRIVATE, media_type=_OCTETS)


def _with_caller(
    request: Request, query: Callable[[Party, Asked, datetime], _Answer]
) -> Callable[[], _Answer]:
    """Bind a query to who calls and what the address names; both are found in the thread."""
    at = clock.now()
    return lambda: query(caller(request, at=at), asked(request), at)


def _parts(boundary: str, leaving: list[Outgoing]) -> Iterator[bytes]:
    for each in leaving:
        kind = f"{_DICOM}; transfer-syntax={each.stored.card.transfer_syntax}"
        yield part_head(boundary, kind, each.size)
        yield from each.pieces()
        yield part_end()
    yield last_line(boundary)


def _wants_single(request: Request) -> bool:
    """Say whether a bare DICOM file is wanted rather than a multipart answer."""
    for each in wanted(request):
        if each.media_type == _DICOM:
            return True
        if each.media_type in {"*/*", "multipart/*"}:
            return False
        if each.media_type == "multipart/related" and each.part_type in {"", _DICOM}:
            return False
    raise NotAcceptableError


def _frame_numbers(text: str) -> list[int]:
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        numbers = [0]
    if min(numbers) < 1:
        raise InvalidFieldError("frames", "Frames are numbered from 1.")
    return numbers


def _viewport(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    try:
        width, height = (int(float(part)) for part in text.split(",")[:2])
    except ValueError:
        raise InvalidFieldError("viewport", "Give a width and a height.") from None
    if not (1 <= width <= _LONGEST_SIDE and 1 <= height <= _LONGEST_SIDE):
        raise InvalidFieldError("viewport", "Sides go from 1 to 8192 pixels.")
    return width, height


def _window(text: str) -> VoiWindow | None:
    if not text:
        return None
    try:
        center, width, *function = text.split(",")
        named = (function[0] if function else "linear").upper().replace("-", "_")
        return VoiWindow(float(center), float(width), VoiFunction(named))
    except (ValueError, UnreadableError):
        raise InvalidFieldError("window", "Give a center, a width and a function.") from None


def _quality(text: str) -> int:
    if not text:
        return _USUAL_QUALITY
    if not text.isdigit() or not 1 <= int(text) <= _BEST_QUALITY:
        raise InvalidFieldError("quality", "Quality goes from 1 to 100.")
    return int(text)
