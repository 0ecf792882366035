"""How are acts that need two people, and accesses of some hours, worded?"""

from __future__ import annotations

from typing import Final

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from safelight.exchange.access.powers.kinds import (
    ApprovalKind,
    ApprovalState,
    Cause,
    EmergencyCause,
)

register = template.Library()

_KINDS: Final[dict[str, Promise]] = {
    ApprovalKind.KEY_EXPORT: _("Export a key"),
    ApprovalKind.MASS_EXPORT: _("Export a great deal at once"),
    ApprovalKind.DESTRUCTION: _("Destroy for good"),
    ApprovalKind.ELEVATION: _("Look at one exam or one patient"),
    ApprovalKind.OPEN_WITHOUT_JOURNAL: _("Open without the journal"),
    ApprovalKind.HOLD_RELEASE: _("Release a hold"),
}
_STATES: Final[dict[str, Promise]] = {
    ApprovalState.WAITING: _("waits for somebody else"),
    ApprovalState.APPROVED: _("approved"),
    ApprovalState.USED: _("used"),
    ApprovalState.REFUSED: _("refused"),
    ApprovalState.CANCELLED: _("taken back"),
    ApprovalState.LAPSED: _("lapsed"),
}
_CAUSES: Final[dict[str, Promise]] = {
    Cause.INCIDENT: _("Something went wrong"),
    Cause.MAINTENANCE: _("Planned work"),
    Cause.RECOVERY: _("Recovery, or its exercise"),
    Cause.RIGHTS_REQUEST: _("A person used a right of theirs"),
    Cause.LEGAL: _("The law demands it"),
    Cause.END_OF_KEEPING: _("It need not be kept any longer"),
    Cause.OTHER: _("Something else"),
    EmergencyCause.UNCONSCIOUS: _("The patient is unconscious"),
    EmergencyCause.CANNOT_ANSWER: _("The patient cannot answer"),
    EmergencyCause.LIFE_THREATENING: _("It is a danger to life"),
    EmergencyCause.COVER: _("Nobody who treats them can be reached, and it cannot wait"),
}
_VERDICTS: Final[dict[str, Promise]] = {
    "justified": _("justified"),
    "unjustified": _("not justified"),
}


@register.filter
def power_kind(kind: str) -> str:
    """Say what kind of act somebody asks for."""
    return str(_KINDS[kind])


@register.filter
def power_state(state: str) -> str:
    """Say where a request stands."""
    return str(_STATES[state])


@register.filter
def power_cause(cause: str) -> str:
    """Say why somebody asks, or what makes it an emergency."""
    return str(_CAUSES[cause])


@register.filter
def power_verdict(verdict: str) -> str:
    """Say what a review found."""
    return str(_VERDICTS[verdict])
