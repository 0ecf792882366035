"""The pages of one's groups: make one, see who is on it, put somebody on it, take somebody off."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from safelight.exchange.access.groups import (
    admit_member,
    dismiss_member,
    make_group,
    managed_group,
)
from safelight.exchange.release.sharing.known import own_groups
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError
from safelight.kernel.ids import from_text, to_text
from safelight.surfaces.web.callers import party_of_request


@require_http_methods(["GET", "POST"])
@login_required
def groups_page(request: HttpRequest) -> HttpResponse:
    """List the groups that this person manages, and make one."""
    party = party_of_request(request)
    groups = own_groups(party)
    faults: dict[str, str] = {}
    name = request.POST.get("name", "")
    if request.method == "POST":
        try:
            return redirect("group", to_text(make_group(party, name, at=clock.now()).pk))
        except InvalidFieldError as wrong:
            faults = {"name": str(wrong)}
    context = {"groups": groups, "faults": faults, "name": name}
    return render(request, "groups.html", context, status=422 if faults else 200)


@require_http_methods(["GET", "POST"])
@login_required
def group_page(request: HttpRequest, group_id: str) -> HttpResponse:
    """Show who is on one group, and put somebody on it by their exact address."""
    party = party_of_request(request)
    group = managed_group(party, from_text(group_id))
    faults: dict[str, str] = {}
    address = request.POST.get("address", "").strip()
    if request.method == "POST":
        try:
            admitted = admit_member(party, group.pk, address, at=clock.now())
        except InvalidFieldError as wrong:
            faults = {"address": str(wrong)}
        else:
            messages.success(request, _("%(name)s is on the list now.") % {"name": admitted.name})
            return redirect("group", group_id)
    (shown,) = (each for each in own_groups(party) if each.group_id == group.pk)
    context = {"group": shown, "group_id": group_id, "faults": faults, "address": address}
    return render(request, "group.html", context, status=422 if faults else 200)


@require_POST
@login_required
def dismiss(request: HttpRequest, group_id: str, account_id: str) -> HttpResponse:
    """Take somebody off a group; what it was given is closed to them at once."""
    party = party_of_request(request)
    dismiss_member(party, from_text(group_id), from_text(account_id), at=clock.now())
    messages.success(request, _("Taken off the list. They see nothing of it from this second."))
    return redirect("group", group_id)
