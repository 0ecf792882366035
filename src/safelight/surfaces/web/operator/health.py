"""The page that says how this instance is, and what to do where it is not well."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from safelight.exchange.access.facts import Party
from safelight.governance.health.queries import state_now
from safelight.governance.health.rules import gauges, worst
from safelight.kernel import clock
from safelight.kernel.ids import from_text
from safelight.platform.jobs.dead_letters import requeue
from safelight.records.accounts.models import StaffRole
from safelight.surfaces.web.operator.rooms import EVERYBODY, staff_page
from safelight.surfaces.web.operator.words import MARKS, groups_of


@require_GET
@staff_page(*EVERYBODY)
def health_page(request: HttpRequest, _party: Party) -> HttpResponse:
    """Show every gauge, with what is wrong and what to do."""
    at = clock.now()
    state = state_now(at=at)
    found = gauges(state)
    context = {
        "groups": groups_of(found, at=at),
        "marks": MARKS,
        "worst": worst(found),
        "dead": state.dead,
        "findings": state.examined.wrong if state.examined else (),
        "read_at": at,
    }
    return render(request, "operator/health.html", context)


@require_POST
@staff_page(StaffRole.SYSTEM_ADMIN)
def again_page(request: HttpRequest, party: Party, job: str) -> HttpResponse:
    """Let a job that failed for good begin anew."""
    requeue(from_text(job), actor=party.name, at=clock.now())
    messages.success(request, _("It begins anew."))
    return redirect("operator-health")
