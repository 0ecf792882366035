"""Where does what comes in lie, and does that place take it?"""

from __future__ import annotations

from safelight.records.imaging.store import store


def require_store() -> None:
    """Make sure that the place for packs is one we know; nothing is asked of it.

    Raises:
        StoreUnknownError: its URL is of another kind, or its driver is not installed.
    """
    store()


def check_store() -> None:
    """Make sure that the place for packs takes and gives.

    Raises:
        StoreUnknownError: see `require_store`.
        StoreUnreachableError: it does not answer, or refuses.
    """
    store().check()
