"""Does this instance do all it is for, or is it only read, or still being put back?

In `read_only` nothing is changed but what ends access or signs somebody in; looking
goes on, and is recorded. While `recovering` it is not known yet whose access has
ended since the backup: nobody but an exam's owner sees it, and every link is dead.
The mode stands beside the epoch, so a decision reads it at no cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from safelight.exchange.access.epoch import epoch_and_mode, turn_epoch
from safelight.exchange.access.errors import ClosedForNowError, ReadOnlyError, RecoveringError
from safelight.exchange.access.events import AccessEvent
from safelight.exchange.access.models import Epoch, Mode, ModeChange
from safelight.kernel.errors import InvalidFieldError
from safelight.platform.audit.actions import record

__all__ = [
    "Mode",
    "Standing",
    "latest_change",
    "mode_now",
    "require_open",
    "require_writable",
    "set_mode",
]

_LONGEST_REASON: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The mode an instance was given last, with who gave it and why."""

    mode: Mode
    at: datetime
    actor: str
    reason: str


def mode_now() -> Mode:
    """Return the committed mode, with one indexed look-up."""
    return epoch_and_mode()[1]


def latest_change() -> Standing | None:
    """Return the newest change of mode; None where it was never changed."""
    row = ModeChange.objects.order_by("-at").first()
    if row is None:
        return None
    return Standing(mode=Mode(row.mode), at=row.at, actor=row.actor, reason=row.reason)


@transaction.atomic
def set_mode(mode: Mode, reason: str, *, actor: str, at: datetime) -> bool:
    """Give the instance a mode, from the commit on; say whether it had another before.

    Every remembered answer is void then, and open streams end within their next second.

    Raises:
        InvalidFieldError: no reason was given, or one of more than 1000 characters.
    """
    if not 0 < len(reason.strip()) <= _LONGEST_REASON:
        raise InvalidFieldError("reason", "Say why, in at most 1000 characters.")
    turn_epoch()
    if not Epoch.objects.filter(pk=1).exclude(mode=mode).update(mode=mode):
        return False
    ModeChange.objects.create(mode=mode, at=at, actor=actor, reason=reason.strip())
    record(
        AccessEvent.MODE_CHANGED,
        actor=actor,
        reason=mode.value,
        detail={"reason": reason.strip()},
        at=at,
    )
    return True


def require_writable() -> None:
    """Let pass only where something may be changed now.

    Raises:
        ReadOnlyError, RecoveringError: not in this mode.
    """
    refuse_in(mode_now())


def require_open() -> None:
    """Let pass only where something may be given to others than its owner now.

    Raises:
        RecoveringError: not before this instance is put back.
    """
    if mode_now() is Mode.RECOVERING:
        raise RecoveringError


def refuse_in(mode: Mode) -> None:
    """Raise what a mode says to whoever wants to change something, if it says anything."""
    error: type[ClosedForNowError] | None = {
        Mode.READ_ONLY: ReadOnlyError,
        Mode.RECOVERING: RecoveringError,
    }.get(mode)
    if error is not None:
        raise error
