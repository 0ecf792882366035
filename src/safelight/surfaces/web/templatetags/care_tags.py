"""How are the ways of care and the reasons to open an exam worded?"""

from __future__ import annotations

from typing import Final

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from safelight.exchange.access.caring.reasons import CareCause
from safelight.exchange.access.models import CareWay
from safelight.exchange.access.powers.kinds import AccessWay

register = template.Library()

_WAYS: Final[dict[str, Promise]] = {
    CareWay.DELIVERY: _("Brought an exam in"),
    CareWay.LIST: _("Care team"),
    CareWay.ENCOUNTER: _("A visit"),
    CareWay.REFERRAL: _("A referral"),
}
_CAUSES: Final[dict[str, Promise]] = {
    CareCause.TREATMENT: _("I treat this patient now"),
    CareCause.REPORTING: _("I report or compare images"),
    CareCause.PLANNING: _("I plan an operation or a therapy"),
    CareCause.CONFERENCE: _("A conference about this patient"),
    CareCause.QUALITY: _("I check the quality of the images"),
    CareCause.OTHER: _("Something else"),
}
_TOLD: Final[dict[str, Promise]] = {
    CareCause.TREATMENT: _("to treat you"),
    CareCause.REPORTING: _("to report or compare images"),
    CareCause.PLANNING: _("to plan an operation or a therapy"),
    CareCause.CONFERENCE: _("for a conference about you"),
    CareCause.QUALITY: _("to check the quality of the images"),
    CareCause.OTHER: _("for another reason"),
    AccessWay.ELEVATION: _("to run this service, approved by a second person"),
    AccessWay.BREAK_GLASS: _("in an emergency"),
}


@register.filter
def care_way(way: str) -> str:
    """Say by what somebody treats a patient."""
    return str(_WAYS[way])


@register.filter
def care_cause(cause: str) -> str:
    """Say a reason as the one who gives it reads it."""
    return str(_CAUSES[cause])


@register.filter
def care_told(cause: str) -> str:
    """Say a reason as the patient reads it."""
    return str(_TOLD[cause])
