"""What is it that one method of one address asks for?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NOBODYS: Final = "what nobody has by the address alone"
PERSON: Final = "somebody who is signed in; no program can"


@dataclass(frozen=True)
class Need:
    """What one method of one address asks for, and what a token would need for it."""

    kind: str
    right: str
    program: str = PERSON


def of(kind: str, **rights: str) -> dict[str, Need]:
    """Read `GET_exam="look"`: the method, the page's name, the right."""
    return {
        name.replace("_", " ", 1).replace("_", "-"): Need(kind, right)
        for name, right in rights.items()
    }
