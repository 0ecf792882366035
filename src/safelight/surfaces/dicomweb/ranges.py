"""Which part of a value does the caller want? (RFC 9110 14.2)"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

from starlette.requests import Request

from safelight.kernel.errors import ExpectedError

_RANGE: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class OutOfRangeError(ExpectedError):
    """The value ends before the part that was asked for."""

    code = "out_of_range"
    status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE


def span(request: Request, size: int) -> tuple[int, int] | None:
    """Return start and end of the one part that is asked for; None where all of it is.

    Several parts at once and other units are answered with the whole, as they may be.

    Raises:
        OutOfRangeError: the part begins behind the end.
    """
    found = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if found is None or request.method != "GET" or "if-range" in request.headers:
        return None
    first, last = found.groups()
    if not first and not last:
        return None
    if not first:
        start, stop = max(size - int(last), 0), size
    else:
        start = int(first)
        stop = min(int(last) + 1, size) if last else size
        if stop <= start < size:
            return None
    if start >= size:
        raise OutOfRangeError
    return start, stop
