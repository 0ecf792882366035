"""How is a partner's Safelight spoken to about a copy that it has?

At an open connection alone, with patience for one that is slow, and in turns.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from safelight.exchange.access.errors import ConnectionClosedError
from safelight.exchange.access.systems import destination_of
from safelight.exchange.release.transfer.by_web import web_server
from safelight.exchange.release.transfer.events import TransferEvent
from safelight.exchange.release.transfer.models import CopyThere
from safelight.platform.audit.actions import record
from safelight.platform.peers.causes import UnreachableError
from safelight.platform.peers.web import Line, WebAnswer, line_to

AT_ONCE: Final = 100  # copies in one round
SOON: Final = timedelta(minutes=15)
_LATER: Final = timedelta(days=1)
_FRESH: Final = timedelta(days=14)
_PATIENCE: Final = 10.0  # seconds: nobody waits for it, and it is tried again


def spoken(
    row: CopyThere, say: Callable[[Line], WebAnswer], silent: set[UUID], *, at: datetime
) -> WebAnswer | None:
    """Say something to a partner, but not to one that was `silent` in this round."""
    connection_id = row.transfer.connection_id
    if connection_id in silent:
        return None
    try:
        server = web_server(destination_of(connection_id, at=at))
        with line_to(server, patience=_PATIENCE) as line:
            return say(line)
    except (ConnectionClosedError, UnreachableError):
        silent.add(connection_id)
        return None


def next_time(row: CopyThere, at: datetime) -> datetime:
    """Say when it is worth asking again: soon while a copy is new, once a day later on."""
    return at + (SOON if at - row.announced_at < _FRESH else _LATER)


def note(event: TransferEvent, there: CopyThere, *, at: datetime, count: int = 0) -> None:
    """Record something about a copy inside the caller's transaction."""
    row = there.transfer
    record(
        event,
        actor="system",
        subject=f"study/{row.study_id}",
        vault_id=row.vault_id,
        consent_id=there.consent_id,
        count=count,
        detail={"connection": str(row.connection_id), "transfer": str(row.pk)},
        at=at,
    )
