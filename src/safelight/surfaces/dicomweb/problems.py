"""How is a refusal said to a program? As RFC 9457 problem details with a stable code."""

from __future__ import annotations

import logging
import math
from http import HTTPStatus

import orjson
from starlette.requests import Request
from starlette.responses import Response

from safelight.exchange.access.errors import CareReasonMissingError, ClosedForNowError
from safelight.exchange.access.facts import NOBODY
from safelight.exchange.access.missed import note_miss
from safelight.exchange.receive.spools import NoRoomError, is_full
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, NotFoundError
from safelight.kernel.ids import to_text
from safelight.records.accounts.errors import RateLimitedError
from safelight.surfaces.dicomweb.work import in_thread

logger = logging.getLogger("safelight.dicomweb")


def problem(error: ExpectedError) -> Response:
    """Answer an expected error. What is absent and what is forbidden read the same."""
    status = HTTPStatus(error.status)
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "code": error.code,
        "detail": str(error),
    }
    if isinstance(error, CareReasonMissingError):
        exam_id = to_text(error.study_id)
        body["detail"] = f"{error} Send it to POST /api/v1/exams/{exam_id}/reason."
        body["next"] = f"/exams/{exam_id}/reason/"
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, ClosedForNowError):
        headers["Retry-After"] = str(round(error.retry_after.total_seconds()))
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="Safelight"'
    if isinstance(error, RateLimitedError):
        headers["Retry-After"] = str(math.ceil(error.retry_after.total_seconds()))
    return Response(
        orjson.dumps(body),
        status_code=status,
        media_type="application/problem+json",
        headers=headers,
    )


async def on_expected(_request: Request, error: Exception) -> Response:
    """Turn an expected error into an answer."""
    return problem(error if isinstance(error, ExpectedError) else ExpectedError())


async def on_unknown_route(request: Request, _error: Exception) -> Response:
    """Answer an address that does not exist like an exam that does not, and put it on record."""
    origin = request.client.host if request.client else ""
    await in_thread(note_miss, NOBODY, request.url.path, origin=origin, at=clock.now())
    return problem(NotFoundError())


async def on_database_trouble(_request: Request, error: Exception) -> Response:
    """Answer that there is no room, or that the database did not answer in time."""
    if is_full(error):
        return problem(NoRoomError())
    logger.error("the database failed: %s", type(error).__name__)
    return problem(_BusyError())


async def on_hung_up(_request: Request, _error: Exception) -> Response:
    """Answer nobody: the sender is gone."""
    return Response(status_code=HTTPStatus.BAD_REQUEST)


async def on_unexpected(_request: Request, error: Exception) -> Response:
    """Answer a fault of ours; the log gets the class of the error, never its text."""
    logger.error("a request failed: %s", type(error).__name__)
    return problem(_FaultError())


class _FaultError(ExpectedError):
    """Something went wrong on our side. Nothing was changed."""

    code = "fault"
    status = HTTPStatus.INTERNAL_SERVER_ERROR


class _BusyError(ExpectedError):
    """The database did not answer in time. Nothing was changed; try again."""

    code = "busy"
    status = HTTPStatus.SERVICE_UNAVAILABLE
