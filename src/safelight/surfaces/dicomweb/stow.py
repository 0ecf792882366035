"""STOW-RS: how do objects come in over the web? (PS3.18 10.5)

The body is read as it arrives; groups of objects are closed with one sync and
one transaction, and only what was closed is acknowledged.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final
from uuid import UUID

from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from safelight.exchange.receive.delivery import Delivery
from safelight.exchange.receive.models import Channel
from safelight.exchange.receive.verdicts import TRUNCATED
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError
from safelight.kernel.ids import from_text
from safelight.surfaces.dicomweb.accept import choose
from safelight.surfaces.dicomweb.callers import sender
from safelight.surfaces.dicomweb.stow_answer import JSON, answer
from safelight.surfaces.dicomweb.stow_feed import Feed
from safelight.surfaces.dicomweb.stow_inflow import Inflow
from safelight.surfaces.dicomweb.stow_parts import Part, PartReader

_DICOM: Final = b"application/dicom"
TRANSFER_HEADER: Final = "Safelight-Transfer"
_BROKEN: Final = "broken-multipart"


class UnsupportedBodyError(ExpectedError):
    """The body must be multipart/related with parts of type application/dicom, not compressed."""

    code = "unsupported_media_type"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class EmptyBodyError(ExpectedError):
    """The body holds no objects."""

    code = "empty_body"


async def store(request: Request) -> Response:
    """Store the objects of a request and answer with what became of each."""

    def begin() -> Delivery:
        at = clock.now()
        return Delivery.start(
            sender(request, at=at),
            Channel.STOW,
            at=at,
            only_study=request.path_params.get("study", ""),
            transfer_id=_transfer_of(request),
        )

    reader = PartReader(_boundary(request))
    choose(request, [JSON, "application/json"])
    inflow = Inflow(begin)
    try:
        try:
            await _receive(request, reader, inflow)
        except ClientDisconnect:
            # Nobody hears the answer; what had come whole is kept, and known when it comes again.
            await inflow.keep()
            raise
        verdicts = await inflow.finish(clock.now)
    finally:
        await inflow.close()
        reader.close()
    if not verdicts:
        raise EmptyBodyError
    return answer(verdicts)


async def _receive(request: Request, reader: PartReader, inflow: Inflow) -> None:
    """Read the body to its end, or to where it can no longer be followed.

    Raises:
        BrokenBodyError: it breaks before the first object.
    """
    feed = Feed(reader)
    try:
        async for chunk in request.stream():
            await inflow.arrived(len(chunk))
            if not await _taken(await feed.more(chunk), feed, reader, inflow):
                return
        if not await _taken(await feed.rest(), feed, reader, inflow):
            return
    except ClientDisconnect:
        await _taken(await feed.rest(), feed, reader, inflow)
        raise
    finally:
        await feed.close()
    delivery = await inflow.delivery()
    if (cut := reader.leftover()) is not None:
        delivery.refuse(cut, TRUNCATED)


async def _taken(parts: list[Part], feed: Feed, reader: PartReader, inflow: Inflow) -> bool:
    """Take in what came whole, and say whether the body can be followed further.

    Raises:
        BrokenBodyError: it breaks before the first object.
    """
    for part in parts:
        await inflow.take(part)
    if (fault := feed.fault) is None:
        return True
    delivery = await inflow.delivery()
    if reader.number < 0:
        raise fault
    delivery.refuse(reader.number, _BROKEN, str(fault))
    return False


def _transfer_of(request: Request) -> UUID | None:
    """Return under which announced handover a partner's Safelight sends.

    Raises:
        NotFoundError: what it says is no id.
    """
    said = request.headers.get(TRANSFER_HEADER)
    return from_text(said) if said is not None else None


def _boundary(request: Request) -> bytes:
    media_type, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    part_type = options.get(b"type", _DICOM).lower()
    if media_type.lower() != b"multipart/related" or not boundary or part_type != _DICOM:
        raise UnsupportedBodyError
    # A compressed body could unpack to anything; nobody needs it for pictures.
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedBodyError
    return boundary
