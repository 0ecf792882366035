"""What does the privacy statement say, version by version?

The texts lie beside this file and ship with the program; what was published is
the number and the SHA-256 of a text. A new text is a new file and a new line here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """A version that comes with the program."""

    number: int
    effective_at: datetime
    summary: str
    is_material: bool


SHIPPED = (
    Shipped(
        number=1,
        effective_at=datetime(2026, 1, 1, tzinfo=UTC),
        summary="The first version.",
        is_material=True,
    ),
    Shipped(
        number=2,
        effective_at=datetime(2026, 11, 22, tzinfo=UTC),
        summary=(
            "It says what you do yourself on a page, and for what you write to the privacy "
            "contact. Your rights are the same."
        ),
        is_material=True,
    ),
)


def text_of(number: int, *, folder: Path = _FOLDER) -> str:
    """Return the text of a version as it lies in its file."""
    return (folder / f"{number:04}.md").read_text(encoding="utf-8")


def sha256_of(text: str) -> str:
    """Return the hash under which a text is published."""
    return hashlib.sha256(text.encode()).hexdigest()
