"""How does the page open, list and close deliveries, and ask what is here already?"""

from __future__ import annotations

import re
from typing import Any, Final

import orjson
from django.urls import reverse
from starlette.requests import Request
from starlette.responses import Response

from safelight.exchange.receive.batches import expect, finish, known_among, unfinished
from safelight.exchange.receive.door import Attestation, start_batch
from safelight.exchange.receive.models import Channel
from safelight.exchange.receive.uploads import LARGEST_BUNDLE
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError
from safelight.kernel.ids import from_text, to_text
from safelight.surfaces.dicomweb.uploads.visitors import fresh_token, visitor
from safelight.surfaces.dicomweb.work import in_thread

LARGEST_BODY: Final = 1 << 20
MOST_ASKED: Final = 5000
_MOST_FILES: Final = 1_000_000
_MOST_BYTES: Final = 1 << 45
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_OTHER_NAMES: Final = frozenset({None, "me-under-another-name", "represented"})


async def open_batch(request: Request) -> Response:
    """Open a delivery under an attestation."""
    asked = await json_body(request)
    attestation, files, size = _attestation(asked), *expected(asked)

    def work() -> Response:
        at = clock.now()
        batch = start_batch(visitor(request, at=at), Channel.WEB, attestation, at=at)
        expect(batch, files=files, size=size)
        return answer({"batch": to_text(batch.pk), "max_bundle": LARGEST_BUNDLE}, 201)

    return await in_thread(work)


async def list_unfinished(request: Request) -> Response:
    """List the deliveries that may go on; also hands a page that was signed out a new token."""

    def work() -> Response:
        at = clock.now()
        found = unfinished(visitor(request, at=at), at=at)
        lines = [
            {
                "batch": to_text(each.batch_id),
                "started_at": each.started_at.isoformat(),
                "files": each.files,
                "bytes": each.size,
                "decided": each.decided,
            }
            for each in found
        ]
        return answer({"batches": lines, "csrf": fresh_token(request)})

    return await in_thread(work)


async def finish_batch(request: Request) -> Response:
    """Close a delivery and say where its receipt is."""

    def work() -> Response:
        at = clock.now()
        batch = finish(visitor(request, at=at), from_text(request.path_params["batch"]), at=at)
        return answer({"receipt_url": reverse("upload-receipt", args=[to_text(batch.pk)])})

    return await in_thread(work)


async def tell_known(request: Request) -> Response:
    """Say which of some hashed SOP Instance UIDs are in the person's own vault."""
    asked = (await json_body(request)).get("sop")
    if not isinstance(asked, list) or len(asked) > MOST_ASKED:
        raise InvalidFieldError("sop", f"Ask about at most {MOST_ASKED} pictures at once.")
    if not all(isinstance(each, str) and _SHA256.fullmatch(each) for each in asked):
        raise InvalidFieldError("sop", "Each must be a SHA-256 in hexadecimal letters.")

    def work() -> Response:
        at = clock.now()
        return answer({"known": known_among(visitor(request, at=at), asked, at=at)})

    return await in_thread(work)


async def json_body(request: Request) -> dict[str, Any]:
    """Read a body as a JSON object.

    Raises:
        InvalidFieldError: it is none, or too long.
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_BODY:
            raise InvalidFieldError("body", "This is longer than it can be.")
    try:
        asked = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise InvalidFieldError("body", "This is not JSON.") from None
    if not isinstance(asked, dict):
        raise InvalidFieldError("body", "This is not a JSON object.")
    return asked


def _attestation(asked: dict[str, Any]) -> Attestation | None:
    """Read the declaration; what is missing or not of its form counts as not declared."""
    said, other_name = asked.get("attestation"), asked.get("other_name_choice")
    if not isinstance(other_name, str | None) or other_name not in _OTHER_NAMES:
        raise InvalidFieldError("other_name_choice", "Say whose the pictures are.")
    if not isinstance(said, dict):
        return None
    basis = said.get("basis", "")
    if not (isinstance(said.get("whose"), str) and isinstance(basis, str)):
        return None
    return Attestation(
        whose=said["whose"],
        believed_right=said.get("accurate") is True,
        other_name=other_name or "",
        basis=basis,
    )


def expected(asked: dict[str, Any]) -> tuple[int, int]:
    """Read how many files and bytes will come.

    Raises:
        InvalidFieldError: it was not said.
    """
    said = asked.get("expected")
    files, size = (said.get("files"), said.get("bytes")) if isinstance(said, dict) else (0, 0)
    if type(files) is not int or not 0 <= files <= _MOST_FILES:
        raise InvalidFieldError("expected", "Say how many files there will be.")
    if type(size) is not int or not 0 <= size <= _MOST_BYTES:
        raise InvalidFieldError("expected", "Say how many bytes there will be.")
    return files, size


def answer(body: dict[str, Any], status: int = 200) -> Response:
    """Answer with JSON that is not kept."""
    return Response(
        orjson.dumps(body),
        status_code=status,
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
