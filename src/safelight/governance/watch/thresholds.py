"""From when on is it too much? Every figure of every rule, in one table.

The figures are those of our own threat model; an instance that is larger or smaller
than most may need others, and changes them here, with the test of the rule beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final


class Code(StrEnum):
    """The rules, by the codes under which alerts and runbooks speak of them."""

    SPRAYING = "D1"
    GUESSING = "D2"
    NEW_DEVICE = "D3"
    MASS_ACCESS = "D4"
    BREAK_GLASS = "D5"
    PROBING = "D6"
    LINKS = "D7"
    PEERS = "D8"
    HOSTILE = "D9"
    TRAIL = "D10"
    POWER = "D11"
    DESTRUCTION = "D12"
    CANARY = "D13"
    CONFLICTS = "D14"
    DATABASE = "D15"


class Severity(StrEnum):
    """How soon somebody must look: at once, today, this week."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Threshold:
    """So many within so long."""

    count: int
    per: timedelta


_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)

SPRAYED_ACCOUNTS: Final = Threshold(20, 10 * _MINUTE)
FAILED_SIGN_INS: Final = Threshold(8, 15 * _MINUTE)
FAILED_BEFORE_SUCCESS: Final = Threshold(5, 15 * _MINUTE)
SENSITIVE_AFTER_NEW_DEVICE: Final = Threshold(1, 10 * _MINUTE)
PATIENTS_AN_HOUR: Final = Threshold(20, _HOUR)
TIMES_THE_USUAL: Final = 5  # times the 95th percentile of one's own hours of 30 days
USUAL_OVER: Final = 30 * _DAY
COPIES_AN_HOUR: Final = Threshold(100, _HOUR)
BROKEN_GLASS: Final = Threshold(1, _MINUTE)
BROKEN_GLASS_OFTEN: Final = Threshold(4, 7 * _DAY)
UNJUSTIFIED: Final = Threshold(1, _MINUTE)
PROBED_IDS: Final = Threshold(10, 5 * _MINUTE)
BAD_SECRETS: Final = Threshold(5, _DAY)
UNKNOWN_LINKS: Final = Threshold(20, 10 * _MINUTE)
NETWORKS_OF_A_LINK: Final = Threshold(3, _DAY)
REJECTED_PEER: Final = Threshold(5, 10 * _MINUTE)
STRANGE_PEER: Final = Threshold(1, 10 * _MINUTE)
ASKED_FOR_EVERYTHING: Final = Threshold(2, 10 * _MINUTE)
HOSTILE_OBJECT: Final = Threshold(1, _DAY)
CRASHES: Final = Threshold(3, _DAY)
NO_CHECKPOINT_FOR: Final = 5 * _MINUTE
CLOCK_STEP: Final = timedelta(seconds=2)
POWER_CHANGED: Final = Threshold(1, _HOUR)
POWER_CHANGED_TWICE: Final = Threshold(2, _HOUR)
DELETES_A_MINUTE: Final = Threshold(11, _MINUTE)
DELETES_AN_HOUR: Final = Threshold(51, _HOUR)
BACKUPS_FAILED: Final = Threshold(2, 2 * _DAY)
TIMES_THE_EGRESS: Final = 3  # times the largest hour of seven days
EGRESS_OVER: Final = 7 * _DAY
LEAST_EGRESS: Final = 10 * 1024**3  # bytes an hour below which nobody is woken
DECOY_TOUCHED: Final = Threshold(1, _DAY)
CONFLICTING_OBJECTS: Final = Threshold(3, _DAY)

SEVERITY: Final = {
    Code.SPRAYING: Severity.HIGH,
    Code.GUESSING: Severity.MEDIUM,
    Code.NEW_DEVICE: Severity.MEDIUM,
    Code.MASS_ACCESS: Severity.HIGH,
    Code.BREAK_GLASS: Severity.MEDIUM,
    Code.PROBING: Severity.HIGH,
    Code.LINKS: Severity.HIGH,
    Code.PEERS: Severity.HIGH,
    Code.HOSTILE: Severity.HIGH,
    Code.TRAIL: Severity.HIGH,
    Code.POWER: Severity.MEDIUM,
    Code.DESTRUCTION: Severity.HIGH,
    Code.CANARY: Severity.HIGH,
    Code.CONFLICTS: Severity.LOW,
    Code.DATABASE: Severity.HIGH,
}
KEPT_FOR: Final = {Code.MASS_ACCESS: USUAL_OVER + _DAY, Code.DESTRUCTION: EGRESS_OVER + _DAY}
KEPT_AT_LEAST: Final = 8 * _DAY
