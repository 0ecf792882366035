"""What does every page know? Who runs this place, and of the person signed in, the lamp."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from safelight.exchange.access.connecting import keeps_connections
from safelight.exchange.access.facts import PartyKind
from safelight.exchange.access.mode import Mode, mode_now
from safelight.exchange.access.officer import is_officer
from safelight.exchange.access.representing.verifying import verifies_for
from safelight.exchange.access.staff import staff_roles
from safelight.exchange.release.board import lamp
from safelight.kernel import clock
from safelight.surfaces.web.callers import party_of_request


def every_page(request: HttpRequest) -> dict[str, Any]:
    """Return what the base page shows; the lamp is for signed-in owners only."""
    known: dict[str, Any] = {
        "mode": _mode,  # asked by the template, so that a page without a database is one, too
        "operator": settings.SAFELIGHT_OPERATOR,
        "privacy_contact": settings.SAFELIGHT_PRIVACY_CONTACT,
        "is_demo": settings.SAFELIGHT_DEMO,
    }
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return known
    party = party_of_request(request)
    known["is_officer"] = is_officer(party)
    known["staff_roles"] = staff_roles(party)
    known["is_provider"] = party.kind is PartyKind.PROVIDER
    known["verifies"] = known["is_provider"] and bool(verifies_for(party))
    known["connects"] = known["is_provider"] and keeps_connections(party)
    if party.kind is PartyKind.INDIVIDUAL and party.second_factor:
        known["lamp"] = lamp(party, at=clock.now())
    return known


def _mode() -> str | None:
    mode = mode_now()
    return None if mode is Mode.NORMAL else mode.value
