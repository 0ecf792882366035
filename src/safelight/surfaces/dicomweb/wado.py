"""WADO-RS: how do studies, series, instances and their metadata leave? (PS3.18 10.4)"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from safelight.exchange.release.viewing.bulk import Bulk, bulkdata
from safelight.exchange.release.viewing.objects import Outgoing
from safelight.exchange.release.viewing.retrieve import Files, files, metadata, thumbnail
from safelight.surfaces.dicomweb.accept import Form, NotAcceptableError, choose, forms
from safelight.surfaces.dicomweb.answering import PRIVATE, stream, with_caller
from safelight.surfaces.dicomweb.parts import (
    in_parts,
    last_line,
    multipart_type,
    new_boundary,
    part_end,
    part_head,
)
from safelight.surfaces.dicomweb.work import in_thread

_DICOM: Final = "application/dicom"
_OCTETS: Final = "application/octet-stream"
_JSON: Final = "application/dicom+json"
_JPEG: Final = "image/jpeg"


async def retrieve(request: Request) -> Response:
    """Send a study, a series or one instance as DICOM files."""
    taken = forms(request, _DICOM)

    def begin(leaving: Files) -> tuple[Files, Outgoing | None, Iterator[Outgoing]]:
        # The first is opened before anything is promised, and like the rest in a thread.
        opened = iter(_in_a_wanted_syntax(leaving, taken))
        return leaving, next(opened, None), opened

    leaving, first, rest = await in_thread(
        with_caller(request, lambda who, what, at: begin(files(who, what, at=at)))
    )
    if first is not None and len(leaving) == 1 and taken[0].single:
        return stream(request, first.pieces(), leaving.found, _type_of(first), first.size)
    boundary = new_boundary()
    parts = _parts(boundary, chain([first] if first else [], rest))
    return stream(request, parts, leaving.found, multipart_type(boundary, _DICOM))


async def retrieve_metadata(request: Request) -> Response:
    """Send the metadata of a study, a series or an instance as DICOM JSON."""
    choose(request, [_JSON, "application/json"])
    packed = await in_thread(with_caller(request, lambda who, what, at: metadata(who, what, at=at)))
    headers = PRIVATE | {"Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers |= {"Content-Encoding": "gzip"}
        return Response(packed, headers=headers, media_type=_JSON)
    return Response(gzip.decompress(packed), headers=headers, media_type=_JSON)


async def retrieve_thumbnail(request: Request) -> Response:
    """Send a small picture that stands for a study or a series."""
    choose(request, [_JPEG])
    picture = await in_thread(
        with_caller(request, lambda who, what, at: thumbnail(who, what, at=at))
    )
    return Response(picture, headers=PRIVATE, media_type=_JPEG)


async def retrieve_bulkdata(request: Request) -> Response:
    """Send the value a BulkDataURI of the metadata points to.

    Compressed pixel data goes frame by frame where a multipart answer is wanted.
    """
    path = request.path_params["path"]
    form = forms(request, _OCTETS)[0]
    bulk = await in_thread(
        with_caller(request, lambda who, what, at: bulkdata(who, what, path, at=at))
    )
    if form.single or not form.media_type:
        return stream(request, bulk.pieces, bulk.found, _OCTETS, bulk.size)
    boundary = new_boundary()
    return stream(
        request, _bulk_parts(boundary, bulk), bulk.found, multipart_type(boundary, _OCTETS)
    )


def _in_a_wanted_syntax(leaving: Files, taken: list[Form]) -> Files:
    """Pass files on that are in a transfer syntax the caller takes; they are never converted."""
    syntaxes = {form.transfer_syntax for form in taken}
    if "" not in syntaxes and not leaving.transfer_syntaxes() <= syntaxes:
        raise NotAcceptableError
    return leaving


def _type_of(leaving: Outgoing) -> str:
    return f"{_DICOM}; transfer-syntax={leaving.stored.card.transfer_syntax}"


def _parts(boundary: str, leaving: Iterable[Outgoing]) -> Iterator[bytes]:
    for each in leaving:
        yield part_head(boundary, _type_of(each), each.size)
        yield from each.pieces()
        yield part_end()
    yield last_line(boundary)


def _bulk_parts(boundary: str, bulk: Bulk) -> Iterator[bytes]:
    if bulk.frames is not None:
        kind = f"{_OCTETS}; transfer-syntax={bulk.frames.transfer_syntax}"
        yield from in_parts(boundary, kind, bulk.frames.as_stored())
        return
    yield part_head(boundary, _OCTETS, bulk.size)
    yield from bulk.pieces
    yield part_end()
    yield last_line(boundary)
