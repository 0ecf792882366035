"""What does a look at one thing find?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing looked at: good, or what to do."""

    what: str
    good: bool
    advice: str = ""


Check = Callable[[Path], Iterator[Checked]]
"""Looks at one concern of the instance in this data folder."""
