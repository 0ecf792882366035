"""How well are untrusted bytes locked away on this machine, and who warms the cage?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from safelight.platform.cage.cage import cage
from safelight.platform.cage.nursery_line import share


def how_isolated() -> tuple[str, bool]:
    """Return the cage's walls in words, and whether its children have no network."""
    return cage().isolation(), cage().is_networkless()


@contextmanager
def warmed() -> Iterator[None]:
    """Keep the decoders loaded once for this process and those that it starts."""
    nursery = share()
    try:
        yield
    finally:
        nursery.close()
