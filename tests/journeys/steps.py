"""Which steps of a journey have succeeded, so that none begins in vain?"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest


@dataclass(kw_only=True)
class Steps:
    """What has been done so far. A step that failed has failed the run already."""

    done: set[str] = field(default_factory=set)

    def needs(self, step: str) -> None:
        """Skip what cannot begin, and say why."""
        if step not in self.done:
            pytest.skip(f"cannot begin: the step {step!r} before this one did not succeed")
