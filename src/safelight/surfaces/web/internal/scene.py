"""What is a scene: one page in one state, with made-up people?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

DRAFT: Final = "0" * 26
Make = Callable[[datetime], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Scene:
    """One page in one state; `who` is "owner", "provider", "officer" or "" for nobody."""

    template: str
    make: Make
    who: str = "owner"
    here: str = ""
