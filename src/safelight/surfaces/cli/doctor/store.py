"""Is what is stored whole, and is there room for more?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from safelight.surfaces.cli.doctor.checked import Checked

_ROOM = 2 << 30
_SCRUBBED_WITHIN = timedelta(days=62)


def reachable(data: Path) -> Iterator[Checked]:
    """Look whether the store takes and gives, and how much room is left."""
    yield _store()
    free = shutil.disk_usage(data).free
    yield Checked(
        f"free space: {free >> 30} GiB", free > _ROOM, "less than 2 GiB is left; make room"
    )


def undamaged(data: Path) -> Iterator[Checked]:
    """Look for what is in quarantine, and when all was read last."""
    from safelight.exchange.receive.upkeep import in_quarantine, last_scrub
    from safelight.kernel import clock

    damaged = len(in_quarantine())
    yield Checked(
        f"what is stored is undamaged, as far as was read ({damaged} in quarantine)",
        not damaged,
        f"restore the packs from a backup, then: safelight scrub --data {data}",
    )
    last = last_scrub()
    if last is None:
        yield Checked(
            "what is stored was not read again yet; the worker reads some each day", good=True
        )
        return
    at, objects = last
    yield Checked(
        f"what is stored was read again by {at:%Y-%m-%d} ({objects} objects)",
        clock.now() - at < _SCRUBBED_WITHIN,
        f"safelight scrub --data {data}",
    )


def _store() -> Checked:
    from safelight.exchange.receive.keeping import check_store
    from safelight.kernel.errors import ExpectedError

    try:
        check_store()
    except ExpectedError as error:
        return Checked("the store of pictures", good=False, advice=str(error))
    return Checked("the store of pictures takes and gives", good=True)
