"""WADO-RS: how do frames and pictures leave? (PS3.18 10.4, 8.3.5, 8.7.3)"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from safelight.dicom import transfer_syntaxes as syntax
from safelight.dicom.picture import PictureFormat
from safelight.exchange.release.viewing.objects import RECHECK_EVERY
from safelight.exchange.release.viewing.pictures import Frames, Rendering, frames, rendered
from safelight.surfaces.dicomweb.accept import Form, NotAcceptableError, choose, forms
from safelight.surfaces.dicomweb.answering import PRIVATE, stream, with_caller
from safelight.surfaces.dicomweb.parts import in_parts, multipart_type, new_boundary
from safelight.surfaces.dicomweb.refusals import BadParameterError
from safelight.surfaces.dicomweb.view_parameters import quality, viewport, window
from safelight.surfaces.dicomweb.work import in_thread

_OCTETS: Final = "application/octet-stream"
_RENDERED: Final = {each.media_type: each for each in PictureFormat}
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
# Which media type a frame has as it is stored (PS3.18 Table 8.7.3-5).
_STORED_TYPES: Final = {
    syntax.JPEG_BASELINE: "image/jpeg",
    syntax.JPEG_EXTENDED: "image/jpeg",
    syntax.JPEG_LOSSLESS: "image/jpeg",
    syntax.JPEG_LOSSLESS_SV1: "image/jpeg",
    syntax.JPEG_LS_LOSSLESS: "image/jls",
    syntax.JPEG_LS_NEAR_LOSSLESS: "image/jls",
    syntax.JPEG_2000_LOSSLESS: "image/jp2",
    syntax.JPEG_2000: "image/jp2",
    syntax.HTJ2K_LOSSLESS: "image/jphc",
    syntax.HTJ2K_LOSSLESS_RPCL: "image/jphc",
    syntax.HTJ2K: "image/jphc",
    syntax.RLE_LOSSLESS: "image/dicom-rle",
}


@dataclass(frozen=True, slots=True)
class _Choice:
    """How frames leave: bare or not, of which media type, and whether decoded."""

    single: bool
    media_type: str
    decoded: bool


async def retrieve_frames(request: Request) -> Response:
    """Send frames as stored, or decoded where the caller asks for native pixels."""
    numbers = _frame_numbers(request.path_params["frames"])
    wanted = forms(request, _OCTETS, *set(_STORED_TYPES.values()))

    def begin(taken: Frames) -> tuple[Frames, _Choice, bytes, Iterator[bytes]]:
        choice = _choice(taken, wanted)
        rest = taken.decoded() if choice.decoded else taken.as_stored()
        return taken, choice, next(rest), rest

    taken, choice, first, rest = await in_thread(
        with_caller(request, lambda who, what, at: begin(frames(who, what, numbers, at=at)))
    )
    used = syntax.EXPLICIT_LITTLE if choice.decoded else taken.transfer_syntax
    kind = f"{choice.media_type}; transfer-syntax={used}"
    is_one = len(numbers) == 1
    # A longer one goes as a stream: it may be taken back on its way.
    is_short = is_one and len(first) <= RECHECK_EVERY
    if choice.single and is_short:
        return Response(first, headers=PRIVATE, media_type=kind)
    if choice.single and is_one:
        return stream(request, iter([first]), taken.found, kind, len(first))
    boundary = new_boundary()
    outer = multipart_type(boundary, choice.media_type)
    if is_short:
        whole = b"".join(in_parts(boundary, kind, [first]))
        return Response(whole, headers=PRIVATE, media_type=outer)
    parts = in_parts(boundary, kind, chain([first], rest))
    return stream(request, parts, taken.found, outer)


async def retrieve_rendered(request: Request) -> Response:
    """Send one picture made for the screen."""
    media_type = choose(request, list(_RENDERED))
    asked = request.query_params
    rendering = Rendering(
        picture=_RENDERED[media_type],
        viewport=viewport(asked.get("viewport", "")),
        window=window(asked.get("window", "")),
        quality=quality(asked.get("quality", "")),
    )
    number = _frame_numbers(request.path_params.get("frames", "1"))[0]
    picture = await in_thread(
        with_caller(request, lambda who, what, at: rendered(who, what, number, rendering, at=at))
    )
    return Response(picture, headers=PRIVATE, media_type=media_type)


def _choice(taken: Frames, wanted: list[Form]) -> _Choice:
    """Return the first form the caller takes that these frames can have.

    Raises:
        NotAcceptableError: there is none; frames are not re-encoded.
    """
    stored = taken.transfer_syntax
    for form in wanted:
        media_type = form.media_type or _OCTETS
        if media_type != _OCTETS and media_type != _STORED_TYPES.get(stored):
            continue
        if form.transfer_syntax in {"", stored}:
            return _Choice(form.single, media_type, decoded=False)
        if form.transfer_syntax == syntax.EXPLICIT_LITTLE and media_type == _OCTETS:
            return _Choice(form.single, media_type, decoded=True)
    raise NotAcceptableError


def _frame_numbers(text: str) -> list[int]:
    parts = text.split(",")
    if not all(_NUMBER.fullmatch(part) and int(part) for part in parts):
        raise BadParameterError("frames", "Frames are numbered from 1.")
    return [int(part) for part in parts]
