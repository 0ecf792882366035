"""What became of the messages about something?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from safelight.platform.notices.models import Notice, State

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One message on its way, or at its end. `about` is the opaque id it was sent under."""

    notice_id: UUID
    about: str
    state: State
    created_at: datetime


def latest_sendings(template: str, about: Iterable[str]) -> dict[str, Sending]:
    """Return the latest message of a kind about each of some things, for as long as it is kept."""
    rows = Notice.objects.filter(template=template, about__in=list(about)).order_by("created_at")
    return {row.about: _sending(row) for row in rows}


def bounced_since(template: str, since: datetime) -> list[Sending]:
    """List the messages of a kind whose address was refused for good since a moment."""
    rows = Notice.objects.filter(template=template, state=State.BOUNCED, ended_at__gte=since)
    return [_sending(row) for row in rows]


def _sending(row: Notice) -> Sending:
    return Sending(
        notice_id=row.notice_id, about=row.about, state=State(row.state), created_at=row.created_at
    )
