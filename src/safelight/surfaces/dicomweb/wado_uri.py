"""WADO-URI: how does one object leave that a query string names? (PS3.18 chapter 9)"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from safelight.dicom.pixels.picture import LONGEST_SIDE, PictureFormat
from safelight.exchange.access.facts import Party
from safelight.exchange.release.viewing.documents import document
from safelight.exchange.release.viewing.looks import look
from safelight.exchange.release.viewing.pictures import Rendering, rendered
from safelight.exchange.release.viewing.retrieve import Asked, files
from safelight.exchange.release.viewing.standing import Sitting, sitting
from safelight.exchange.release.viewing.transcoded import can_be_sent, sent
from safelight.kernel import clock
from safelight.surfaces.dicomweb.accept import NotAcceptableError, covers, ranges_in
from safelight.surfaces.dicomweb.answering import PRIVATE, stream
from safelight.surfaces.dicomweb.callers import caller
from safelight.surfaces.dicomweb.conditional import entity_tag, has_it, not_modified
from safelight.surfaces.dicomweb.refusals import BadParameterError
from safelight.surfaces.dicomweb.rendered import PICTURES
from safelight.surfaces.dicomweb.view_parameters import (
    quality,
    unsupported_annotations,
    window,
)
from safelight.surfaces.dicomweb.work import in_thread

DICOM: Final = "application/dicom"
UNDERSTOOD: Final = (
    "requestType", "studyUID", "seriesUID", "objectUID", "contentType", "transferSyntax",
    "rows", "columns", "region", "windowCenter", "windowWidth", "frameNumber", "imageQuality",
)  # fmt: skip
"""The parameters that are followed."""
REFUSED: Final = ("anonymize", "presentationUID", "presentationSeriesUID")
"""Those that ask for another thing than what would be sent; they are not ignored."""
_SIDE: Final = re.compile(r"[1-9][0-9]{0,3}")
_FRAME: Final = re.compile(r"[1-9][0-9]{0,8}")
_SHARE: Final = re.compile(r"(?:0(?:\.[0-9]{1,9})?|1(?:\.0{1,9})?)")
_EDGES: Final = 4


async def retrieve_by_uri(request: Request) -> Response:
    """Send one object as a file, as a picture or as the document in it."""
    return await in_thread(_retrieve, request)


def _retrieve(request: Request) -> Response:
    at = clock.now()
    who, query = caller(request, at=at), request.query_params
    _check(query)
    what = Asked(
        study_uid=query["studyUID"],
        series_uid=query["seriesUID"],
        instance_uid=query["objectUID"],
    )
    made = _rendering(query)
    frame = _frame(query)
    here = sitting(who, what, at=at)
    if here.instance is None:  # pragma: no cover - a query without one was refused
        raise NotAcceptableError
    is_picture = here.has_pictures()
    paper = None if is_picture else document(who, here.found, here.instance, at=at)
    offered = [*PICTURES, DICOM] if is_picture else [DICOM]
    chosen = _chosen(request, [paper.media_type, DICOM] if paper is not None else offered)
    tag = entity_tag(request, here.found, here.contents())
    if has_it(request, tag):
        look(who, here.found, at=at)
        return not_modified(tag)
    if chosen == DICOM:
        response = _file(request, who, what, query.get("transferSyntax", "").strip("*"))
    elif paper is not None:
        response = stream(request, paper.pieces, here.found, paper.media_type, paper.size)
    else:
        response = _picture(who, here, frame, replace(made, picture=PICTURES[chosen]))
    response.headers["ETag"] = tag
    return response


def _file(request: Request, who: Party, what: Asked, syntax: str) -> Response:
    leaving = files(who, what, at=clock.now())
    if not can_be_sent(leaving, [syntax]):
        raise NotAcceptableError
    one = sent(next(iter(leaving)), [syntax])
    kind = f"{DICOM}; transfer-syntax={one.transfer_syntax}"
    return stream(request, one.pieces, leaving.found, kind, one.size)


def _picture(who: Party, here: Sitting, frame: int, made: Rendering) -> Response:
    picture = rendered(who, here.asked, frame, made, at=clock.now())
    return Response(picture, headers=PRIVATE, media_type=made.picture.media_type)


def _chosen(request: Request, offered: list[str]) -> str:
    """Return the first of our media types that the caller takes.

    `contentType` says it; where it does not, the Accept header does.
    """
    text = request.query_params.get("contentType", "") or request.headers.get("accept", "")
    for each in ranges_in(text or "*/*"):
        for media_type in offered:
            if covers(each.media_type, media_type):
                return media_type
    raise NotAcceptableError


def _check(query: QueryParams) -> None:
    for name in ("requestType", "studyUID", "seriesUID", "objectUID"):
        if not query.get(name):
            raise BadParameterError(name, f"{name} is missing.")
    if query["requestType"] != "WADO":
        raise BadParameterError("requestType", "Only WADO is answered here.")
    for name in REFUSED:
        if query.get(name, "no") != "no":
            raise BadParameterError(name, f"{name} is not supported.")
    if unsupported_annotations(query.get("annotation", "")):
        raise BadParameterError("annotation", "Nothing is drawn into pictures.")


def _rendering(query: QueryParams) -> Rendering:
    center, width = query.get("windowCenter", ""), query.get("windowWidth", "")
    if bool(center) != bool(width):
        raise BadParameterError("windowCenter", "A window has a center and a width.")
    return Rendering(
        picture=PictureFormat.JPEG,
        viewport=_viewport(query),
        share=_share(query.get("region", "")),
        window=window(f"{center},{width}") if center else None,
        quality=quality(query.get("imageQuality", "")),
    )


def _viewport(query: QueryParams) -> tuple[int, int] | None:
    """Read how many rows and columns a picture may have; one that is not told may be any."""
    sides = [query.get(name, "") for name in ("columns", "rows")]
    if not any(sides):
        return None
    numbers = [int(side or LONGEST_SIDE) for side in sides if _SIDE.fullmatch(side or "1")]
    if len(numbers) != len(sides) or max(numbers) > LONGEST_SIDE:
        raise BadParameterError("rows", "Rows and columns go from 1 to 8192.")
    return numbers[0], numbers[1]


def _share(text: str) -> tuple[float, float, float, float] | None:
    if not text:
        return None
    parts = text.split(",")
    if len(parts) == _EDGES and all(_SHARE.fullmatch(part) for part in parts):
        left, top, right, bottom = map(float, parts)
        if left < right and top < bottom:
            return left, top, right, bottom
    raise BadParameterError("region", "A region has four edges from 0 to 1.")


def _frame(query: QueryParams) -> int:
    text = query.get("frameNumber", "") or "1"
    if not _FRAME.fullmatch(text):
        raise BadParameterError("frameNumber", "Frames are numbered from 1.")
    return int(text)
