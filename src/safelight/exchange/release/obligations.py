"""Under which obligations does a party see, or get a copy of, one exam?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action, Decision
from safelight.exchange.access.facts import Party
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.obligations import Bound, obligations_of
from safelight.exchange.consent.unnamed import as_told
from safelight.exchange.release.signed import terms_of


def obligations_under(decision: Decision) -> Bound | None:
    """Return what binds somebody who was let in by consents; nothing binds the owner."""
    ids = decision.consents or tuple(filter(None, (decision.consent_id,)))
    rows = Consent.objects.filter(pk__in=ids).order_by("granted_at", "id")
    each = tuple(obligations_of(as_told(terms_of(row)), row.pk) for row in rows)
    return Bound(each=each) if each else None


def obligations_on(party: Party, study_id: UUID, *, at: datetime) -> Bound | None:
    """Return what binds a party that looks at an exam; None for its owner and the care team."""
    return obligations_under(decide(party, Action.VIEW, study_id, at=at))
