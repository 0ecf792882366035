"""Who is it for: one person, an institution, or a group of one's own?"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from safelight.exchange.access.facts import Party
from safelight.exchange.consent.models import ConsentDraft
from safelight.exchange.consent.terms import Act, Audience, RecipientKind, SecondCheck
from safelight.exchange.release.errors import UnboundedAudienceError
from safelight.exchange.release.sharing.drafts import Choices, choose, find_draft
from safelight.exchange.release.sharing.known import (
    known_recipients,
    own_groups,
    perhaps_known_domains,
)
from safelight.exchange.release.sharing.recipients import PUBLIC
from safelight.exchange.release.sharing.typos import perhaps_meant
from safelight.kernel import clock
from safelight.kernel.ids import from_text
from safelight.records.accounts.queries import organization_named
from safelight.records.accounts.registries import registries
from safelight.surfaces.web.callers import party_of_request

_WHO: Final = ("name", "address", "kind")
_PERSON, _INSTITUTION, _GROUP, _REGISTRY = "person", "institution", "group", "registry"
_TABS: Final = {
    Act.SHARE: (_PERSON, _INSTITUTION, _GROUP, _REGISTRY),
    Act.PUBLISH: (_INSTITUTION, _GROUP, _REGISTRY, PUBLIC),
}
_TAB_OF: Final = {
    Audience.PERSON: _PERSON,
    Audience.DESK: _INSTITUTION,
    Audience.ORGANIZATION: _INSTITUTION,
    Audience.GROUP: _GROUP,
    Audience.REGISTRY: _REGISTRY,
}


@require_http_methods(["GET", "POST"])
@login_required
def who_page(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Name the one recipient. There is no list of people to search."""
    party, at = party_of_request(request), clock.now()
    draft, choices = find_draft(party, from_text(draft_id))
    tab = _tab(request, choices)
    faults: dict[str, str] = {}
    if request.method == "POST":
        if request.POST.get("recent"):
            if _take_recent(party, draft, choices, request.POST["recent"], at):
                return redirect("share-why", draft_id)
        else:
            choices, faults = _take(request, party, draft, choices, tab, at)
            if not faults:
                return redirect("share-why", draft_id)
    context = {
        "choices": choices,
        "faults": faults,
        "draft_id": draft_id,
        "tab": tab,
        "tabs": _TABS.get(Act(choices.act), _TABS[Act.SHARE]),
        "kinds": list(RecipientKind),
        "recent": known_recipients(party) if tab == _PERSON else [],
        "groups": own_groups(party) if tab == _GROUP else [],
        "registries": registries() if tab == _REGISTRY else [],
        "typed": request.POST,
        "meant": perhaps_meant(choices.address, perhaps_known_domains(party))
        if "address" in faults
        else "",
        "is_publishing": choices.act == Act.PUBLISH,
    }
    return render(request, "share/who.html", context, status=422 if faults else 200)


def _tab(request: HttpRequest, choices: Choices) -> str:
    """Return which sort of recipient the page is about."""
    tabs = _TABS.get(Act(choices.act), _TABS[Act.SHARE])
    before = _TAB_OF.get(Audience(choices.audience)) if choices.audience in set(Audience) else None
    said = request.POST.get("audience") or request.GET.get("to") or before
    return said if said in tabs else tabs[0]


def _take(
    request: HttpRequest,
    party: Party,
    draft: ConsentDraft,
    choices: Choices,
    tab: str,
    at: datetime,
) -> tuple[Choices, dict[str, str]]:
    """Keep what was said of the recipient, and name what is wrong with it."""
    if tab == PUBLIC:
        return choices, {"audience": str(UnboundedAudienceError())}
    if tab == _GROUP:
        return _take_group(request, party, draft, choices, at)
    if tab == _INSTITUTION:
        return _take_institution(request, draft, choices, at)
    if tab == _REGISTRY:
        return _take_registry(request, draft, choices, at)
    said = {name: request.POST.get(name, "").strip() for name in _WHO}
    again = request.POST.get("address_again", "").strip()
    if fixed := request.POST.get("fixed", "").strip():
        said["address"] = again = fixed
    choices = choose(draft, choices, at=at, audience=Audience.PERSON.value, **said)
    faults = _person_faults(said, again)
    meant = perhaps_meant(said["address"], perhaps_known_domains(party))
    if meant and "address" not in faults and request.POST.get("sure") != said["address"]:
        faults["address"] = _("Is the part after the @ right?")
    return choices, faults


def _person_faults(said: dict[str, str], again: str) -> dict[str, str]:
    faults = {}
    if not said["name"]:
        faults["name"] = _("Give the name of the person or the desk.")
    if "@" not in said["address"]:
        faults["address"] = _("Give one complete e-mail address.")
    elif said["address"] != again:
        faults["address_again"] = _("The two addresses are not the same.")
    if said["kind"] not in set(RecipientKind):
        faults["kind"] = _("Choose who this is to you.")
    return faults


def _take_institution(
    request: HttpRequest, draft: ConsentDraft, choices: Choices, at: datetime
) -> tuple[Choices, dict[str, str]]:
    name = " ".join(request.POST.get("institution", "").split())
    within = request.POST.get("within", "")
    found = organization_named(name) if name else None
    faults = {}
    if found is None:
        faults["institution"] = _("We know no institution by exactly this name.")
    if within not in {Audience.DESK, Audience.ORGANIZATION}:
        faults["within"] = _("Choose who there may look.")
    if found is None or faults:
        return choices, faults
    choices = choose(
        draft,
        choices,
        at=at,
        audience=within,
        organization_id=str(found.pk),
        name=found.name,
        address="",
        second_check=SecondCheck.WAIVED.value,
    )
    return choices, {}


def _take_registry(
    request: HttpRequest, draft: ConsentDraft, choices: Choices, at: datetime
) -> tuple[Choices, dict[str, str]]:
    chosen = request.POST.get("registry", "")
    for each in registries():
        if str(each.organization_id) == chosen:
            choices = choose(
                draft,
                choices,
                at=at,
                audience=Audience.REGISTRY.value,
                organization_id=chosen,
                name=each.name,
                address="",
                second_check=SecondCheck.WAIVED.value,
            )
            return choices, {}
    return choices, {"registry": _("Choose one of the registries.")}


def _take_group(
    request: HttpRequest, party: Party, draft: ConsentDraft, choices: Choices, at: datetime
) -> tuple[Choices, dict[str, str]]:
    groups = {str(each.group_id): each for each in own_groups(party)}
    group = groups.get(request.POST.get("group", ""))
    if group is None:
        return choices, {"group": _("Choose one of your groups.")}
    if not group.members:
        return choices, {"group": _("This group has no members but you. Nobody could look.")}
    choices = choose(
        draft,
        choices,
        at=at,
        audience=Audience.GROUP.value,
        group_id=str(group.group_id),
        name=group.name,
        address="",
        future_members=request.POST.get("future_members") == "yes",
        second_check=SecondCheck.WAIVED.value,
    )
    return choices, {}


def _take_recent(
    party: Party, draft: ConsentDraft, choices: Choices, consent_id: str, at: datetime
) -> bool:
    """Take somebody to whom this person has shared before; say whether there is such a one."""
    for each in known_recipients(party):
        if str(each.consent_id) == consent_id:
            who = each.recipient
            is_person = who.audience is Audience.PERSON
            choose(
                draft,
                choices,
                at=at,
                audience=who.audience.value,
                name=who.name,
                address=who.address,
                kind=who.kind.value,
                organization_id=str(who.organization_id or ""),
                second_check="" if is_person else SecondCheck.WAIVED.value,
            )
            return True
    return False
