"""Which entries does a segmented palette stand for? (PS3.3 C.7.9.2)"""

from __future__ import annotations

from typing import Final

from safelight.dicom.pixels.lookup import MOST_ENTRIES
from safelight.dicom.reasons import Reason, UnreadableError

_DISCRETE: Final = 0
_LINEAR: Final = 1
_INDIRECT: Final = 2
_HIGH: Final = 16


def expand(words: list[int]) -> list[int]:
    """Return the entries of a segmented palette of 16-bit words.

    Raises:
        UnreadableError: a segment is unknown, cut off, or repeats itself without end.
    """
    entries: list[int] = []
    try:
        _expand(words, entries, 0, len(words), indirect=True)
    except IndexError as error:
        raise UnreadableError(Reason.BAD_PIXELS) from error
    return entries


def _expand(words: list[int], entries: list[int], at: int, count: int, *, indirect: bool) -> None:
    """Append the entries of up to `count` segments that start at word `at`."""
    done = 0
    while done < count and at < len(words):
        kind, length = words[at], words[at + 1]
        if len(entries) + length > MOST_ENTRIES:
            raise UnreadableError(Reason.BAD_PIXELS)
        if kind == _DISCRETE:
            entries.extend(words[at + 2 : at + 2 + length])
            at += 2 + length
        elif kind == _LINEAR and entries:
            entries.extend(_ramp(entries[-1], words[at + 2], length))
            at += 3
        elif kind == _INDIRECT and indirect:
            target = (words[at + 3] << _HIGH | words[at + 2]) // 2
            _expand(words, entries, target, length, indirect=False)
            at += 4
        else:
            raise UnreadableError(Reason.BAD_PIXELS)
        done += 1


def _ramp(start: int, stop: int, length: int) -> list[int]:
    return [round(start + (stop - start) * step / length) for step in range(1, length + 1)]
