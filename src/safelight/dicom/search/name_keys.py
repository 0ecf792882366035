"""With which letters do the words of a name begin that a key asks for?

A word of a name is what stands between carets and spaces. From the beginnings of words
an index can tell which names can match; the names themselves are matched afterwards.
"""

from __future__ import annotations

import re
from typing import Final

from safelight.dicom.elements.people import fold

_BETWEEN: Final = re.compile(r"[\^ *]+")
_AFTER_WILDCARD: Final = re.compile(r"[*?].*", re.DOTALL)
_WORD: Final = re.compile(r"[\^ ]([^\^ *?]+)")


def words_asked(wanted: str) -> list[str]:
    """Return what a fuzzy key asks the words of one component group to begin with.

    A star separates words; a question mark stands for any letter of a word.
    """
    return [word for word in _BETWEEN.split(fold(wanted)) if word]


def letters_asked(wanted: str, *, fuzzy: bool) -> list[str]:
    """Return letters with which some words of a matching name begin, the longest first.

    Of a key that is not fuzzy only what stands behind its first wildcard: its own
    beginning is that of the name. Groups divided by = are told together.
    """
    letters: set[str] = set()
    for group in wanted.split("="):
        if fuzzy:
            letters.update(word.partition("?")[0] for word in words_asked(group))
        elif behind := _AFTER_WILDCARD.search(fold(group)):
            letters.update(_WORD.findall(behind[0]))
    return sorted(letters - {""}, key=lambda each: (-len(each), each))
