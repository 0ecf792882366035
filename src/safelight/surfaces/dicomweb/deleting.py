"""How does a program take back what its owner uploaded by mistake?

PS3.18 leaves deleting to the archive. Here an owner's own upload can go, whole or in
parts, with a token that may delete: out of sight at once, for good after seven days.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from safelight.exchange.access.facts import Party
from safelight.exchange.release.remove import remove_by_uid
from safelight.exchange.release.remove_parts import remove_instance, remove_series
from safelight.exchange.release.viewing.retrieve import Asked
from safelight.surfaces.dicomweb.answering import with_caller
from safelight.surfaces.dicomweb.work import in_thread


async def delete_study(request: Request) -> Response:
    """Remove a study, or answer as if there were none."""
    return await _removed(
        request, lambda party, named, at: remove_by_uid(party, named.study_uid, at=at)
    )


async def delete_series(request: Request) -> Response:
    """Remove a series, or answer as if there were none."""
    return await _removed(
        request,
        lambda party, named, at: remove_series(party, named.study_uid, named.series_uid, at=at),
    )


async def delete_instance(request: Request) -> Response:
    """Remove an instance, or answer as if there were none."""
    return await _removed(
        request,
        lambda party, named, at: remove_instance(
            party, named.study_uid, named.series_uid, named.instance_uid, at=at
        ),
    )


async def _removed(request: Request, remove: Callable[[Party, Asked, datetime], None]) -> Response:
    await in_thread(with_caller(request, remove))
    return Response(status_code=204, headers={"Cache-Control": "no-store"})
