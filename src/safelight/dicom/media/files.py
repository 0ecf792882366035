"""Which files lie in a folder, or on a disc, that an operator points at?"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from safelight.dicom.media.contents import MediaRefused, Offered
from safelight.dicom.media.names import shown
from safelight.dicom.media.reasons import MediaReason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DEEPEST: Final = 64


class FileSource:
    """A regular file, opened without following a link. Close it when done."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        status = os.fstat(self._descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(self._descriptor)
            raise OSError
        self.size = status.st_size

    def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes that start at `offset`."""
        return os.pread(self._descriptor, length, offset)

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)


def files_under(path: Path) -> Iterator[Offered | MediaRefused]:
    """Yield the files at or under `path` in the order of their names.

    Links and devices are refused. A file is open only until the next one is asked for.
    """
    yield from _under(path, path.name, _DEEPEST)


def _under(path: Path, label: str, depth: int) -> Iterator[Offered | MediaRefused]:
    try:
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode) and depth > 0:
            for child in sorted(path.iterdir()):
                yield from _under(child, f"{label}/{child.name}", depth - 1)
        elif stat.S_ISREG(mode):
            yield from _file(path, label)
        else:
            yield MediaRefused(shown(label), MediaReason.LINK)
    except OSError:
        yield MediaRefused(shown(label), MediaReason.UNREADABLE)


def _file(path: Path, label: str) -> Iterator[Offered]:
    source = FileSource(path)
    try:
        yield Offered(label, source)
    finally:
        source.close()
