"""Who acts for the caller, and for whom does the caller act?"""

from __future__ import annotations

from datetime import datetime

from ninja import Router, Schema

from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Power
from safelight.exchange.access.representing.lists import Acting, acting_for, acts_for
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.forms import OutId
from safelight.surfaces.api.routes import told

router = Router()


class ActingOut(Schema):
    """One who acts for another, as either of the two may know it."""

    id: OutId
    name: str
    kind: str
    state: str
    is_live: bool
    powers: list[Power]
    since: datetime | None
    until: datetime | None
    is_until_majority: bool
    asked_at: datetime


class RepresentativesOut(Schema):
    """Both sides of acting for somebody."""

    acting_for_you: list[ActingOut]
    you_act_for: list[ActingOut]


@router.get("representatives", response=RepresentativesOut, **told(Action.SHARE, in_person=True))
def list_representatives(request: Called) -> RepresentativesOut:
    """List who acts for you, and for whom you act: now, asked for, and over."""
    return RepresentativesOut(
        acting_for_you=[_acting(each) for each in acting_for(request.auth)],
        you_act_for=[_acting(each) for each in acts_for(request.auth)],
    )


def _acting(each: Acting) -> ActingOut:
    return ActingOut(
        id=each.representative_id,
        name=each.name,
        kind=each.kind,
        state=each.state,
        is_live=each.is_live,
        powers=sorted(each.powers),
        since=each.since,
        until=each.until,
        is_until_majority=each.is_until_majority,
        asked_at=each.asked_at,
    )
