"""What does somebody want to see of their inbox, and where does a page begin?

All of it fits into an address: codes, ids, days, and a place in the list; never a name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import from_text, to_text

PAGE: Final = 50
SOON: Final = timedelta(days=3)
MODALITIES: Final = ("CT", "MR", "US", "CR", "DX", "MG", "PT", "NM", "XA", "RF", "SR", "DOC")
DAYS: Final = ("1", "7", "30")
SHOWN: Final = ("new", "soon", "report")
ME: Final = "me"
NOBODY: Final = "nobody"
COLLEAGUES: Final = "colleague"
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PLACE: Final = re.compile(r"([01])-(\d{1,17})-([0-9A-Za-z]+)")


@dataclass(frozen=True, slots=True)
class Place:
    """After which row a page begins: its urgency, when it came, and which exam it was."""

    rank: int
    came_at: datetime
    study_id: UUID

    def text(self) -> str:
        """Write it as it stands in an address."""
        micros = (self.came_at - _BEGINNING) // timedelta(microseconds=1)
        return f"{self.rank}-{micros}-{to_text(self.study_id)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows, and after which one. What is empty narrows nothing.

    `show` is "new" for what was not opened yet, "soon" for what ends within days, "report" for
    what waits for one. `held_by` is "me", "nobody", "colleague", or a colleague's id. `giver`
    is the account that gave it, or the institution that keeps it.
    """

    show: str = ""
    modality: str = ""
    days: str = ""
    held_by: str = ""
    giver: UUID | None = None
    after: Place | None = None

    def fields(self) -> dict[str, str]:
        """Return what narrows, as it stands in an address; not the place."""
        said = {
            "show": self.show,
            "modality": self.modality,
            "days": self.days,
            "held": self.held_by,
            "from": to_text(self.giver) if self.giver else "",
        }
        return {name: value for name, value in said.items() if value}


def wanted_of(asked: Mapping[str, str]) -> Wanted:
    """Read what an address says; what is not known there narrows nothing."""
    held = asked.get("held", "")
    return Wanted(
        show=_among(asked.get("show", ""), SHOWN),
        modality=_among(asked.get("modality", ""), MODALITIES),
        days=_among(asked.get("days", ""), DAYS),
        held_by=held if held in {ME, NOBODY, COLLEAGUES} or _id(held) else "",
        giver=_id(asked.get("from", "")),
        after=_place(asked.get("after", "")),
    )


def _among(value: str, known: tuple[str, ...]) -> str:
    return value if value in known else ""


def _id(text: str) -> UUID | None:
    try:
        return from_text(text) if text else None
    except NotFoundError:
        return None


def _place(text: str) -> Place | None:
    found = _PLACE.fullmatch(text)
    study_id = _id(found[3]) if found else None
    if found is None or study_id is None:
        return None
    return Place(int(found[1]), _BEGINNING + timedelta(microseconds=int(found[2])), study_id)
