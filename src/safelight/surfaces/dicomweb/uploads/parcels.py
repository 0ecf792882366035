"""How does the page of an outsider open, list and close what it sends by a link?"""

from __future__ import annotations

from django.urls import reverse
from starlette.requests import Request
from starlette.responses import Response

from safelight.exchange.receive.asked.parcels import coming, finish_parcel, start_parcel
from safelight.exchange.receive.uploads import LARGEST_BUNDLE
from safelight.kernel import clock
from safelight.kernel.ids import from_text, to_text
from safelight.surfaces.dicomweb.uploads.batches import answer, expected, json_body
from safelight.surfaces.dicomweb.uploads.doors import LINK, sender_at
from safelight.surfaces.dicomweb.uploads.visitors import fresh_token
from safelight.surfaces.dicomweb.work import in_thread


async def open_parcel(request: Request) -> Response:
    """Begin a parcel, under the declaration that the sender may send it."""
    # Who has no business here learns nothing, not even what a request should look like.
    await in_thread(lambda: sender_at(request, at=clock.now()))
    asked = await json_body(request)
    files, size = expected(asked)
    said = asked.get("attestation")
    right = isinstance(said, dict) and said.get("accurate") is True

    def work() -> Response:
        at = clock.now()
        sender = sender_at(request, at=at)
        parcel = start_parcel(sender, believed_right=right, files=files, size=size, at=at)
        return answer({"batch": to_text(parcel.pk), "max_bundle": LARGEST_BUNDLE}, 201)

    return await in_thread(work)


async def list_coming(request: Request) -> Response:
    """List the parcels of this browser that may go on; also hands it a new token."""

    def work() -> Response:
        at = clock.now()
        lines = [
            {
                "batch": to_text(parcel.pk),
                "started_at": parcel.started_at.isoformat(),
                "files": parcel.expected_files,
                "bytes": parcel.expected_bytes,
                "decided": parcel.files + parcel.left_out,
            }
            for parcel in coming(sender_at(request, at=at), at=at)
        ]
        return answer({"batches": lines, "csrf": fresh_token(request)})

    return await in_thread(work)


async def close_parcel(request: Request) -> Response:
    """Close a parcel and say where its receipt is."""

    def work() -> Response:
        at, link = clock.now(), request.path_params[LINK]
        parcel_id = from_text(request.path_params["parcel_id"])
        parcel = finish_parcel(sender_at(request, at=at), parcel_id, at=at)
        return answer({"receipt_url": reverse("sender-receipt", args=[link, to_text(parcel.pk)])})

    return await in_thread(work)
