"""Which pages are there for those that run this instance, and who of them may open which?

A page of theirs is a view behind `staff_page`, with a line in `ROOMS` if the navigation
shall lead there. None of them opens an exam, and whoever has no role finds nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, Final, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from safelight.exchange.access.facts import Party
from safelight.exchange.access.staff import require_staff
from safelight.records.accounts.models import StaffRole
from safelight.surfaces.web.callers import party_of_request

Rest = ParamSpec("Rest")
EVERYBODY: Final = tuple(StaffRole)
WATCHERS: Final = (
    StaffRole.SYSTEM_ADMIN,
    StaffRole.SECURITY_OFFICER,
    StaffRole.PRIVACY_OFFICIAL,
)
READERS: Final = (StaffRole.SECURITY_OFFICER, StaffRole.PRIVACY_OFFICIAL, StaffRole.AUDITOR)


@dataclass(frozen=True, slots=True)
class Room:
    """One place that the navigation leads to: the route's name, the words, and whom it lets in."""

    page: str
    words: Promise
    icon: str
    roles: tuple[StaffRole, ...]

    @property
    def address(self) -> str:
        """Where it is; empty where this instance has no such page."""
        try:
            return reverse(self.page)
        except NoReverseMatch:
            return ""


ROOMS: Final = (
    Room("operator", _("Overview"), "house", EVERYBODY),
    Room("operator-health", _("Health"), "activity", EVERYBODY),
    Room("operator-alerts", _("Alerts"), "siren", WATCHERS),
    Room("operator-powers", _("Powers"), "key-round", EVERYBODY),
    Room("trail", _("The record"), "scroll-text", READERS),
    Room("operator-rights", _("Requests"), "scale", (StaffRole.PRIVACY_OFFICIAL,)),
    Room("operator-statements", _("Statement"), "scroll-text", (StaffRole.PRIVACY_OFFICIAL,)),
    Room("operator-review", _("Review"), "file-search", READERS),
)


def rooms_of(roles: frozenset[StaffRole]) -> list[Room]:
    """Return the places that somebody with these roles can go to."""
    return [each for each in ROOMS if not roles.isdisjoint(each.roles) and each.address]


def staff_page(
    *roles: StaffRole,
) -> Callable[
    [Callable[Concatenate[HttpRequest, Party, Rest], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, Rest], HttpResponseBase],
]:
    """Let only those with one of these roles open a page; for all others there is none."""

    def guarded(
        view: Callable[Concatenate[HttpRequest, Party, Rest], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]:
        @login_required
        @wraps(view)
        def page(
            request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs
        ) -> HttpResponseBase:
            party = party_of_request(request)
            require_staff(party, *roles)
            return view(request, party, *args, **kwargs)

        return page

    return guarded
