"""Under which terms did a partner hand over an exam that an institution keeps?

For those of the institution who may see the exam: the terms bind them, the partner's patient
gave them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.receive.handover.announcing import terms_of
from safelight.exchange.receive.handover.models import Handover
from safelight.exchange.release.people import name_of_system

NOBODY = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class CameUnder:
    """One handover of an exam. `may_go_on` says that it may be passed on to somebody."""

    from_whom: str
    purpose: str
    may_go_on: bool
    came_at: datetime
    ends_at: datetime
    withdrawn_at: datetime | None


def came_under(party: Party, study_id: UUID, *, at: datetime) -> list[CameUnder]:
    """Return how partners handed an exam over, the newest first; nothing where none did."""
    if not decide(party, Action.VIEW, study_id, at=at).allowed:
        return []
    rows = Handover.objects.filter(study_id=study_id, organization_id__in=party.organizations)
    return [_of(row) for row in rows.order_by("-announced_at")]


def _of(row: Handover) -> CameUnder:
    terms = terms_of(row)
    return CameUnder(
        from_whom=name_of_system(row.connection_id),
        purpose=terms.purpose,
        may_go_on=terms.further != NOBODY,
        came_at=row.announced_at,
        ends_at=terms.ends_at,
        withdrawn_at=row.withdrawn_at,
    )
