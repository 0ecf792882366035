"""Who may answer a request for a consent: the owner, or one who shares for them, and for whom?"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action, Decision, Reason
from safelight.exchange.access.facts import Party
from safelight.exchange.access.representing.scope import (
    authorities_of,
    studies_of,
    who_shares_for,
)
from safelight.exchange.consent.models import ConsentRequest
from safelight.exchange.release.people import representative_named


def addressed_to(party: Party) -> Q:
    """Return what makes a request one that this party may have to answer, to be judged."""
    about = Q(asked_id=party.account)
    for row in authorities_of(party.account):
        if row.may_share:
            about |= Q(study_id__in=studies_of(row).values("id"))
    return about


def right_to_answer(party: Party, row: ConsentRequest, *, at: datetime) -> Decision | None:
    """Return by what right this party answers; None where it has none."""
    decision = decide(party, Action.READ_ACTIVITY, row.study_id, at=at)
    if decision.allowed and decision.reason == Reason.OWNER:
        return decision
    if decision.allowed and party.account in who_shares_for(row.study_id, at=at):
        return decision
    return None


def name_behind(right: Decision | None) -> str:
    """Return for whom it is answered; empty where the owner answers for themself."""
    if right is None or right.representative_id is None:
        return ""
    return str(representative_named(right.representative_id).represented_name)
