"""What stands where an identifier or a word of a person stood?

UIDs are derived with a key, so that one object has one new name within a copy, whatever
refers to it, and nobody without the key can tell which old name a new one came from.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from safelight.dicom.registry.dictionary import REGISTERED_UIDS

_UUID_ROOT: Final = "2.25."
_REMOVED: Final = b"REMOVED"
_DUMMIES: Final = {
    "AS": b"000Y",
    "DA": b"19000101",
    "DS": b"0",
    "DT": b"19000101000000",
    "IS": b"0",
    "TM": b"000000",
    "UR": b"",
} | dict.fromkeys(("AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UT"), _REMOVED)
_WIDTHS: Final = {"AT": 4, "FD": 8, "FL": 4, "SL": 4, "SS": 2, "SV": 8, "UL": 4, "US": 2, "UV": 8}


@dataclass(frozen=True, slots=True)
class Replacement:
    """How one copy renames: `key` for its UIDs, `alias` in place of the patient's name and id."""

    key: bytes
    alias: str

    def uid(self, text: str) -> str:
        """Return the new name of a UID; what the Standard itself registers keeps its own."""
        if text in REGISTERED_UIDS:
            return text
        bits = int.from_bytes(hmac.new(self.key, text.encode(), sha256).digest()[:16])
        bits = bits & ~(0xF << 76) | (0x8 << 76)  # UUID version 8 (PS3.5 annex B.2, RFC 9562)
        bits = bits & ~(0x3 << 62) | (0x2 << 62)
        return f"{_UUID_ROOT}{bits}"

    def uids(self, value: bytes) -> bytes:
        """Return a UI value with each of its UIDs renamed."""
        found = value.decode("ascii", "replace").strip(" \0").split("\\")
        return "\\".join(self.uid(each.strip(" \0")) if each else "" for each in found).encode()


def dummy(vr: str) -> bytes:
    """Return a value that fits a VR and says nothing."""
    vr = vr.split(" ", maxsplit=1)[0]
    return _DUMMIES[vr] if vr in _DUMMIES else bytes(_WIDTHS.get(vr, 2))
