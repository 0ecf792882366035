"""Is it all as it was meant? Then the person confirms exactly what is shown."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods

from safelight.exchange.consent.cautions import cautions
from safelight.exchange.consent.terms import Act
from safelight.exchange.release.errors import ManifestChangedError, TermsNotFitError
from safelight.exchange.release.sharing.ceremony import confirm, present
from safelight.exchange.release.sharing.drafts import find_draft
from safelight.exchange.release.sharing.earlier import unsettled
from safelight.exchange.release.sharing.known import proved_before
from safelight.governance.compliance.queries import current_statement
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError
from safelight.kernel.ids import from_text, to_text
from safelight.records.accounts import throttle
from safelight.surfaces.web.account import confirmation
from safelight.surfaces.web.callers import party_of_request
from safelight.surfaces.web.sharing.by_hand import lines_of
from safelight.surfaces.web.sharing.mine import PASSPHRASE
from safelight.surfaces.web.sharing.what import decline
from safelight.surfaces.web.transfers.agreed import send_agreed, sent_to

_STEPS = {
    "what": ("items", "sensitive"),
    "who": ("name", "address", "kind", "audience", "organization", "group"),
    "why": (
        *("purpose", "permissions", "starts", "ends", "second_check"),
        *("most_openings", "further", "standing"),
    ),
}


@require_http_methods(["GET", "POST"])
@login_required
def check_page(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Show exactly what will be agreed, and take the confirmation of that and nothing else."""
    party, at = party_of_request(request), clock.now()
    identity = from_text(draft_id)
    _draft, choices = find_draft(party, identity)
    if request.method == "GET" and choices.act != Act.ONWARD and unsettled(party, choices, at=at):
        return redirect("share-earlier", draft_id)
    error: ExpectedError | None = None
    if request.method == "POST":
        if request.POST.get("decline") == "yes":
            return decline(request, draft_id)
        try:
            throttle.take(throttle.CONSENTS, str(party.account), at=at)
            authorization = confirmation.answer(request, at=at)
            shared = confirm(party_of_request(request), identity, authorization.pk, at=clock.now())
        except ExpectedError as refused:
            error = refused
        else:
            request.session[PASSPHRASE + to_text(shared.consent_id)] = shared.passphrase
            if choices.send_over:
                return send_agreed(request, choices, shared.consent_id)
            return redirect("share-done", to_text(shared.consent_id))
    return _shown(request, draft_id, error)


def _shown(request: HttpRequest, draft_id: str, error: ExpectedError | None) -> HttpResponse:
    party, at = party_of_request(request), clock.now()
    number = str(current_statement(at=at).number)
    try:
        presented = present(party, from_text(draft_id), statement_version=number, at=at)
    except TermsNotFitError as unfit:
        if find_draft(party, from_text(draft_id))[1].act == Act.ONWARD:
            messages.error(request, next(iter(unfit.faults.values())))
            return redirect("pass-on", draft_id)
        return _back_to_the_fault(request, draft_id, unfit.faults)
    changed = isinstance(error, ManifestChangedError)
    context = {
        "terms": presented.terms,
        # Built by exchange.consent.text, which escapes every value; shown as it is kept.
        "words": mark_safe(presented.html),  # noqa: S308 (see the line above)
        "confirmation": confirmation.around(
            request,
            presented.challenge_id,
            with_question=True,
            at=at,
            error=None if changed else error,
        ),
        "changed": changed,
        "draft_id": draft_id,
        "lines": lines_of(presented.handwriting),
        "proved_at": proved_before(party, presented.terms.recipient.address),
        "cautions": cautions(presented.terms),
        "is_publishing": presented.terms.act is Act.PUBLISH,
        "sent_to": sent_to(party, from_text(draft_id)),
        "now": at,
    }
    is_onward = presented.terms.act is Act.ONWARD
    template = "onward/check.html" if is_onward else "share/check.html"
    return render(request, template, context, status=error.status if error else 200)


def _back_to_the_fault(request: HttpRequest, draft_id: str, faults: dict[str, str]) -> HttpResponse:
    """Lead back to the step where the first thing is wrong, and say what."""
    for step, names in _STEPS.items():
        for name in names:
            if name in faults:
                messages.error(request, faults[name])
                return redirect(f"share-{step}", draft_id)
    return redirect("share-what", draft_id)
