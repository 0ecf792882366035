"""What is it for, and how long? What most people need is open; the rest is one press away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from safelight.exchange.access.link_secrets import new_passphrase
from safelight.exchange.consent.terms import (
    DEFAULT_TERM,
    Act,
    Audience,
    Further,
    Purpose,
    RecipientKind,
    SecondCheck,
)
from safelight.exchange.release.sharing.drafts import Choices, choose, find_draft
from safelight.exchange.release.sharing.known import proved_before
from safelight.kernel import clock
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request

_ALWAYS: Final = ("purpose", "purpose_words", "starts_on", "ends_on", "second_check")
_NAMED_AT_MOST: Final = 3


@require_http_methods(["GET", "POST"])
@login_required
def why_page(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Say what it is for, how long, what may be done, and how a mistyped address is kept out."""
    party, at = party_of_request(request), clock.now()
    draft, choices = find_draft(party, from_text(draft_id))
    is_person = choices.audience == Audience.PERSON
    faults: dict[str, str] = {}
    if request.method == "POST":
        said = _said(request.POST, is_person=is_person)
        if said["starts_on"] == at.date().isoformat():  # from now on, which is no choice
            said["starts_on"] = ""
        passphrase = ""
        if said["second_check"] == SecondCheck.PASSPHRASE:
            passphrase = choices.passphrase or new_passphrase()
        choices = choose(draft, choices, at=at, passphrase=passphrase, **said)
        faults = _faults(choices, request.POST)
        if not faults:
            return redirect("share-check", draft_id)
        if "may_download" in faults:
            # A draft with a purpose would say "no" for nothing when it is opened again.
            choose(draft, choices, at=at, purpose="")
    end = (at + DEFAULT_TERM).date()
    context = {
        "choices": choices,
        "said": _chosen(choices, request.POST),
        "faults": faults,
        "draft_id": draft_id,
        "purposes": list(Purpose),
        "second_checks": list(SecondCheck),
        "further_kinds": [kind for kind in RecipientKind if kind is not RecipientKind.OWN_ADDRESS],
        "named": _rows(choices),
        "proved_at": proved_before(party, choices.address) if is_person else None,
        "is_person": is_person,
        "is_publishing": choices.act == Act.PUBLISH,
        "has_more": _has_more(choices, faults),
        "today": at.date(),
        "default_end": end,
        "latest_end": (at + timedelta(days=365)).date(),
    }
    return render(request, "share/why.html", context, status=422 if faults else 200)


def _said(post: QueryDict, *, is_person: bool) -> dict[str, Any]:
    """Read the answers; what is not ticked is not agreed to."""
    said: dict[str, Any] = {name: post.get(name, "").strip() for name in _ALWAYS}
    if not is_person:  # they come in by signing in
        said["second_check"] = SecondCheck.WAIVED.value
    further = post.get("further") or Further.NONE.value
    names, addresses = post.getlist("further_name"), post.getlist("further_address")
    named = [
        (name.strip(), address.strip())
        for name, address in zip(names, addresses, strict=False)
        if name.strip() or address.strip()
    ]
    return said | {
        "may_download": post.get("may_download") == "yes",
        "most_openings": post.get("most_openings", "").strip() if is_person else "",
        "further": further,
        "further_named": tuple(named) if further == Further.NAMED else (),
        "further_classes": tuple(post.getlist("further_kind")) if further == Further.CLASS else (),
        "further_purposes": (
            tuple(post.getlist("further_purpose")) if further != Further.NONE else ()
        ),
        "standing_until": (
            post.get("standing_until", "").strip() if post.get("standing") == "yes" else ""
        ),
    }


def _chosen(choices: Choices, post: QueryDict) -> dict[str, str]:
    """Say what was chosen where a draft cannot tell "no" from nothing."""
    if post:
        return {name: post.get(name, "") for name in ("may_download", "further")}
    # A yes is never there by itself: a copy that is sent brings it along.
    no, further = ("no", choices.further) if choices.purpose else ("", "")
    return {"may_download": "yes" if choices.may_download else no, "further": further}


def _faults(choices: Choices, post: QueryDict) -> dict[str, str]:
    """Name what is missing; whether it is right is judged as a whole when it is shown."""
    faults = {}
    if choices.purpose not in set(Purpose):
        faults["purpose"] = _("Choose what it is for.")
    elif choices.purpose == Purpose.OTHER and not choices.purpose_words:
        faults["purpose_words"] = _("Say in your own words what it is for.")
    if post.get("may_download") not in {"yes", "no"}:
        faults["may_download"] = _("Choose what they can do.")
    if choices.second_check not in set(SecondCheck):
        faults["second_check"] = _("Choose how a mistyped address is kept out.")
    if choices.further == Further.NAMED and not choices.further_named:
        faults["further"] = _("Name to whom it may be passed on.")
    elif choices.further == Further.CLASS and not choices.further_classes:
        faults["further"] = _("Choose to whom it may be passed on.")
    elif choices.further != Further.NONE and not choices.further_purposes:
        faults["further"] = _("Choose what it may be passed on for.")
    if post.get("standing") == "yes" and not choices.standing_until:
        faults["standing"] = _("Give the last day for results to come.")
    return faults


def _rows(choices: Choices) -> list[tuple[str, str]]:
    """Return three lines for people to whom it may be passed on, filled as far as they were."""
    empty = [("", "")] * _NAMED_AT_MOST
    filled = [(name, address) for name, address in choices.further_named]
    return (filled + empty)[: max(_NAMED_AT_MOST, len(filled))]


def _has_more(choices: Choices, faults: dict[str, str]) -> bool:
    """Say whether anything under "More choices" is chosen, so that it stands open."""
    chosen = (choices.starts_on, choices.most_openings, choices.standing_until)
    wrong = {"starts", "most_openings", "further", "standing"} & set(faults)
    return any(chosen) or choices.further != Further.NONE or bool(wrong)
