"""Under which obligations does a party see, or get a copy of, one exam?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action, Decision
from safelight.exchange.access.facts import Party
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.obligations import Obligations, obligations_of
from safelight.exchange.consent.unnamed import as_told
from safelight.exchange.release.signed import terms_of


def obligations_under(decision: Decision) -> Obligations | None:
    """Return what binds somebody who was let in by a consent; nothing binds the owner."""
    if decision.consent_id is None:
        return None
    return obligations_of(
        as_told(terms_of(Consent.objects.get(pk=decision.consent_id))), decision.consent_id
    )


def obligations_on(party: Party, study_id: UUID, *, at: datetime) -> Obligations | None:
    """Return what binds a party that looks at an exam; None for its owner and the care team."""
    return obligations_under(decide(party, Action.VIEW, study_id, at=at))
