"""How can a conversation go wrong, so that it ends?"""

from __future__ import annotations

from typing import Final

PROVIDER: Final = 2  # who aborts, PS3.8 table 9-26
NOT_SAID: Final = 0
UNRECOGNISED: Final = 1
UNEXPECTED: Final = 2
BAD_PARAMETER: Final = 4
BAD_VALUE: Final = 6


class ProtocolError(Exception):
    """The peer does not speak as the Standard has it. `reason` is told in the abort."""

    def __init__(self, reason: int) -> None:
        super().__init__(f"reason {reason}")
        self.reason = reason


class GoneError(Exception):
    """The peer has gone, aborted, or was silent for too long."""
