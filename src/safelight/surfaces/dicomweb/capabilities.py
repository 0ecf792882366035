"""What can this service do, said so that programs can read it? (PS3.18 8.9 and Annex H)

A WADL document, made of the routes that are served and of the tables by which their
requests are read. It is the same for everybody, and about nobody.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from safelight.dicom.registry.dictionary import keyword_of
from safelight.exchange.release.viewing.search_keys import (
    INSTANCE_ANSWERED_QUICKLY,
    SERIES_MATCHED,
    STUDY_MATCHED,
)
from safelight.surfaces.dicomweb import deleting, qido, rendered, stow_bodies, wado, wado_uri
from safelight.surfaces.dicomweb.accept import choose
from safelight.surfaces.dicomweb.addresses import service_root
from safelight.surfaces.dicomweb.models import JSON, XML
from safelight.surfaces.dicomweb.questions import DEFAULT_LIMIT
from safelight.surfaces.dicomweb.wado_frames import STORED_TYPES, retrieve_frames

WADL: Final = "application/vnd.sun.wadl+xml"
_NAMESPACE: Final = "http://wadl.dev.java.net/2009/02"
_SCHEMA: Final = "http://www.w3.org/2001/XMLSchema"

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class _Transaction:
    """What one kind of request may say, and in which forms it is answered."""

    name: str
    answers: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()


@dataclass(slots=True)
class _Resource:
    """One segment of an address: its methods, and the segments that can follow."""

    methods: dict[str, _Transaction] = field(default_factory=dict)
    below: dict[str, _Resource] = field(default_factory=dict)


def _in_parts(part_type: str) -> str:
    return f'multipart/related; type="{part_type}"'


def _keywords(*levels: frozenset[str]) -> tuple[str, ...]:
    return tuple(keyword_of(int(tag, 16)) for tag in sorted(frozenset().union(*levels)))


_MODELS: Final = (JSON, "application/json", _in_parts(XML))
_OCTETS: Final = "application/octet-stream"
_LOOKS: Final = ("accept", "viewport", "window", "quality", "overlays", "iccprofile", "annotation")
_PAGING: Final = ("accept", "fuzzymatching", "includefield", "limit", "offset")
_BODIES: Final = (wado.DICOM, _in_parts(wado.DICOM), JSON, _in_parts(JSON))
_STUDIES: Final = (*_PAGING, *_keywords(STUDY_MATCHED))
_SERIES: Final = (*_PAGING, *_keywords(STUDY_MATCHED, SERIES_MATCHED))
_INSTANCES: Final = (
    *_PAGING,
    *_keywords(STUDY_MATCHED, SERIES_MATCHED, INSTANCE_ANSWERED_QUICKLY),
)
_KINDS: Final[dict[Handler, _Transaction]] = {
    qido.search_studies: _Transaction("Search", _MODELS, _STUDIES),
    qido.search_series: _Transaction("Search", _MODELS, _SERIES),
    qido.search_instances: _Transaction("Search", _MODELS, _INSTANCES),
    wado.retrieve: _Transaction("Retrieve", (wado.DICOM, _in_parts(wado.DICOM)), ("accept",)),
    wado.retrieve_metadata: _Transaction("Retrieve", _MODELS, ("accept",)),
    wado.retrieve_bulkdata: _Transaction("Retrieve", (_OCTETS, _in_parts(_OCTETS)), ("accept",)),
    retrieve_frames: _Transaction(
        "Retrieve",
        tuple(
            form
            for each in (_OCTETS, *sorted(set(STORED_TYPES.values())))
            for form in (each, _in_parts(each))
        ),
        ("accept",),
    ),
    rendered.retrieve_rendered: _Transaction(
        "Retrieve", (*rendered.PICTURES, *rendered.DOCUMENTS), _LOOKS
    ),
    rendered.retrieve_thumbnail: _Transaction("Retrieve", tuple(rendered.PICTURES), _LOOKS),
    wado_uri.retrieve_by_uri: _Transaction(
        "Retrieve", (*rendered.PICTURES, *rendered.DOCUMENTS, wado.DICOM), wado_uri.UNDERSTOOD
    ),
    stow_bodies.store_any: _Transaction("Store", (JSON,), bodies=_BODIES),
    deleting.delete_study: _Transaction("Delete"),
    deleting.delete_series: _Transaction("Delete"),
    deleting.delete_instance: _Transaction("Delete"),
}


def capabilities(routes: Sequence[Route]) -> Handler:
    """Return what answers with a description of these routes."""
    described = "".join(_resources(_tree(routes), ()))

    async def retrieve_capabilities(request: Request) -> Response:
        """Say what the service can do."""
        media_type = choose(request, [WADL])
        document = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<application xmlns="{_NAMESPACE}" xmlns:xs="{_SCHEMA}">'
            f'<resources base="{escape(service_root())}">{described}</resources></application>'
        )
        return Response(document, media_type=media_type, headers={"Cache-Control": "no-store"})

    return retrieve_capabilities


def _tree(routes: Sequence[Route]) -> _Resource:
    root = _Resource()
    for route in routes:
        place = root
        for segment in route.path.strip("/").split("/"):
            place = place.below.setdefault(segment.replace(":path", ""), _Resource())
        for method in (route.methods or set()) - {"HEAD"}:
            place.methods[method] = _KINDS[route.endpoint]
    return root


def _resources(parent: _Resource, names: tuple[str, ...]) -> Iterator[str]:
    for segment, place in parent.below.items():
        here = (*names, segment)
        yield f'<resource path="{escape(segment)}">'
        if segment.startswith("{"):
            yield _parameter(segment.strip("{}"), "template")
        for method, transaction in sorted(place.methods.items()):
            yield from _method(method, transaction, here)
        yield from _resources(place, here)
        yield "</resource>"


def _method(method: str, transaction: _Transaction, names: tuple[str, ...]) -> Iterator[str]:
    title = "".join(name.strip("{}").capitalize() for name in names)
    put = "ByPut" if method == "PUT" else ""
    yield f'<method name="{method}" id="{transaction.name}{title}{put}">'
    if transaction.parameters or transaction.bodies:
        yield "<request>"
        yield from (_parameter(each, "query") for each in transaction.parameters)
        yield from map(_representation, transaction.bodies)
        yield "</request>"
    if transaction.answers:
        answers = "".join(map(_representation, transaction.answers))
        yield f'<response status="200">{answers}</response>'
    yield "</method>"


def _parameter(name: str, style: str) -> str:
    more = {
        "template": ' required="true"',
        "limit": f' default="{DEFAULT_LIMIT}"',
        "offset": ' default="0"',
        "fuzzymatching": ' default="false"',
        "includefield": ' repeating="true"',
    }
    kinds = {"limit": "int", "offset": "int", "fuzzymatching": "boolean"}
    kind = kinds.get(name, "string")
    told = more.get(style, "") + more.get(name, "")
    return f'<param name="{escape(name)}" style="{style}" type="xs:{kind}"{told}/>'


def _representation(media_type: str) -> str:
    return f'<representation mediaType="{escape(media_type)}"/>'
