"""How does one object go to a partner's web address? By STOW-RS (PS3.18 10.5), one a request.

One at a time, so that what an answer is about is never in doubt, whatever was cut where.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import orjson
from django.conf import settings

from safelight.exchange.access.systems import Destination
from safelight.exchange.release.transfer.rules import Answer, Fate, of_status
from safelight.exchange.release.transfer.ways import Leaving
from safelight.kernel import clock
from safelight.platform.peers.web import Line, WebAnswer, WebServer, line_to
from safelight.records.partners.segments import peer_segments

if TYPE_CHECKING:
    from safelight.exchange.release.transfer.models import Transfer

_FAILED: Final = "00081198"
_OTHERS_FAILED: Final = "0008119A"
_STORED: Final = "00081199"
_FAILURE_REASON: Final = "00081197"
_WARNING_REASON: Final = "00081196"
_JSON: Final = "application/dicom+json"
_AGAIN: Final = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.INSUFFICIENT_STORAGE,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
    }
)
_FIRST_OF_THE_SERVERS_OWN: Final = 500


class ByWeb:
    """Sends to one partner's DICOMweb address."""

    def __init__(
        self, line: Line, path: str = "/studies", more: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Send through a line that is up, with more headers where something else is said."""
        self._line = line
        self._path = path
        self._more = more

    def send(self, leaving: Leaving) -> Answer:
        """Post one object, and read what became of it.

        Raises:
            UnreachableError: no answer came.
        """
        mark = secrets.token_hex(16)
        head = f"--{mark}\r\nContent-Type: application/dicom\r\n\r\n".encode()
        tail = f"\r\n--{mark}--\r\n".encode()
        answer = self._line.post(
            self._path,
            _framed(head, leaving, tail),
            size=len(head) + leaving.size + len(tail),
            media_type=f'multipart/related; type="application/dicom"; boundary={mark}',
            accept=_JSON,
            more=self._more,
        )
        return meaning_of(answer, at=clock.now())

    def agreed(self, row: Transfer) -> bool | None:  # noqa: ARG002 (a way's)
        """Say nothing: such a system keeps no count that we know of."""
        return None


@contextmanager
def by_web(destination: Destination) -> Iterator[ByWeb]:
    """Connect to a partner's web address.

    Raises:
        UnreachableError: there is nobody, or somebody else.
    """
    with line_to(web_server(destination)) as line:
        yield ByWeb(line)


def web_server(destination: Destination) -> WebServer:
    """Return where a destination listens, and what we show there."""
    return WebServer(
        url=destination.url,
        pins=destination.pins,
        token=destination.token,
        allowed=peer_segments(),
        cert=settings.SAFELIGHT_DIMSE_TLS_CERT,
        key=settings.SAFELIGHT_DIMSE_TLS_KEY,
    )


def meaning_of(answer: WebAnswer, *, at: datetime) -> Answer:
    """Say what a STOW answer about one object comes to (PS3.18 10.5.3).

    What the body says of the object comes before the status: some answer 200 and mean
    otherwise. A success without a word about the object is a success.
    """
    said = said_of(answer.body)
    reasons = _numbers(said, (_FAILED, _OTHERS_FAILED), _FAILURE_REASON)
    if reasons:
        return of_status(reasons[0])
    status = answer.status
    if status in {HTTPStatus.OK, HTTPStatus.CREATED} or (
        status == HTTPStatus.ACCEPTED and _items(said, _STORED)
    ):
        warnings = _numbers(said, (_STORED,), _WARNING_REASON)
        return of_status(warnings[0]) if warnings else Answer(fate=Fate.KEPT)
    cause = f"http-{status}"
    if status in _AGAIN or status >= _FIRST_OF_THE_SERVERS_OWN:
        return Answer(fate=Fate.LATER, cause=cause, wait=_asked(answer.retry_after, at=at))
    return Answer(fate=Fate.REFUSED, cause=cause)


def _framed(head: bytes, leaving: Leaving, tail: bytes) -> Iterator[bytes]:
    yield head
    yield from leaving.pieces()
    yield tail


def said_of(body: bytes) -> dict[str, Any]:
    """Return what an answer says in JSON; nothing where it says nothing that can be read."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    if isinstance(said, list) and len(said) == 1:
        said = said[0]
    return said if isinstance(said, dict) else {}


def _items(said: dict[str, Any], tag: str) -> list[dict[str, Any]]:
    element = said.get(tag)
    values = element.get("Value") if isinstance(element, dict) else None
    return [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []


def _numbers(said: dict[str, Any], sequences: tuple[str, ...], tag: str) -> list[int]:
    found = []
    for item in (each for name in sequences for each in _items(said, name)):
        element = item.get(tag)
        values = element.get("Value") if isinstance(element, dict) else None
        first = values[0] if isinstance(values, list) and values else None
        if isinstance(first, int):
            found.append(first)
    return found


def _asked(text: str, *, at: datetime) -> timedelta | None:
    """Read when to come again (RFC 9110 10.2.3): seconds, or a moment."""
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text[:9]))
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(until - at, timedelta(0)) if until.tzinfo is not None else None
