"""How are the kinds, states and scopes of people who act for others worded?"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from safelight.exchange.access.facts import Power
from safelight.exchange.access.mandates import mandate_of
from safelight.records.accounts.models import RepresentativeKind, RepresentativeState

if TYPE_CHECKING:
    from safelight.records.accounts.models import Representative

register = template.Library()

KINDS: Final[dict[str, Promise]] = {
    RepresentativeKind.PARENT: gettext_lazy("Parent"),
    RepresentativeKind.GUARDIAN: gettext_lazy("Guardian"),
    RepresentativeKind.PROXY: gettext_lazy("Health-care proxy"),
    RepresentativeKind.EXECUTOR: gettext_lazy("Executor"),
    RepresentativeKind.HELPER: gettext_lazy("Helper"),
}
_STATES: Final[dict[str, Promise]] = {
    RepresentativeState.INVITED: gettext_lazy("invited"),
    RepresentativeState.PENDING: gettext_lazy("waits to be verified"),
    RepresentativeState.VERIFIED: gettext_lazy("verified by two"),
    RepresentativeState.DISPUTED: gettext_lazy("in dispute"),
    RepresentativeState.BLOCKED: gettext_lazy("closed, and not told why"),
    RepresentativeState.ENDED: gettext_lazy("ended"),
}
_POWERS: Final[dict[Power, Promise]] = {
    Power.LOOK: gettext_lazy("look"),
    Power.SHARE: gettext_lazy("share"),
    Power.MANAGE: gettext_lazy("look after the exams"),
    Power.RIGHTS: gettext_lazy("use the rights"),
}


@register.filter
def acting_kind(kind: str) -> str:
    """Say by what right somebody acts."""
    return str(KINDS[kind])


@register.filter
def acting_state(state: str) -> str:
    """Say where it stands, for those who verify."""
    return str(_STATES[state])


@register.filter
def acting_powers(powers: Collection[Power]) -> str:
    """List how far somebody may act."""
    said = [str(words) for power, words in _POWERS.items() if power in powers]
    if len(said) == 1:
        return said[0]
    return _("%(some)s and %(last)s") % {"some": ", ".join(said[:-1]), "last": said[-1]}


@register.filter
def row_powers(row: Representative) -> str:
    """List how far somebody asks to act."""
    return acting_powers(mandate_of(row).powers)
