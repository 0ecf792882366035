"""Which acts may nobody do alone, who may ask for each, and who may approve it?"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

from django.db import models

from safelight.records.accounts.models import StaffRole


class ApprovalKind(models.TextChoices):
    """An act that needs a second person (I6). Values are stable codes."""

    KEY_EXPORT = "key_export"
    MASS_EXPORT = "mass_export"
    DESTRUCTION = "destruction"
    ELEVATION = "elevation"
    OPEN_WITHOUT_JOURNAL = "open_without_journal"
    HOLD_RELEASE = "hold_release"


class ApprovalState(StrEnum):
    """Where a request stands at a moment."""

    WAITING = "waiting"
    APPROVED = "approved"
    USED = "used"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


class Cause(models.TextChoices):
    """Why somebody asks, as a code; the words beside it say the rest."""

    INCIDENT = "incident"
    MAINTENANCE = "maintenance"
    RECOVERY = "recovery"
    RIGHTS_REQUEST = "rights_request"
    LEGAL = "legal"
    END_OF_KEEPING = "end_of_keeping"
    OTHER = "other"


class AccessWay(models.TextChoices):
    """By what somebody without a relation has access for a few hours. Values are stable codes."""

    ELEVATION = "elevation"
    BREAK_GLASS = "break-glass"


class EmergencyCause(models.TextChoices):
    """What makes it a vital interest to open the record of somebody one does not treat."""

    UNCONSCIOUS = "unconscious"
    CANNOT_ANSWER = "cannot_answer"
    LIFE_THREATENING = "life_threatening"
    COVER = "no_one_else_on_duty"


class Verdict(models.TextChoices):
    """What a review found."""

    JUSTIFIED = "justified"
    UNJUSTIFIED = "unjustified"


LONGEST_ACCESS: Final = timedelta(hours=4)
APPROVE_WITHIN: Final = timedelta(hours=24)
USE_WITHIN: Final = timedelta(hours=4)

_ADMIN, _SECURITY = StaffRole.SYSTEM_ADMIN, StaffRole.SECURITY_OFFICER
_PRIVACY, _COUNSEL = StaffRole.PRIVACY_OFFICIAL, StaffRole.COUNSEL

MAY_ASK: Final = {
    ApprovalKind.KEY_EXPORT: frozenset({_ADMIN, _SECURITY}),
    ApprovalKind.MASS_EXPORT: frozenset({_ADMIN, _SECURITY, _PRIVACY}),
    ApprovalKind.DESTRUCTION: frozenset({_ADMIN, _SECURITY, _PRIVACY}),
    ApprovalKind.ELEVATION: frozenset({_ADMIN, _SECURITY, _PRIVACY, StaffRole.SUPPORT}),
    ApprovalKind.OPEN_WITHOUT_JOURNAL: frozenset({_ADMIN, _SECURITY}),
    ApprovalKind.HOLD_RELEASE: frozenset({_COUNSEL, _PRIVACY}),
}
MAY_APPROVE: Final = {
    ApprovalKind.KEY_EXPORT: frozenset({_ADMIN, _SECURITY, _PRIVACY}),
    ApprovalKind.MASS_EXPORT: frozenset({_SECURITY, _PRIVACY}),
    ApprovalKind.DESTRUCTION: frozenset({_SECURITY, _PRIVACY}),
    ApprovalKind.ELEVATION: frozenset({_SECURITY, _PRIVACY}),
    ApprovalKind.OPEN_WITHOUT_JOURNAL: frozenset({_ADMIN, _SECURITY, _PRIVACY}),
    ApprovalKind.HOLD_RELEASE: frozenset({_COUNSEL, _PRIVACY}),
}
