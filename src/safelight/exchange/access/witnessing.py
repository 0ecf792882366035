"""Is this database the newest that anybody has seen? If not, nothing is shared from it.

An older copy of the database brings back shares that were revoked since. Whoever holds
a later end of the record says so, and the instance goes into `recovering` until an
operator has put right what is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from safelight.exchange.access.mode import Mode, mode_now, set_mode
from safelight.platform.audit.witnesses import Contest, ask_witnesses

if TYPE_CHECKING:
    from datetime import datetime


def ask_who_has_seen_more(*, at: datetime, is_start: bool = False) -> list[Contest]:
    """Ask the witnesses; where one contests the record, close the shares. Return who does.

    While serving this is done once for each contest, so that an operator who has looked
    into it can open again; at a start it is done anew.

    Raises:
        ImproperlyConfigured: the settings name witnesses wrongly.
    """
    contests = ask_witnesses(at=at)
    if any(each.is_news or is_start for each in contests) and mode_now() is not Mode.RECOVERING:
        said = "; ".join(
            f"{each.by} holds {each.held} entries ({each.trouble}), parting from entry {each.seq}"
            for each in contests
        )
        set_mode(Mode.RECOVERING, f"The record is contested: {said}", actor="system", at=at)
    return contests
