"""How does an answer take the same time, whatever it took to find? By not coming sooner."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_STEP = 0.25  # seconds


@contextmanager
def even_pace() -> Iterator[None]:
    """Wait at the end until the time taken is a whole number of quarter seconds."""
    start = time.monotonic()
    try:
        yield
    finally:
        time.sleep(_STEP - (time.monotonic() - start) % _STEP)
