"""How does the owner say of a paused share that it was they who signed it?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.facts import Party
from safelight.exchange.release.sharing.pausing import PausedBy, resume_share
from safelight.governance.compromise.events import CompromiseEvent
from safelight.platform.audit.actions import record


@transaction.atomic
def own_share(party: Party, consent_id: UUID, *, at: datetime) -> None:
    """Let a share go on that was paused in doubt; call it only after a step-up.

    Raises:
        NotFoundError: it is not theirs to let go on.
        StateConflictError: it is not paused in doubt, or has ended.
    """
    resume_share(party, consent_id, by=PausedBy.COMPROMISE, at=at)
    record(
        CompromiseEvent.SHARE_OWNED,
        actor=party.name,
        session=party.session,
        subject=f"consent/{consent_id}",
        consent_id=consent_id,
        at=at,
    )
