"""The pages by which a recipient passes on what the patient agreed may travel on."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from safelight.exchange.access.link_secrets import new_passphrase
from safelight.exchange.consent.terms import (
    DEFAULT_TERM,
    Further,
    Purpose,
    RecipientKind,
    SecondCheck,
)
from safelight.exchange.release.sharing.drafts import Choices, choose, find_draft
from safelight.exchange.release.sharing.onward import Parent, parent_of, start_onward
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import from_text, to_text
from safelight.surfaces.web.callers import party_of_request

_SAID: Final = ("purpose", "ends_on", "second_check", "kind", "name", "address")


@require_POST
@login_required
def start(request: HttpRequest, exam_id: str) -> HttpResponse:
    """Begin to pass an exam on, under one consent that allows it; nothing leaves by this."""
    under = request.POST.get("consent", "")
    draft = start_onward(
        party_of_request(request),
        from_text(exam_id),
        from_text(under) if under else None,
        at=clock.now(),
    )
    return redirect("pass-on", to_text(draft.id))


@require_http_methods(["GET", "POST"])
@login_required
def pass_on_page(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Choose what, to whom, what for and how long, within what the patient agreed to."""
    party, at = party_of_request(request), clock.now()
    draft, choices = find_draft(party, from_text(draft_id))
    parent = parent_of(party, choices, at=at)
    if parent is None:
        raise NotFoundError
    faults: dict[str, str] = {}
    if request.method == "POST":
        said = _said(request, parent, choices)
        choices = choose(draft, choices, at=at, **said)
        faults = _faults(choices)
        if not faults:
            return redirect("share-check", draft_id)
    context = _context(parent, choices, at) | {"faults": faults, "draft_id": draft_id}
    return render(request, "onward/pass_on.html", context, status=422 if faults else 200)


def _said(request: HttpRequest, parent: Parent, choices: Choices) -> dict[str, Any]:
    """Return what was answered, in the fields of a draft."""
    said: dict[str, Any] = {name: request.POST.get(name, "").strip() for name in _SAID}
    if parent.terms.further.kind is Further.NAMED:
        chosen = [each for each in parent.terms.further.named if each.address == said["address"]]
        said["name"] = chosen[0].name if chosen else said["name"]
    items = {str(item.series_id) for item in parent.terms.items}
    said["series_ids"] = tuple(each for each in request.POST.getlist("series") if each in items)
    said["sensitive"] = tuple(request.POST.getlist("sensitive"))
    said["may_download"] = request.POST.get("may_download") == "yes"
    said["passphrase"] = ""
    if said["second_check"] == SecondCheck.PASSPHRASE:
        said["passphrase"] = choices.passphrase or new_passphrase()
    return said


def _faults(choices: Choices) -> dict[str, str]:
    faults = {}
    if not choices.series_ids:
        faults["series"] = _("Tick at least one set of pictures.")
    if not choices.name:
        faults["name"] = _("Give the name of the person.")
    if "@" not in choices.address:
        faults["address"] = _("Choose one person, or give one complete e-mail address.")
    if choices.kind not in set(RecipientKind):
        faults["kind"] = _("Choose what they are to the patient.")
    if choices.purpose not in set(Purpose):
        faults["purpose"] = _("Choose what it is for.")
    if choices.second_check not in set(SecondCheck):
        faults["second_check"] = _("Choose how a mistyped address is kept out.")
    return faults


def _context(parent: Parent, choices: Choices, at: datetime) -> dict[str, Any]:
    terms = parent.terms
    study_id = UUID(choices.study_ids[0])
    kinds = set(RecipientKind) - {RecipientKind.OWN_ADDRESS}
    if terms.further.kind is Further.CLASS:
        kinds = set(terms.further.classes)
    latest = terms.ends_at.date()
    return {
        "terms": terms,
        "choices": choices,
        "study_id": study_id,
        "items": [item for item in terms.items if item.study_id == study_id],
        "named": terms.further.named,
        "kinds": [kind for kind in RecipientKind if kind in kinds],
        "purposes": [each for each in Purpose if each in terms.further.purposes],
        "second_checks": list(SecondCheck),
        "sensitive": sorted(terms.sensitive),
        "today": at.date(),
        "default_end": min((at + DEFAULT_TERM).date(), latest),
        "latest_end": latest,
    }
