"""Which entry of the record tells of a disclosure from before it was kept beside it?

The one that says that the same was done to the same exam by the same one in the same
moment: both were written with one time. Where that is none, or are several, it stays open.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Final
from uuid import UUID

from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.models import Disclosure, Look
from safelight.platform.audit.proving import entries_by_act

_LOOKED: Final = ReleaseEvent.LOOKED.value
_DOWNLOADED: Final = ReleaseEvent.DOWNLOADED.value


class Acts:
    """The entries about the exams of one accounting; each exam's are read once, if at all."""

    def __init__(self) -> None:
        self._about = cache(_entries_about)

    def disclosing(self, row: Disclosure) -> UUID | None:
        """Return the entry of a disclosure: of a download, or of the look that it was."""
        if row.channel == "download":
            found = self._of(row.study_id, _DOWNLOADED, row.recipient, row.at)
            if found is not None:
                return found
        return self._of(row.study_id, _LOOKED, row.recipient, row.at)

    def looking(self, row: Look) -> UUID | None:
        """Return the entry of a look."""
        return self._of(row.study_id, _LOOKED, row.actor, row.opened_at)

    def _of(self, study_id: UUID, kind: str, actor: str, at: datetime) -> UUID | None:
        found = self._about(study_id).get((kind, actor, at), [])
        return found[0] if len(found) == 1 else None


def _entries_about(study_id: UUID) -> dict[tuple[str, str, datetime], list[UUID]]:
    return entries_by_act(f"study/{study_id}", (_LOOKED, _DOWNLOADED))
