"""How are the bytes of a text turned into characters? (PS3.3 section C.12.1.1.2)

Bytes that the declared character sets cannot explain become U+FFFD: nothing is
guessed, so that a damaged name looks damaged. The bytes themselves stay in the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from safelight.dicom.elements.iso2022 import decode_extended

_ESCAPE: Final = 0x1B
_DEFAULT_NUMBER: Final = 6
_STAND_ALONE: Final = {"ISO_IR 192": "utf-8", "GB18030": "gb18030", "GBK": "gbk"}
_TERM: Final = re.compile(r"ISO[ _-]?(?:2022[ _-])?IR[ _-]?([0-9]{1,3})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Charset:
    """The character sets of one data set, ready to decode with.

    `codec`: the one Python codec that serves, or "" where code extensions may
    appear; then `numbers` are the declared ISO-IR registrations.
    """

    codec: str
    numbers: tuple[int, ...]

    def decode(self, value: bytes, *, person: bool = False) -> str:
        """Return the text; `person` adds the delimiters of person names.

        Never raises: what cannot be decoded becomes U+FFFD.
        """
        if value.isascii() and _ESCAPE not in value:
            return value.decode("ascii")
        if self.codec:
            return value.decode(self.codec, "replace")
        return decode_extended(value, self.numbers, person=person)


@lru_cache(maxsize=256)
def charset(terms: tuple[str, ...]) -> Charset:
    """Return the decoder for the values of (0008,0005) Specific Character Set.

    An unknown term allows nothing, common misspellings are understood, and a set
    that must stand alone is ignored behind another one.
    """
    first = terms[0].strip() if terms else ""
    if first in _STAND_ALONE:
        return Charset(_STAND_ALONE[first], ())
    return Charset("", tuple(_number(term.strip()) for term in terms) or (_DEFAULT_NUMBER,))


def _number(term: str) -> int:
    found = _TERM.fullmatch(term)
    return int(found[1]) if found else _DEFAULT_NUMBER


DEFAULT: Final = charset(())
