"""What was shared with this party, by whom, for what, and which of it may be seen now?

A consent that ended tells its recipient no more than that it ended: whose exams
they were and what was in them is closed with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from safelight.exchange.access.decide import decide_all
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.access.load import granted
from safelight.exchange.access.naming import consent_ids_naming
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.rules import Refusal, refusal
from safelight.exchange.consent.terms import Permission, Terms
from safelight.exchange.consent.unnamed import as_told
from safelight.exchange.release.models import Look
from safelight.exchange.release.signed import terms_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One consent as its recipient sees it.

    `ended` says why it opens nothing just now; there are no terms then.
    `study_ids` are those of its exams that the rules let this party see; it is new
    until one of them was opened.
    """

    consent_id: UUID
    granted_at: datetime
    ended: Refusal | None
    terms: Terms | None
    study_ids: tuple[UUID, ...]
    is_new: bool = False

    @property
    def is_live(self) -> bool:
        """Whether it lets somebody look now."""
        return self.ended is None


def received_by(party: Party, *, at: datetime) -> list[Received]:
    """List what was shared with a party, the newest first, live and ended."""
    ids = consent_ids_naming(party)
    rows = Consent.objects.filter(pk__in=ids).order_by("-granted_at", "id")
    return [_received(party, row, at) for row in rows]


def _received(party: Party, consent: Consent, at: datetime) -> Received:
    ended = refusal(granted(consent), Permission.VIEW, at=at)
    terms = as_told(terms_of(consent)) if ended is None else None
    named = sorted({item.study_id for item in terms.items}) if terms is not None else []
    decisions = decide_all(party, Action.VIEW, named, at=at)
    seen = tuple(each for each in named if decisions[each].allowed)
    looked = Look.objects.filter(
        study_id__in=seen, actor=party.name, opened_at__gte=consent.granted_at
    )
    return Received(
        consent_id=consent.id,
        granted_at=consent.granted_at,
        ended=ended,
        terms=terms,
        study_ids=seen,
        is_new=bool(seen) and not looked.exists(),
    )
