"""How does a bundle arrive over tus 1.0? (creation, checksum, termination, expiration)

Each piece with a checksum is held in memory until it is proved, then appended,
flushed and only then acknowledged. A piece without one is kept as far as it came.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from contextlib import ExitStack
from email.utils import format_datetime
from http import HTTPStatus
from typing import Final

import orjson
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from safelight.exchange.receive.errors import UploadBusyError, UploadTooLargeError
from safelight.exchange.receive.models import Spooled, Upload, UploadState
from safelight.exchange.receive.slots import a_slot
from safelight.exchange.receive.uploads import (
    LARGEST_BUNDLE,
    Addition,
    alone_with,
    offset_of,
    terminate,
)
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, InvalidFieldError
from safelight.kernel.ids import from_text, to_text
from safelight.surfaces.dicomweb.uploads.doors import door_of
from safelight.surfaces.dicomweb.work import in_thread

VERSION: Final = "1.0.0"
LARGEST_PIECE: Final = 16 << 20
CHECKSUM_MISMATCH: Final = 460
_ALWAYS: Final = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}
_ABILITIES: Final = {
    "Tus-Version": VERSION,
    "Tus-Extension": "creation,checksum,termination,expiration",
    "Tus-Max-Size": str(LARGEST_BUNDLE),
    "Tus-Checksum-Algorithm": "sha256,sha1",
}
_ALGORITHMS: Final[dict[str, Callable[[bytes], hashlib._Hash]]] = {
    "sha256": hashlib.sha256,
    # The protocol asks every server to know it; it guards against accidents only.
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False),
}


class OtherVersionError(ExpectedError):
    """Only tus 1.0.0 is spoken here."""

    code = "tus_version"
    status = HTTPStatus.PRECONDITION_FAILED


class NotAPieceError(ExpectedError):
    """A piece comes as application/offset+octet-stream."""

    code = "unsupported_media_type"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


async def say_abilities(_request: Request) -> Response:
    """Say what this server can do."""
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=_ALWAYS | _ABILITIES)


async def create(request: Request) -> Response:
    """Make room for a bundle."""
    _check_version(request)
    length = _number(request, "upload-length")
    batch = from_text(_metadata(request).get("batch", ""))

    def work() -> Response:
        at = clock.now()
        door = door_of(request, at=at)
        upload = door.create(batch, length, at=at)
        headers = _ALWAYS | {"Location": f"{door.root}/{to_text(upload.pk)}"} | _expiry(upload)
        return Response(status_code=HTTPStatus.CREATED, headers=headers)

    return await in_thread(work)


async def tell_offset(request: Request) -> Response:
    """Say how much of a bundle has arrived."""
    _check_version(request)

    def work() -> Response:
        upload = _own(request)
        headers = {"Upload-Offset": str(offset_of(upload)), "Upload-Length": str(upload.length)}
        return Response(headers=_ALWAYS | headers | _expiry(upload))

    return await in_thread(work)


async def add(request: Request) -> Response:
    """Add a piece to a bundle; the last one sets the taking in off."""
    _check_version(request)
    if request.headers.get("content-type", "") != "application/offset+octet-stream":
        raise NotAPieceError
    offset, checksum = _number(request, "upload-offset"), _checksum(request)
    upload = await in_thread(_own, request)
    with alone_with(upload), ExitStack() as held:
        # Its key may have to be looked for, which is no work for the loop.
        await in_thread(held.enter_context, a_slot(_sender(upload)))
        addition = await in_thread(Addition, upload, offset)
        try:
            if checksum is None:
                size = await _add_as_it_comes(request, addition)
            else:
                piece = await _whole(request)
                if not await in_thread(checksum, piece):
                    return Response(status_code=CHECKSUM_MISMATCH, headers=_ALWAYS)
                await in_thread(addition.add, piece)
                size = await in_thread(addition.keep)
        finally:
            await in_thread(addition.close)
    headers = _ALWAYS | {"Upload-Offset": str(size)} | _expiry(upload)
    return Response(
        status_code=HTTPStatus.NO_CONTENT, headers=headers, background=_taking_in(request, upload)
    )


async def forget(request: Request) -> Response:
    """Forget a bundle that is not complete."""
    _check_version(request)

    def work() -> Response:
        upload = _own(request)
        with alone_with(upload):
            terminate(upload)
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=_ALWAYS)

    return await in_thread(work)


async def tell_verdicts(request: Request) -> Response:
    """Say what became of each file; takes up again what a restart interrupted."""

    def work() -> tuple[Spooled, bytes]:
        upload = _own(request)
        files = door_of(request, at=clock.now()).verdicts_of(upload)
        body = {"state": str(upload.state), "files": files}
        return upload, orjson.dumps(body)

    upload, body = await in_thread(work)
    return Response(
        body,
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
        background=_taking_in(request, upload),
    )


def _taking_in(request: Request, upload: Spooled) -> BackgroundTask | None:
    if upload.state != UploadState.PROCESSING:
        return None

    def work() -> None:
        try:
            door_of(request, at=clock.now()).take_in(upload)
        except UploadBusyError:
            return

    return BackgroundTask(in_thread, work)


def _own(request: Request) -> Spooled:
    at = clock.now()
    return door_of(request, at=at).own(from_text(request.path_params["upload"]), at=at)


def _sender(upload: Spooled) -> str:
    """Name whose places its pieces take: the account's, or those of the link it came by."""
    return f"account/{upload.account_id}" if isinstance(upload, Upload) else f"part/{upload.pk}"


async def _add_as_it_comes(request: Request, addition: Addition) -> int:
    try:
        async for more in request.stream():
            await in_thread(addition.add, more)
    except ClientDisconnect:
        await in_thread(addition.keep)
        raise
    return await in_thread(addition.keep)


async def _whole(request: Request) -> bytes:
    piece = bytearray()
    async for more in request.stream():
        piece += more
        if len(piece) > LARGEST_PIECE:
            raise UploadTooLargeError
    return bytes(piece)


def _check_version(request: Request) -> None:
    if request.headers.get("tus-resumable") != VERSION:
        raise OtherVersionError


def _number(request: Request, header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(1 << 63)):
        raise InvalidFieldError(header, "This header must be a whole number.")
    return int(text)


def _metadata(request: Request) -> dict[str, str]:
    """Read the keys and base64 values of Upload-Metadata."""
    found: dict[str, str] = {}
    for pair in request.headers.get("upload-metadata", "").split(","):
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise InvalidFieldError("upload-metadata", "A value is not base64.") from None
    return found


def _checksum(request: Request) -> Callable[[bytes], bool] | None:
    """Return the check that the request's Upload-Checksum asks for, if it does."""
    header = request.headers.get("upload-checksum")
    if header is None:
        return None
    name, _, value = header.partition(" ")
    algorithm = _ALGORITHMS.get(name)
    if algorithm is None:
        raise InvalidFieldError("upload-checksum", "This algorithm is not known here.")
    try:
        wanted = base64.b64decode(value, validate=True)
    except binascii.Error:
        raise InvalidFieldError("upload-checksum", "The value is not base64.") from None
    return lambda piece: algorithm(piece).digest() == wanted


def _expiry(upload: Spooled) -> dict[str, str]:
    if upload.state != UploadState.RECEIVING:
        return {}
    return {"Upload-Expires": format_datetime(upload.expires_at, usegmt=True)}
