"""How is one object opened that a party may see, and again for its next frame?

An opened object is remembered with its key and its open pack, under the epoch in which it
was found: the frames of a loop, and a picture that is scrolled back to, cost one read each.
"""

from __future__ import annotations

from typing import Final

from safelight.exchange.release.viewing.find import Found, find_instance, find_series
from safelight.exchange.release.viewing.memory import Memory
from safelight.kernel.errors import NotFoundError
from safelight.records.imaging.models import Instance
from safelight.records.imaging.quarantine import require_sound
from safelight.records.imaging.store import StoredObject, open_instance

_REMEMBERED: Final = 256  # each holds 64 KiB of its object
Opened = tuple[Instance, StoredObject]
_objects: Memory[Opened] = Memory(_REMEMBERED)


def opened(found: Found, series_uid: str, instance_uid: str) -> Opened:
    """Return a visible object's row, and the object ready to be read.

    Raises:
        NotFoundError: there is none.
        QuarantinedError: it is damaged.
    """
    key = (found.study.id, series_uid, instance_uid)
    known = _objects.recall(key, found.epoch) if found.epoch is not None else None
    if known is None:
        row = find_instance(found, find_series(found, series_uid), instance_uid)
        known = (row, open_instance(row))
        if found.epoch is not None:
            _objects.keep(key, found.epoch, known)
        return known
    # Another party may see less of the study than the one that opened it.
    if not found.covers(known[0]):
        raise NotFoundError
    require_sound(known[0].id)
    return known
