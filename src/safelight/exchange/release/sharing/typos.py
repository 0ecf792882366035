"""Is this address perhaps meant to be another one?

Only the part after the @ is looked at: a slip in it sends the invitation to a
stranger's mail server. The person decides; nothing is put right by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_COMMON: Final = (
    *("aol.com", "fastmail.com", "gmail.com", "gmx.at", "gmx.ch", "gmx.de", "gmx.net"),
    *("googlemail.com", "hotmail.com", "icloud.com", "live.com", "mac.com", "me.com", "msn.com"),
    *("outlook.com", "posteo.de", "proton.me", "protonmail.com", "t-online.de", "tutanota.com"),
    *("web.de", "yahoo.co.uk", "yahoo.com", "yahoo.de", "yahoo.fr", "zoho.com"),
)
_SLIPS: Final = 2
_SHORT: Final = 7


def perhaps_meant(address: str, used_before: Iterable[str] = ()) -> str:
    """Return the address with the domain that is perhaps meant, or "" where nothing is amiss.

    `used_before` are domains to which this person has shared with success.
    """
    local, at, domain = address.strip().rpartition("@")
    domain = domain.lower()
    known = {each.lower() for each in used_before} | set(_COMMON)
    if not at or not domain or domain in known:
        return ""
    # In a short name, one letter more or less may well be another name.
    most = 1 if len(domain) <= _SHORT else _SLIPS
    near = sorted((slips(domain, each), each) for each in known)
    distance, closest = near[0]
    return f"{local}@{closest}" if distance <= most else ""


def slips(one: str, other: str) -> int:
    """Count the slips between two words: a letter too many, too few, wrong, or two swapped."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]
