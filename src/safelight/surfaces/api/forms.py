"""In which forms do values go in and out: ids, words, days, pages of a list?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Generic, TypeVar
from uuid import UUID

import orjson
from django.http import HttpRequest
from ninja import Field, Schema
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from pydantic import ConfigDict, PlainSerializer, StringConstraints

from safelight.kernel.ids import from_text, to_text

_T = TypeVar("_T")
_ID: Final = r"^[0-7][0-9a-hjkmnp-tv-z]{25}$"
MOST: Final = 200
FARTHEST: Final = 100_000

Id = Annotated[str, StringConstraints(pattern=_ID), Field(examples=["0q09cd6vz7f5047yr2zxpx2bqe"])]
"""A name of ours in a request: 26 letters and digits."""

OutId = Annotated[UUID, PlainSerializer(to_text, return_type=str)]
"""The same in an answer."""

Line = Annotated[str, StringConstraints(max_length=320, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""A line of words."""

Limit = Annotated[int, Field(ge=1, le=MOST)]
Offset = Annotated[int, Field(ge=0, le=FARTHEST)]


def aware(moment: datetime | None) -> datetime | None:
    """Read a moment that names no zone as UTC."""
    if moment is not None and moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    return moment


def id_of(text: str) -> str:
    """Return an id as the drafts keep it."""
    return str(from_text(text))


class Asked(Schema):
    """What a request may hold: nothing that is not described."""

    model_config = ConfigDict(extra="forbid")


class Page(Schema, Generic[_T]):
    """One page of a list, and where the next one begins."""

    items: list[_T]
    next_offset: int | None = Field(None, description="Ask again from here; null at the end.")


def page_of(found: list[_T], *, limit: int, offset: int) -> tuple[list[_T], int | None]:
    """Cut one page out of a whole list."""
    end = offset + limit
    return found[offset:end], end if len(found) > end else None


class JsonBody(Parser):
    """Reads bodies: strictly, and fast."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """Read a body. Raises JSONDecodeError, which becomes a problem."""
        read: dict[str, Any] = orjson.loads(request.body)
        return read


class Json(BaseRenderer):
    """Writes answers."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:  # noqa: ANN401, ARG002 (the library's signature)
        """Write an answer."""
        return orjson.dumps(data)
