"""The page of who acts for this person and for whom they act; accept, end, disagree, keep."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from safelight.exchange.access.representing.ending import end_acting, raise_dispute
from safelight.exchange.access.representing.helping import (
    accept_help,
    decline_help,
    invitation_words,
    invitations,
)
from safelight.exchange.access.representing.lists import acting_for, acts_for
from safelight.exchange.release.sharing.keeping import (
    keep_share,
    left_to_executor,
    paused_for,
    present_keeping,
)
from safelight.exchange.release.signed import terms_of
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, InvalidFieldError
from safelight.kernel.ids import from_text
from safelight.surfaces.web.account import confirmation
from safelight.surfaces.web.callers import party_of_request


@require_GET
@login_required
def acting_page(request: HttpRequest) -> HttpResponse:
    """Show who acts for this person, for whom they act, and what waits for a word of theirs."""
    party, at = party_of_request(request), clock.now()
    context = {
        "invited": [(each, mark_safe(invitation_words(each))) for each in invitations(party)],  # noqa: S308 (kept as shown, escaped where it was built)
        "mine": acting_for(party),
        "theirs": acts_for(party),
        "paused": [(each, terms_of(each)) for each in paused_for(party, at=at)],
        "left": {each.pk for each in left_to_executor(party)},
        "now": at,
    }
    return render(request, "acting/mine.html", context)


@require_POST
@login_required
def accept(request: HttpRequest, representative_id: str) -> HttpResponse:
    """Say yes to helping somebody."""
    accept_help(party_of_request(request), from_text(representative_id), at=clock.now())
    messages.success(request, _("You can help them now. Everything you do is on record."))
    return redirect("acting")


@require_POST
@login_required
def decline(request: HttpRequest, representative_id: str) -> HttpResponse:
    """Say no to helping somebody."""
    decline_help(party_of_request(request), from_text(representative_id), at=clock.now())
    messages.info(request, _("You said no. Nothing was opened to you."))
    return redirect("acting")


@require_POST
@login_required
def end(request: HttpRequest, representative_id: str) -> HttpResponse:
    """End it, at once and for good."""
    end_acting(party_of_request(request), from_text(representative_id), at=clock.now())
    messages.success(request, _("Ended. From this second on nothing is open any more."))
    return redirect("acting")


@require_POST
@login_required
def disagree(request: HttpRequest, representative_id: str) -> HttpResponse:
    """Say that one disagrees: nothing new is shared by those who act until it is settled."""
    try:
        raise_dispute(
            party_of_request(request),
            from_text(representative_id),
            request.POST.get("words", ""),
            at=clock.now(),
        )
    except InvalidFieldError as wrong:
        messages.error(request, str(wrong))
    else:
        messages.success(
            request, _("Noted. Until it is settled, nobody who acts shares anything new.")
        )
    return redirect("acting")


@require_http_methods(["GET", "POST"])
@login_required
def keep_page(request: HttpRequest, consent_id: str) -> HttpResponse:
    """Show what was agreed to in their name, and take the person's own authorization to keep it."""
    party, at = party_of_request(request), clock.now()
    identity = from_text(consent_id)
    error: ExpectedError | None = None
    asked = present_keeping(party, identity, at=at)
    if request.method == "POST":
        try:
            authorization = confirmation.answer(request, at=at)
            keep_share(party, identity, authorization.pk, at=clock.now())
        except ExpectedError as refused:
            error = refused
        else:
            messages.success(request, _("Kept. You can take it back at any moment."))
            return redirect("access")
    context = {
        "consent_id": consent_id,
        "terms": asked.terms,
        # Stored as it was shown, with every value escaped by exchange.consent.text.
        "words": mark_safe(asked.html),  # noqa: S308 (see the line above)
        "confirm": confirmation.around(
            request, asked.challenge_id, with_question=True, at=at, error=error
        ),
        "now": at,
    }
    return render(request, "acting/keep.html", context, status=error.status if error else 200)
