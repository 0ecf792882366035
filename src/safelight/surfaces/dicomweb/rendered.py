"""WADO-RS: how do pictures made for the screen leave? (PS3.18 10.4.1.1.3, 8.3.5, 8.7.4)

One picture stands for what an address names, unless the caller takes several in
parts. Documents are shown as what they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from safelight.dicom.pixels.picture import PictureFormat
from safelight.exchange.access.facts import Party
from safelight.exchange.release.errors import NoPixelsError
from safelight.exchange.release.viewing.documents import Document, document
from safelight.exchange.release.viewing.find import Found
from safelight.exchange.release.viewing.looks import look
from safelight.exchange.release.viewing.pictures import Rendering, rendered
from safelight.exchange.release.viewing.retrieve import Asked, thumbnail
from safelight.exchange.release.viewing.standing import Shot, Sitting, sitting
from safelight.kernel import clock
from safelight.surfaces.dicomweb.accept import Form, NotAcceptableError, covers, forms, wanted
from safelight.surfaces.dicomweb.addresses import service_root
from safelight.surfaces.dicomweb.answering import PRIVATE, asked, stream
from safelight.surfaces.dicomweb.callers import caller
from safelight.surfaces.dicomweb.conditional import entity_tag, has_it, not_modified
from safelight.surfaces.dicomweb.frame_numbers import frame_numbers
from safelight.surfaces.dicomweb.parts import (
    last_line,
    multipart_type,
    new_boundary,
    part_end,
    part_head,
)
from safelight.surfaces.dicomweb.view_parameters import rendering, unsupported_annotations
from safelight.surfaces.dicomweb.work import in_thread

PICTURES: Final = {each.media_type: each for each in PictureFormat}
DOCUMENTS: Final = ("application/pdf", "text/xml")
_THUMBNAIL: Final = (256, 256)
_THUMBNAIL_QUALITY: Final = 80


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is asked for, by whom, and in which form it is taken."""

    party: Party
    asked: Asked
    form: Form
    frames: tuple[int, ...]
    rendering: Rendering
    at: datetime

    def taken_as(self, request: Request, form: Form) -> _Wish:
        """Return the same wish in another form."""
        picture = PICTURES.get(form.media_type, PictureFormat.JPEG)
        return replace(self, form=form, rendering=rendering(request.query_params, picture))

    def picture(self, shot: Shot) -> bytes:
        """Make one picture, deciding anew."""
        return rendered(self.party, shot.asked, shot.frame, self.rendering, at=clock.now())


async def retrieve_rendered(request: Request) -> Response:
    """Send a study, a series, an instance or frames as pictures, or a document as it is."""
    annotations = unsupported_annotations(request.query_params.get("annotation", ""))
    taken = forms(request, *PICTURES, *DOCUMENTS)
    rendering(request.query_params, PictureFormat.JPEG)  # understood before anything is read
    response = await in_thread(_rendered, request, taken)
    if annotations:
        response.headers["Warning"] = (
            f"299 {service_root(request)}: The following annotation values are not supported: "
            f"{annotations}"
        )
    return response


async def retrieve_thumbnail(request: Request) -> Response:
    """Send a small picture that stands for a study, a series, an instance or a frame."""
    taken = forms(request, *PICTURES)
    rendering(request.query_params, PictureFormat.JPEG)
    return await in_thread(_thumbnail, request, _jpeg_first(request, taken))


def _jpeg_first(request: Request, taken: list[Form]) -> list[Form]:
    """Prefer JPEG where it is as welcome as any: thumbnails are kept as JPEG.

    A browser names WebP first and takes every picture just as gladly.
    """
    best, *others = wanted(request)
    jpeg = PictureFormat.JPEG.media_type
    level = (each for each in others if each.quality == best.quality)
    if taken[0].single and any(covers(each.media_type, jpeg) for each in level):
        return [replace(taken[0], media_type=jpeg), *taken]
    return taken


def _wish(request: Request, form: Form) -> _Wish:
    at = clock.now()
    picture = PICTURES.get(form.media_type, PictureFormat.JPEG)
    numbers = request.path_params.get("frames", "")
    return _Wish(
        caller(request, at=at),
        asked(request),
        form,
        tuple(frame_numbers(numbers)) if numbers else (),
        rendering(request.query_params, picture),
        at,
    )


