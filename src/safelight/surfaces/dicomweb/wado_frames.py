"""WADO-RS: how do frames leave? (PS3.18 10.4.1.1.2, 8.7.3)"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from safelight.dicom.registry import transfer_syntaxes as syntax
from safelight.exchange.access.facts import Party
from safelight.exchange.release.viewing.objects import RECHECK_EVERY
from safelight.exchange.release.viewing.pictures import Frames, frames
from safelight.exchange.release.viewing.retrieve import Asked
from safelight.exchange.release.viewing.transcoded import encoded
from safelight.surfaces.dicomweb.accept import Form, NotAcceptableError, forms
from safelight.surfaces.dicomweb.answering import PRIVATE, stream, with_caller
from safelight.surfaces.dicomweb.conditional import entity_tag, has_it, not_modified
from safelight.surfaces.dicomweb.frame_numbers import frame_numbers
from safelight.surfaces.dicomweb.parts import (
    in_parts,
    last_line,
    multipart_type,
    new_boundary,
    part_end,
    part_head,
)
from safelight.surfaces.dicomweb.work import in_thread

_OCTETS: Final = "application/octet-stream"
# Which media type a frame has as it is stored (PS3.18 Table 8.7.3-5).
STORED_TYPES: Final = {
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


# Which transfer syntax is meant by a media type that says no other, as far as it is written.
WRITTEN: Final = {
    "image/jls": syntax.JPEG_LS_LOSSLESS,
    "image/jp2": syntax.JPEG_2000_LOSSLESS,
    "image/dicom-rle": syntax.RLE_LOSSLESS,
}


@dataclass(frozen=True, slots=True)
class _Choice:
    """How frames leave: bare or not, of which media type, in which transfer syntax."""

    single: bool
    media_type: str
    transfer_syntax: str

    def made(self, taken: Frames) -> Iterator[bytes]:
        """Yield the frames in that form."""
        if self.transfer_syntax == taken.transfer_syntax:
            return taken.as_stored()
        if self.transfer_syntax == syntax.EXPLICIT_LITTLE:
            return taken.decoded()
        return encoded(taken, self.transfer_syntax)


async def retrieve_frames(request: Request) -> Response:
    """Send frames as stored, or in another form where the caller asks for one."""
    numbers = frame_numbers(request.path_params["frames"])
    wanted = forms(request, _OCTETS, *set(STORED_TYPES.values()))

    def unit(who: Party, what: Asked, at: datetime) -> Response:
        taken = frames(who, what, numbers, at=at)
        tag = entity_tag(request, taken.found, [taken.row.id])
        if has_it(request, tag):
            return not_modified(tag)
        response = _answer(request, taken, wanted)
        response.headers["ETag"] = tag
        return response

    return await in_thread(with_caller(request, unit))


def _answer(request: Request, taken: Frames, wanted: list[Form]) -> Response:
    choice = _choice(taken, wanted)
    kind = f"{choice.media_type}; transfer-syntax={choice.transfer_syntax}"
    is_one = len(taken.numbers) == 1
    if is_one and choice.transfer_syntax == taken.transfer_syntax:
        size = taken.size_of(taken.numbers[0])
        if size > RECHECK_EVERY:
            return _large(request, taken, choice, kind, size)
    rest = choice.made(taken)
    first = next(rest)
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


def _large(request: Request, taken: Frames, choice: _Choice, kind: str, size: int) -> Response:
    """Send one large frame as it is stored, as it is being read."""
    pieces = taken.in_pieces(taken.numbers[0])
    # The first piece is read before anything is promised.
    whole = chain([next(pieces)], pieces)
    if choice.single:
        return stream(request, whole, taken.found, kind, size)
    boundary = new_boundary()
    head, end = part_head(boundary, kind, size), part_end() + last_line(boundary)
    parts = chain([head], whole, [end])
    outer = multipart_type(boundary, choice.media_type)
    return stream(request, parts, taken.found, outer, len(head) + size + len(end))


def _choice(taken: Frames, wanted: list[Form]) -> _Choice:
    """Return how frames leave: as stored where the caller takes that, else the first that can be.

    Raises:
        NotAcceptableError: they cannot be had in any form the caller takes.
    """
    stored = taken.transfer_syntax
    for form in wanted:
        media_type = form.media_type or _OCTETS
        if media_type in {_OCTETS, STORED_TYPES.get(stored)} and form.transfer_syntax in {
            "",
            stored,
        }:
            return _Choice(form.single, media_type, stored)
    for form in wanted:
        media_type = form.media_type or _OCTETS
        into = form.transfer_syntax or WRITTEN.get(media_type, "")
        is_native = into == syntax.EXPLICIT_LITTLE and media_type == _OCTETS
        written = [each for each, meant in WRITTEN.items() if meant == into]
        if is_native or (written and media_type in {_OCTETS, *written}):
            return _Choice(form.single, media_type, into)
    raise NotAcceptableError
