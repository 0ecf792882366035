"""How is a person's name read, compared and shown? (PS3.5 section 6.2.1)

A name in a header is somebody else's bytes: it is folded before it is compared
and stripped of everything invisible before it is shown. It never decides access.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import islice
from typing import Final

_COMPONENTS: Final = 5
_MOST_WORDS: Final = 32
_BETWEEN_WORDS: Final = re.compile(r"[\^ ]+")
_BLANKS: Final = "\t\r\n\f\v"
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_ACCENTS: Final = frozenset(map(chr, range(0x0300, 0x0370)))
_JOINERS: Final = frozenset("\u200c\u200d")  # letters of some scripts need them


@dataclass(frozen=True, slots=True)
class NameParts:
    """One component group of a person name, split at its carets."""

    family: str = ""
    given: str = ""
    middle: str = ""
    prefix: str = ""
    suffix: str = ""


def name_parts(group: str) -> NameParts:
    """Split one component group, such as "Doe^Jane^^Dr"; what is beyond five is dropped."""
    parts = [part.strip() for part in group.partition("=")[0].split("^")[:_COMPONENTS]]
    return NameParts(*parts)


def fold(text: str) -> str:
    """Return text as it is compared: no case, no accents, compatible forms alike, single spaces.

    Only the accents of European scripts go (U+0300 to U+036F); the marks of other
    scripts are letters.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.casefold().split())
    split = unicodedata.normalize("NFKD", shown(text)).casefold()
    bare = "".join(character for character in split if character not in _ACCENTS)
    return " ".join(unicodedata.normalize("NFKC", bare).casefold().split())


def folded_name(group: str) -> str:
    """Return a component group as it is searched: each part folded, no empty ones at the end."""
    parts = (fold(part) for part in group.partition("=")[0].split("^")[:_COMPONENTS])
    return "^".join(parts).rstrip("^")


def name_words(group: str) -> list[str]:
    """Return the words of a component group, folded, each once: what stands between ^ and spaces.

    Thirty-two at most, which is as many as the 64 characters of a group can hold.
    """
    words = (word for word in _BETWEEN_WORDS.split(fold(group)) if word)
    return list(islice(dict.fromkeys(words), _MOST_WORDS))


def shown(text: str) -> str:
    """Return text safe to show on one line: no control, bidirectional or unassigned characters."""
    if text.isascii() and text.isprintable():
        return text.strip()
    kept = (
        " " if character in _BLANKS else character
        for character in text
        if character in _BLANKS
        or character in _JOINERS
        or unicodedata.category(character) not in _INVISIBLE
    )
    return " ".join("".join(kept).split(" ")).strip()


def shown_name(group: str) -> str:
    """Return a component group as people write names: "Dr Jane Doe"."""
    parts = name_parts(group)
    order = (parts.prefix, parts.given, parts.middle, parts.family, parts.suffix)
    return shown(" ".join(part for part in order if part))
