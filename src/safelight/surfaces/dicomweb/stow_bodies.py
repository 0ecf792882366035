"""In which of the forms that the Standard knows do objects come? (PS3.18 10.5.1, 8.7.3)"""

from __future__ import annotations

from contextlib import ExitStack
from enum import Enum
from typing import Final, NamedTuple

from python_multipart.multipart import parse_options_header
from starlette.requests import Request
from starlette.responses import Response

from safelight.surfaces.dicomweb.stow import UnsupportedBodyError, store
from safelight.surfaces.dicomweb.stow_json import store_models
from safelight.surfaces.dicomweb.stow_single import store_one

DICOM: Final = "application/dicom"
JSON: Final = "application/dicom+json"


class Form(Enum):
    """A form of body."""

    FILES = "multipart/related of application/dicom"
    FILE = "application/dicom"
    MODELS_AND_VALUES = "multipart/related of application/dicom+json and bulk data"
    MODELS = "application/dicom+json"


class Body(NamedTuple):
    """The form of a body, and what stands between its parts."""

    form: Form
    boundary: bytes = b""


async def store_any(request: Request) -> Response:
    """Store what a request holds, and answer with what became of each object."""
    body = body_of(request)
    with ExitStack() as held:
        request.state.held = held  # the sender's place among those that may send at once
        if body.form is Form.FILES:
            return await store(request)
        if body.form is Form.FILE:
            return await store_one(request)
        return await store_models(request, body.boundary)


def body_of(request: Request) -> Body:
    """Return the form of a request's body.

    Raises:
        UnsupportedBodyError: none of those above, or a compressed one.
    """
    named, options = parse_options_header(request.headers.get("content-type", ""))
    media_type = named.decode("latin-1").lower()
    # A compressed body could unpack to anything; nobody needs it for pictures.
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedBodyError
    if media_type == DICOM:
        return Body(Form.FILE)
    if media_type in {JSON, "application/json"}:
        return Body(Form.MODELS)
    part_type = options.get(b"type", DICOM.encode()).decode("latin-1").lower()
    boundary = options.get(b"boundary", b"")
    if media_type != "multipart/related" or not boundary or part_type not in {DICOM, JSON}:
        raise UnsupportedBodyError
    return Body(Form.FILES if part_type == DICOM else Form.MODELS_AND_VALUES, boundary)
