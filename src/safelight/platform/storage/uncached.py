"""How is the disk asked, and not the memory that remembers what the disk once said?"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from safelight.platform.storage.pack_file import is_pack_name

if TYPE_CHECKING:
    from pathlib import Path

    from safelight.platform.storage.packs import Place


def forget_cached(folder: Path, place: Place) -> None:
    """Let the next reading of a record come from the disk, where it lies in a folder.

    A hint only: where the kernel does not take it, the reading is merely less telling.
    """
    if not is_pack_name(place.pack):
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder / place.pack, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            os.posix_fadvise(descriptor, place.offset, place.length, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)
