"""Is the name in a header the account holder's? The browser asks the same, the server decides.

The words of the shorter name are all in the longer one, an initial standing for
its name, and at least one whole word is shared; so "Doe^Jane" is "Jane A. Doe"
and not "John Doe".
"""

from __future__ import annotations

import re
from typing import Final

from safelight.dicom.elements.people import fold

_BETWEEN: Final = re.compile(r"[\^=\\,.'\u2019`-]+")
_VOWEL_WITH_E: Final = re.compile(r"([aou])e")
_NEEDED: Final = 2


def is_named_like(person_name: str, account_name: str) -> bool:
    """Say whether one of the writings of a DICOM person name fits an account's name."""
    return any(_same(_words(group), _words(account_name)) for group in person_name.split("="))


def _words(name: str) -> set[str]:
    folded = fold(_BETWEEN.sub(" ", name))
    # Müller is written Mueller where there is no ü: both become muller here.
    bare = _VOWEL_WITH_E.sub(r"\1", folded.translate({ord("ø"): "o", ord("ł"): "l", ord("æ"): "a"}))
    return set(bare.split())


def _same(one: set[str], other: set[str]) -> bool:
    few, many = sorted((one, other), key=len)
    if not any(len(word) > 1 and word in many for word in few):
        return False
    fitting = sum(_fits(word, many) for word in few)
    return fitting == len(few) and fitting >= min(_NEEDED, len(many))


def _fits(word: str, others: set[str]) -> bool:
    return word in others or (len(word) == 1 and any(each.startswith(word) for each in others))
