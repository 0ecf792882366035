"""Where does a part wait that is too large for memory? In a sealed spool, until it is filed."""

from __future__ import annotations

from django.conf import settings

from safelight.platform.storage.spool import SealedSpool

LargePart = SealedSpool


def new_large_part() -> SealedSpool:
    """Return an empty sealed spool; its key lives in memory only."""
    return SealedSpool(settings.SAFELIGHT_DATA / "spool")
