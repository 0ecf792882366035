"""Where does a part wait that is too large for memory? In a sealed spool, until it is filed."""

from __future__ import annotations

from django.conf import settings

from safelight.platform.storage.errors import StorageFullError
from safelight.platform.storage.space import is_full
from safelight.platform.storage.spool import SealedSpool

__all__ = ["LargePart", "NoRoomError", "is_full", "new_large_part"]

LargePart = SealedSpool
NoRoomError = StorageFullError


def new_large_part() -> SealedSpool:
    """Return an empty sealed spool; its key lives in memory only.

    Raises:
        NoRoomError: there is no room for one.
    """
    return SealedSpool(settings.SAFELIGHT_DATA / "spool")
