"""Since when has nobody's access been cut?

The number is read on every request, with one indexed lookup; a change is made
in the transaction that withdraws something, so it becomes visible exactly when
the withdrawal does.
"""

from __future__ import annotations

from typing import Final

from django.db.models import F

from safelight.exchange.access.models import Epoch
from safelight.platform.database.asking import ask_one

_NUMBER: Final = "SELECT number FROM access_epoch WHERE id = 1"


def current_epoch() -> int:
    """Return the committed epoch; 0 before the first change."""
    found = ask_one(_NUMBER)
    return int(found[0]) if found is not None else 0


def turn_epoch() -> None:
    """Make every remembered "yes" void, from the caller's commit on."""
    if not Epoch.objects.filter(pk=1).update(number=F("number") + 1):
        # Two may come first at once: then one makes the row and both turn it.
        Epoch.objects.get_or_create(pk=1, defaults={"number": 0})
        Epoch.objects.filter(pk=1).update(number=F("number") + 1)
