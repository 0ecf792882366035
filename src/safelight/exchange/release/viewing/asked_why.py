"""Of which exams may one of the care team see nothing yet, because they have not said why? (R09)"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from safelight.exchange.access.caring.reasons import reasons_owed
from safelight.exchange.access.decision import Reason
from safelight.exchange.access.errors import CareReasonMissingError
from safelight.exchange.access.facts import Party
from safelight.exchange.release.viewing.find import Found


def asked_why(party: Party, found: Iterable[Found], *, at: datetime) -> frozenset[UUID]:
    """Return which of some studies want a reason before anything in them is shown."""
    by_care = {
        each.study.id: each.study.patient_id
        for each in found
        if each.decision.reason == Reason.CARE_RELATION
    }
    return reasons_owed(party, by_care, at=at) if by_care else frozenset()


def require_reason(party: Party, found: Found, *, at: datetime) -> None:
    """Let pass whoever owes no reason for looking at this study.

    Raises:
        CareReasonMissingError: one of the care team has not said why today.
    """
    if asked_why(party, [found], at=at):
        raise CareReasonMissingError(found.study.id)
