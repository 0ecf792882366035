"""How many deliveries may one sender have under way at once?

Each holds a lock on one of a few small files, whichever process serves it. The system lets
go of a lock when its process ends, however that went, so nothing has to be put right.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings

from safelight.platform.keys.cipher import token
from safelight.platform.keys.ring import ring
from safelight.records.accounts.errors import RateLimitedError

MOST_AT_ONCE: Final = 5
_COME_BACK: Final = timedelta(seconds=5)


@contextmanager
def a_slot(sender: str, *, is_unlimited: bool = False, most: int = MOST_AT_ONCE) -> Iterator[None]:
    """Hold one of a sender's places while something arrives.

    Raises:
        RateLimitedError: all are taken.
    """
    if is_unlimited:
        yield
        return
    descriptor = _taken(sender, most)
    try:
        yield
    finally:
        os.close(descriptor)


def _taken(sender: str, most: int) -> int:
    folder = Path(settings.SAFELIGHT_DATA) / "slots"
    # The names of the files do not say whose they are.
    name = token(ring().instance_key("throttle"), f"slots\0{sender}".encode()).hex()
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    for place in range(most):
        descriptor = os.open(
            folder / f"{name}-{place}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
        )
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
        else:
            return descriptor
    raise RateLimitedError(_COME_BACK)
