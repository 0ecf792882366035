"""STOW-RS: how do objects come in over the web? (PS3.18 10.5)

The body is read as it arrives; groups of objects are closed with one sync and
one transaction, and only what was closed is acknowledged.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

import orjson
from python_multipart.multipart import parse_options_header
from starlette.requests import Request
from starlette.responses import Response

from safelight.exchange.receive.delivery import STORAGE_FULL, Delivery
from safelight.exchange.receive.models import Channel
from safelight.exchange.receive.verdicts import Ruling, Verdict
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError
from safelight.surfaces.dicomweb.callers import caller
from safelight.surfaces.dicomweb.stow_parts import PartReader, discard
from safelight.surfaces.dicomweb.work import in_thread

_JSON: Final = "application/dicom+json"
_OUT_OF_RESOURCES: Final = 0xA700
_CANNOT_UNDERSTAND: Final = 0xC000
_DUPLICATE_INSTANCE: Final = 0x0111
_CUT_OFF: Final = "The transfer ended in the middle of this object. Send it again."


class UnsupportedBodyError(ExpectedError):
    """The body must be multipart/related with parts of type application/dicom."""

    code = "unsupported_media_type"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


async def store(request: Request) -> Response:
    """Store the objects of a request and answer with what became of each."""
    reader_boundary = _boundary(request)

    def begin() -> Delivery:
        at = clock.now()
        return Delivery.start(
            caller(request, at=at),
            Channel.STOW,
            at=at,
            only_study=request.path_params.get("study", ""),
        )

    delivery = await in_thread(begin)
    reader = PartReader(reader_boundary)
    try:
        async for chunk in request.stream():
            for number, source in reader.feed(chunk):
                try:
                    await in_thread(delivery.take, number, source)
                finally:
                    discard(source)
        if (cut := reader.leftover()) is not None:
            delivery.refuse(cut, "truncated", _CUT_OFF)
    finally:
        reader.close()
    return _answer(await in_thread(lambda: delivery.finish(at=clock.now())))


def _boundary(request: Request) -> bytes:
    media_type, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    part_type = options.get(b"type", b"application/dicom")
    if media_type != b"multipart/related" or not boundary or part_type != b"application/dicom":
        raise UnsupportedBodyError
    return boundary


def _answer(verdicts: list[Verdict]) -> Response:
    kept = [each for each in verdicts if each.ruling in {Ruling.STORED, Ruling.DUPLICATE}]
    failed = [each for each in verdicts if each.ruling in {Ruling.REFUSED, Ruling.REVIEW}]
    body: dict[str, Any] = {}
    if kept:
        body["00081199"] = {"vr": "SQ", "Value": [_reference(each) for each in kept]}
    if failed:
        body["00081198"] = {"vr": "SQ", "Value": [_failure(each) for each in failed]}
    if not failed:
        status = HTTPStatus.OK
    elif kept:
        status = HTTPStatus.ACCEPTED
    elif all(each.reason == STORAGE_FULL for each in failed):
        status = HTTPStatus.INSUFFICIENT_STORAGE
    else:
        status = HTTPStatus.CONFLICT
    return Response(orjson.dumps(body), status_code=status, media_type=_JSON)


def _reference(verdict: Verdict) -> dict[str, Any]:
    return {
        "00081150": {"vr": "UI", "Value": [verdict.sop_class_uid]},
        "00081155": {"vr": "UI", "Value": [verdict.sop_instance_uid]},
    }


def _failure(verdict: Verdict) -> dict[str, Any]:
    """Say why one object was not stored (PS3.18 Table I.2-2, and a sentence for people)."""
    code = _CANNOT_UNDERSTAND
    if verdict.ruling is Ruling.REVIEW:
        code = _DUPLICATE_INSTANCE
    elif verdict.reason == STORAGE_FULL:
        code = _OUT_OF_RESOURCES
    reference = _reference(verdict) if verdict.sop_instance_uid else {}
    return reference | {
        "00081197": {"vr": "US", "Value": [code]},
        "00080119": {"vr": "UC", "Value": [verdict.sentence or verdict.reason]},
    }
