"""Which steps of a journey have succeeded, so that none begins in vain?"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest


@dataclass(kw_only=True)
class Steps:
    """What has been done so far."""

    done: set[str] = field(default_factory=set)

    def needs(self, step: str) -> None:
        """Fail what cannot begin, and say why: a step that was not tried has not passed."""
        if step not in self.done:
            pytest.fail(f"cannot begin: the step {step!r} before this one did not succeed")
