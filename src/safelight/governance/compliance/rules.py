"""From when does a version bind, and what may stand in one? Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from safelight.governance.deadlines.clocks import CLOCKS, Length, Unit
from safelight.governance.deadlines.rules import Calendar, due

DEFAULT_LOCALE: Final = "en"
MOST_GRACE_DAYS: Final = 90
_ANY: Final = Calendar()  # what is counted in minutes and days of 24 hours needs none


def binds_at(effective_at: datetime, grace_days: int) -> datetime:
    """Return from when nobody goes on who has not accepted a material version (R01).

    What runs when it takes effect runs on for the soft window; grace is counted from the same
    instant and is not added to it.
    """
    soft = due(effective_at, CLOCKS["statement.soft-window"].length, _ANY)
    return max(soft, due(effective_at, Length(grace_days, Unit.EXACT_DAYS), _ANY))


def content_sha256(
    texts: Mapping[str, str], summary: str, grace_days: int, *, is_material: bool
) -> str:
    """Return the hash of all that a review is about: every text, and what is said of it."""
    said = [sorted(texts.items()), summary, grace_days, is_material]
    return hashlib.sha256(json.dumps(said, ensure_ascii=True).encode()).hexdigest()
