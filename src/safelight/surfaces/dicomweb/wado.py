"""WADO-RS: how do studies, series, instances and their metadata leave? (PS3.18 10.4)"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from safelight.exchange.access.facts import Party
from safelight.exchange.release.viewing.bulk import Bulk, bulkdata
from safelight.exchange.release.viewing.described import metadata, models
from safelight.exchange.release.viewing.find import Found
from safelight.exchange.release.viewing.looks import look
from safelight.exchange.release.viewing.objects import Outgoing
from safelight.exchange.release.viewing.retrieve import Asked, Files, files
from safelight.exchange.release.viewing.standing import sitting
from safelight.exchange.release.viewing.transcoded import Sent, as_it_is, can_be_sent, sent
from safelight.kernel.errors import ExpectedError
from safelight.surfaces.dicomweb.accept import Form, NotAcceptableError, forms
from safelight.surfaces.dicomweb.addresses import service_root
from safelight.surfaces.dicomweb.answering import PRIVATE, stream, with_caller
from safelight.surfaces.dicomweb.conditional import entity_tag, has_it, not_modified
from safelight.surfaces.dicomweb.models import ModelForm, choose_form, packed, takes_gzip
from safelight.surfaces.dicomweb.parts import (
    in_parts,
    last_line,
    multipart_type,
    new_boundary,
    part_end,
    part_head,
)
from safelight.surfaces.dicomweb.ranges import span
from safelight.surfaces.dicomweb.work import in_thread

DICOM: Final = "application/dicom"
OCTETS: Final = "application/octet-stream"


async def retrieve(request: Request) -> Response:
    """Send a study, a series or one instance as DICOM files."""
    taken = forms(request, DICOM)

    def begin(leaving: Files) -> Response:
        tag = entity_tag(request, leaving.found, [row.id for row in leaving.rows])
        if has_it(request, tag):
            return not_modified(tag)
        response = _objects(request, leaving, taken)
        if leaving.left_out:
            # Some of what was asked for is damaged and kept back (PS3.18 10.4.1.3.1).
            response.status_code = HTTPStatus.PARTIAL_CONTENT
        response.headers["ETag"] = tag
        return response

    return await in_thread(
        with_caller(request, lambda who, what, at: begin(files(who, what, at=at)))
    )


async def retrieve_metadata(request: Request) -> Response:
    """Send the metadata of a study, a series or an instance as DICOM JSON, or as XML."""
    form = choose_form(request, one="instance" in request.path_params)

    def unit(who: Party, what: Asked, at: datetime) -> Response:
        here = sitting(who, what, at=at)
        tag = entity_tag(request, here.found, here.contents())
        # What is not sent again was looked at all the same: the look is put on record first.
        look(who, here.found, at=at)
        if has_it(request, tag):
            return not_modified(tag)
        if not form.is_json:
            return _in_xml(request, form, models(who, what, at=at), tag)
        told = metadata(who, what, at=at)
        headers = PRIVATE | {"ETag": tag, "Vary": "Accept, Accept-Encoding"}
        if takes_gzip(request):
            headers |= {"Content-Encoding": "gzip"}
            return Response(told.packed(), headers=headers, media_type=form.media_type)
        return Response(told.plain(), headers=headers, media_type=form.media_type)

    return await in_thread(with_caller(request, unit))


def _in_xml(
    request: Request, form: ModelForm, told: tuple[Found, Iterator[bytes]], tag: str
) -> Response:
    found, texts = told
    root = _own_address(request).removesuffix("metadata")
    pieces = form.written((orjson.loads(text) for text in texts), bulk_root=root)
    packs = takes_gzip(request)
    response = stream(request, packed(pieces) if packs else pieces, found, form.content_type)
    response.headers["ETag"] = tag
    response.headers["Vary"] = "Accept, Accept-Encoding"
    if packs:
        response.headers["Content-Encoding"] = "gzip"
    return response


async def retrieve_bulkdata(request: Request) -> Response:
    """Send the value a BulkDataURI of the metadata points to.

    Compressed pixel data goes frame by frame where a multipart answer is wanted.
    """
    path = request.path_params["path"]
    form = forms(request, OCTETS)[0]

    def begin(bulk: Bulk) -> Response:
        tag = entity_tag(request, bulk.found, [bulk.row_id])
        if has_it(request, tag):
            return not_modified(tag)
        response = _value(request, bulk, form)
        response.headers["ETag"] = tag
        return response

    return await in_thread(
        with_caller(request, lambda who, what, at: begin(bulkdata(who, what, path, at=at)))
    )


def _objects(request: Request, leaving: Files, taken: list[Form]) -> Response:
    wanted = [form.transfer_syntax for form in taken]
    if not can_be_sent(leaving, wanted):
        raise NotAcceptableError
    # The first is opened before anything is promised, and like the rest in a thread.
    opened = iter(leaving)
    first = next(((each, sent(each, wanted)) for each in opened), None)
    single = first is not None and len(leaving) == 1 and _single(first[1], taken)
    if first is not None and single:
        one = first[1]
        return stream(request, one.pieces, leaving.found, _type_of(one), one.size)
    boundary = new_boundary()

    def parts() -> Iterator[bytes]:
        if first is not None:
            yield from _part(boundary, first[1])
        for each in opened:
            yield from _part(boundary, _sent_or_stored(each, wanted))
        yield last_line(boundary)

    return stream(request, parts(), leaving.found, multipart_type(boundary, DICOM))


def _sent_or_stored(each: Outgoing, wanted: list[str]) -> Sent:
    """Return an object in a wanted form; as it is where its pixels turn out to be broken.

    The answer has begun by then, and each part says its own transfer syntax.
    """
    try:
        return sent(each, wanted)
    except ExpectedError:
        return as_it_is(each)


def _single(one: Sent, taken: list[Form]) -> bool:
    """Say whether the best of the forms that fit an object is a bare one."""
    fitting = [form for form in taken if form.transfer_syntax in {"", one.transfer_syntax}]
    return fitting[0].single if fitting else taken[0].single


def _type_of(one: Sent) -> str:
    return f"{DICOM}; transfer-syntax={one.transfer_syntax}"


def _part(boundary: str, one: Sent) -> Iterator[bytes]:
    yield part_head(boundary, _type_of(one), one.size)
    yield from one.pieces
    yield part_end()


def _value(request: Request, bulk: Bulk, form: Form) -> Response:
    part = None if form.in_parts and bulk.frames is not None else span(request, bulk.size)
    start, stop = part or (0, bulk.size)
    pieces = bulk.pieces(start, stop)
    if form.in_parts:
        boundary = new_boundary()
        parts = _bulk_parts(boundary, bulk, pieces, stop - start, _own_address(request))
        response = stream(request, parts, bulk.found, multipart_type(boundary, OCTETS))
    else:
        response = stream(request, pieces, bulk.found, OCTETS, stop - start)
    response.headers["Accept-Ranges"] = "bytes"
    if part is not None:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{bulk.size}"
    return response


def _own_address(request: Request) -> str:
    path: str = request.scope["path"]
    root: str = request.scope.get("root_path", "")
    return service_root(request) + path.removeprefix(root)


def _bulk_parts(
    boundary: str, bulk: Bulk, pieces: Iterator[bytes], size: int, address: str
) -> Iterator[bytes]:
    if bulk.frames is not None:
        kind = f"{OCTETS}; transfer-syntax={bulk.frames.transfer_syntax}"
        yield from in_parts(boundary, kind, bulk.frames.as_stored())
        return
    yield part_head(boundary, OCTETS, size, address)
    yield from pieces
    yield part_end()
    yield last_line(boundary)