def _rendered(request: Request, taken: list[Form]) -> Response:
    wish = _wish(request, taken[0])
    here = sitting(wish.party, wish.asked, at=wish.at)
    if here.instance is not None:
        paper = document(wish.party, here.found, here.instance, at=wish.at)
        if paper is not None:
            return _paper(request, paper, here.found, taken)
    pictures = [form for form in taken if form.media_type not in DOCUMENTS]
    if not pictures:
        raise NotAcceptableError
    wish = wish.taken_as(request, pictures[0])
    tag = entity_tag(request, here.found, here.contents())
    if has_it(request, tag):
        look(wish.party, here.found, at=wish.at)  # what is not sent again was asked for
        return not_modified(tag)
    several = len(wish.frames) > 1
    if several and wish.form.single:
        raise NotAcceptableError  # one picture cannot show them all
    if several or wish.form.in_parts:
        return _several(request, wish, here, tag)
    shot = Shot(here.asked, wish.frames[0]) if wish.frames else here.one()
    return _one(wish, wish.picture(shot), tag)


def _one(wish: _Wish, picture: bytes, tag: str) -> Response:
    headers = PRIVATE | {"ETag": tag, "Vary": "Accept"}
    media_type = wish.rendering.picture.media_type
    if not wish.form.in_parts:
        return Response(picture, headers=headers, media_type=media_type)
    boundary = new_boundary()
    body = part_head(boundary, media_type, len(picture)) + picture + part_end()
    whole = body + last_line(boundary)
    return Response(whole, headers=headers, media_type=multipart_type(boundary, media_type))


def _several(request: Request, wish: _Wish, here: Sitting, tag: str) -> Response:
    shots = here.every(wish.frames)
    first = next(shots, None)
    if first is None:
        raise NoPixelsError
    # The first is made before anything is promised.
    made = (first, wish.picture(first))
    boundary, media_type = new_boundary(), wish.rendering.picture.media_type

    def parts() -> Iterator[bytes]:
        yield from _part(request, boundary, media_type, *made)
        for shot in shots:
            yield from _part(request, boundary, media_type, shot, wish.picture(shot))
        yield last_line(boundary)

    response = stream(request, parts(), here.found, multipart_type(boundary, media_type))
    response.headers["ETag"] = tag
    return response


def _part(
    request: Request, boundary: str, media_type: str, shot: Shot, picture: bytes
) -> Iterator[bytes]:
    names = shot.asked
    address = (
        f"{service_root(request)}/studies/{names.study_uid}/series/{names.series_uid}"
        f"/instances/{names.instance_uid}/frames/{shot.frame}/rendered"
    )
    yield part_head(boundary, media_type, len(picture), address)
    yield picture
    yield part_end()


def _paper(request: Request, paper: Document, found: Found, taken: list[Form]) -> Response:
    """Send a document, where the caller takes its kind."""
    if not any(form.media_type in {"", paper.media_type} for form in taken):
        raise NotAcceptableError
    tag = entity_tag(request, found, [paper.row_id])
    if has_it(request, tag):
        return not_modified(tag)
    response = stream(request, paper.pieces, found, paper.media_type, paper.size)
    response.headers["ETag"] = tag
    return response


def _thumbnail(request: Request, taken: list[Form]) -> Response:
    wish = _wish(request, taken[0])
    here = sitting(wish.party, wish.asked, at=wish.at)
    tag = entity_tag(request, here.found, here.contents())
    if has_it(request, tag):
        # What is not sent again was asked for.
        look(wish.party, here.found, at=wish.at, is_thumbnail=True)
        return not_modified(tag)
    made = wish.rendering
    usual = made == Rendering(picture=PictureFormat.JPEG)
    if usual and here.instance is None:
        return _one(wish, thumbnail(wish.party, here.found, here.series, at=wish.at), tag)
    if len(wish.frames) > 1:
        raise NotAcceptableError
    shot = Shot(here.asked, wish.frames[0]) if wish.frames else here.one()
    quality = made.quality if "quality" in request.query_params else _THUMBNAIL_QUALITY
    small = replace(made, viewport=made.viewport or _THUMBNAIL, quality=quality)
    return _one(wish, replace(wish, rendering=small).picture(shot), tag)
