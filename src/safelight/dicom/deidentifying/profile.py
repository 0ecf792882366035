"""What must become of each attribute that can say who somebody is? (PS3.15 Table E.1-1)

The Basic Application Level Confidentiality Profile alone: none of its options, so no
dates, no UIDs, no device and no description of a patient is retained. The table lies
beside this file, a line an attribute: tag, action, keyword.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Final

PROFILE: Final = "basic"
EDITION: Final = "2026c"
"""Which edition of the Standard the table is of."""

METHOD: Final = f"PS3.15 {EDITION} Basic Application Level Confidentiality"
"""(0012,0063), at most 64 characters."""

METHOD_CODE: Final = ("113100", "DCM", "Basic Application Confidentiality Profile")
"""(0012,0064): code, scheme and meaning (PS3.16 CID 7050)."""


class Action(Enum):
    """What becomes of an attribute."""

    REMOVE = "X"
    EMPTY = "Z"
    DUMMY = "D"
    NEW_UID = "U"
    CLEAN_ITEMS = "X/Z/U*"


# Where the Standard leaves a choice that depends on the kind of object, the one that
# fits every kind: an empty value for what may be there empty, a dummy for what may not.
_CHOSEN: Final = {
    "X": Action.REMOVE,
    "Z": Action.EMPTY,
    "X/Z": Action.EMPTY,
    "D": Action.DUMMY,
    "X/D": Action.DUMMY,
    "Z/D": Action.DUMMY,
    "X/Z/D": Action.DUMMY,
    "U": Action.NEW_UID,
    "X/Z/U*": Action.CLEAN_ITEMS,
}


def _table() -> dict[int, Action]:
    lines = Path(__file__).with_name("basic_profile.tsv").read_text("ascii").splitlines()
    rows = (line.split("\t") for line in lines)
    return {int(tag.replace(",", ""), 16): _CHOSEN[action] for tag, action, _ in rows}


ACTIONS: Final = _table()
"""The action of each attribute of the table; curves and overlays are removed by their groups."""
