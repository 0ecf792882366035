"""How does a program take back what its owner uploaded by mistake?

PS3.18 leaves deleting to the archive. Here an owner's own upload can go, with a token
that may delete: out of sight at once, for good after seven days.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from safelight.exchange.release.remove import remove_by_uid
from safelight.kernel import clock
from safelight.surfaces.dicomweb.callers import caller
from safelight.surfaces.dicomweb.work import in_thread


async def delete_study(request: Request) -> Response:
    """Remove a study, or answer as if there were none."""
    at = clock.now()

    def unit() -> None:
        remove_by_uid(caller(request, at=at), request.path_params["study"], at=at)

    await in_thread(unit)
    return Response(status_code=204, headers={"Cache-Control": "no-store"})
