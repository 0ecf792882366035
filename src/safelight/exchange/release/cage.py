"""How well are untrusted bytes locked away on this machine?"""

from __future__ import annotations

from safelight.platform.cage.cage import cage


def how_isolated() -> tuple[str, bool]:
    """Return the cage's walls in words, and whether its children have no network."""
    return cage().isolation(), cage().is_networkless()
