"""How do objects come in as metadata with their bulk data beside? (PS3.18 10.5.1.4, 8.6.1)

The metadata come first, one JSON array of models; each value that a model only names
is a part whose Content-Location is that name. Every object is put together as a file
and goes the way of all files from there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import orjson
from python_multipart.multipart import parse_options_header
from starlette.requests import Request
from starlette.responses import Response

from safelight.dicom.reasons import UnreadableError
from safelight.dicom.registry import transfer_syntaxes as syntax
from safelight.dicom.source import Source
from safelight.dicom.writing.from_json import to_file
from safelight.exchange.receive.delivery import Delivery
from safelight.exchange.receive.verdicts import STORAGE_FULL
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError
from safelight.surfaces.dicomweb.stow import EmptyBodyError
from safelight.surfaces.dicomweb.stow_answer import answer
from safelight.surfaces.dicomweb.stow_parts import BrokenBodyError, Part, PartReader
from safelight.surfaces.dicomweb.stow_single import Held, begin_delivery
from safelight.surfaces.dicomweb.work import in_thread

MODELS: Final = "application/dicom+json"
MOST_AT_ONCE: Final = 256 << 20
"""So many bytes of models and values may one request hold; they are needed together."""
LARGEST_MODELS: Final = 16 << 20
_PIXELS: Final = "7FE00010"
_HELD: Final = {
    "image/jpeg": syntax.JPEG_BASELINE,
    "image/jls": syntax.JPEG_LS_LOSSLESS,
    "image/jp2": syntax.JPEG_2000_LOSSLESS,
    "image/jphc": syntax.HTJ2K_LOSSLESS,
    "image/dicom-rle": syntax.RLE_LOSSLESS,
}


class TooMuchError(ExpectedError):
    """Metadata and bulk data of one request may be 256 MiB together, metadata 16 MiB of that."""

    code = "payload_too_large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class BadModelsError(ExpectedError):
    """The metadata are no array of DICOM JSON models."""

    code = "bad_models"


@dataclass(slots=True)
class _Load:
    """What a request brought: models, and values by the name a model gives them."""

    models: list[Any] = field(default_factory=list)
    values: dict[str, Part] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    size: int = 0

    def add(self, part: Part) -> None:
        """Take in a part that has come whole.

        Raises:
            BadModelsError, TooMuchError.
        """
        self.parts.append(part)
        size = part.source.size if part.source is not None else 0
        self.size += size
        if self.size > MOST_AT_ONCE:
            raise TooMuchError
        kind, _ = parse_options_header(part.headers.get("content-type", MODELS))
        if kind.decode("latin-1").lower() in {MODELS, "application/json"}:
            self.models += read_models(part.source)
        else:
            self.values[part.headers.get("content-location", "")] = part

    def value(self, name: str) -> Source | None:
        """Return the value that a model names."""
        part = self.values.get(name)
        return part.source if part is not None else None

    def syntax_of(self, model: Any) -> str:  # noqa: ANN401 (JSON)
        """Return the transfer syntax of the pixels that a model names; "" for plain ones."""
        pixels = model.get(_PIXELS) if isinstance(model, dict) else None
        name = str(pixels.get("BulkDataURI", "")) if isinstance(pixels, dict) else ""
        part = self.values.get(name)
        if part is None:
            return ""
        kind, options = parse_options_header(part.headers.get("content-type", ""))
        stated = options.get(b"transfer-syntax", b"").decode("latin-1")
        return stated or _HELD.get(kind.decode("latin-1").lower(), "")

    def discard(self) -> None:
        """Let go of what is held on disk."""
        for part in self.parts:
            part.discard()


def read_models(source: Source | None) -> list[Any]:
    """Read an array of models.

    Raises:
        BadModelsError: it is none.
        TooMuchError: it is longer than 16 MiB.
    """
    if source is None or source.size > LARGEST_MODELS:
        raise TooMuchError
    try:
        models = orjson.loads(source.read(0, source.size))
    except orjson.JSONDecodeError:
        raise BadModelsError from None
    if not isinstance(models, list):
        raise BadModelsError
    return models


async def store_models(request: Request, boundary: bytes) -> Response:
    """Store what the models of a request describe; without a boundary they are all of it."""
    delivery = await begin_delivery(request)
    load = _Load()
    try:
        await (_read_parts(request, boundary, load) if boundary else _read(request, load))
        if not load.models:
            raise EmptyBodyError
        for item, model in enumerate(load.models):
            await in_thread(_take, delivery, load, item, model)
        verdicts = await in_thread(lambda: delivery.finish(at=clock.now()))
    finally:
        load.discard()
    return answer(verdicts)


async def _read(request: Request, load: _Load) -> None:
    held = Held()
    try:
        async for chunk in request.stream():
            held.add(chunk)
            if held.size > LARGEST_MODELS:
                raise TooMuchError
        load.models += read_models(held.source())
    finally:
        held.discard()


async def _read_parts(request: Request, boundary: bytes, load: _Load) -> None:
    reader = PartReader(boundary)
    came = 0
    try:
        async for chunk in request.stream():
            came += len(chunk)
            if came > MOST_AT_ONCE:
                raise TooMuchError
            for part in await in_thread(reader.feed, chunk):
                load.add(part)
            if reader.fault is not None:
                raise reader.fault
        if reader.leftover() is not None:
            raise BrokenBodyError
    finally:
        reader.close()


def _take(delivery: Delivery, load: _Load, item: int, model: Any) -> None:  # noqa: ANN401 (JSON)
    if any(part.source is None for part in load.parts):
        delivery.refuse(item, STORAGE_FULL)
        return
    try:
        made = to_file(model, load.value, transfer_syntax=load.syntax_of(model))
    except UnreadableError as error:
        delivery.refuse(item, error.reason.value, str(error))
        return
    delivery.take(item, made)
