"""What have I let out, to whom, and how do I take it back?"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from safelight.exchange.access.caring.lists import care_about
from safelight.exchange.access.facts import Party
from safelight.exchange.release.board import consent_of, shared_by
from safelight.exchange.release.models import Told
from safelight.exchange.release.openings import choose_notices, told_how
from safelight.exchange.release.progress import progress_of
from safelight.exchange.release.sharing.doubted import doubted_of
from safelight.exchange.release.sharing.extending import start_extension
from safelight.exchange.release.sharing.invitations import invite_again
from safelight.exchange.release.sharing.pausing import pause_share, resume_share
from safelight.exchange.release.sharing.proof import let_in
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.exchange.release.signed import terms_of, words_of
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import from_text, to_text
from safelight.records.accounts.errors import RateLimitedError
from safelight.surfaces.web.callers import party_of_request
from safelight.surfaces.web.sharing.way import way_of


class Act(Protocol):
    """What a press on the list does with one consent."""

    def __call__(self, party: Party, consent_id: UUID, *, at: datetime) -> None:
        """Do it."""


# Where the session keeps a passphrase until it is shown.
PASSPHRASE: Final = "safelight_passphrase_"  # noqa: S105


@require_GET
@login_required
def done_page(request: HttpRequest, consent_id: str) -> HttpResponse:
    """Say that it is done, once with the passphrase to tell; the giver's own copy."""
    consent = consent_of(party_of_request(request), from_text(consent_id))
    if consent is None:
        raise NotFoundError
    context = {
        "consent": consent,
        "consent_id": consent_id,
        "terms": terms_of(consent),
        # Stored as it was shown, with every value escaped by exchange.consent.text.
        "words": mark_safe(words_of(consent)),  # noqa: S308 (see the line above)
        "way": way_of(party_of_request(request), consent.id),
        "passphrase": request.session.pop(PASSPHRASE + consent_id, ""),
        "now": clock.now(),
    }
    return render(request, "share/done.html", context)


@require_GET
@login_required
def access_page(request: HttpRequest) -> HttpResponse:
    """Show everyone who can see anything, and what has ended."""
    party, at = party_of_request(request), clock.now()
    shared = shared_by(party, at=at)
    context = {
        "live": [each for each in shared if each.is_live],
        "ended": [each for each in shared if not each.is_live],
        "progress": progress_of(shared, at=at),
        "care": care_about(party, at=at),
        "doubted": {each.pk for each in doubted_of(party, at=at)},
        "now": at,
    }
    return render(request, "access.html", context)


@require_POST
@login_required
def extend(request: HttpRequest, consent_id: str) -> HttpResponse:
    """Begin a consent like this one, to last longer; nothing changes until it is signed."""
    draft = start_extension(party_of_request(request), from_text(consent_id), at=clock.now())
    return redirect("share-why", to_text(draft.id))


@require_POST
@login_required
def invite(request: HttpRequest, share_id: str) -> HttpResponse:
    """Send an invitation once more that nobody has answered."""
    try:
        invite_again(party_of_request(request), from_text(share_id), at=clock.now())
    except (StateConflictError, RateLimitedError) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("We send the invitation again. Only the newest link works."))
    return redirect("access")


@require_http_methods(["GET", "POST"])
@login_required
def notices_page(request: HttpRequest) -> HttpResponse:
    """Choose how to be told when somebody opens what was shared."""
    party = party_of_request(request)
    how = request.POST.get("how", "")
    if request.method == "POST" and how in set(Told):
        choose_notices(party, Told(how), at=clock.now())
        messages.success(request, _("Kept."))
        return redirect("access")
    context = {"how": told_how(party.account), "ways": list(Told)}
    return render(request, "opening_notices.html", context, status=422 if request.POST else 200)


@require_POST
@login_required
def take_back(request: HttpRequest, consent_id: str) -> HttpResponse:
    """Take a share back, at once."""
    withdraw(party_of_request(request), from_text(consent_id), at=clock.now())
    messages.success(request, _("Taken back. From this second on they see nothing new."))
    return redirect("access")


@require_POST
@login_required
def pause(request: HttpRequest, consent_id: str) -> HttpResponse:
    """Pause a share, at once."""
    return _changed(request, consent_id, pause_share, _("Paused. From this second nothing opens."))


@require_POST
@login_required
def go_on(request: HttpRequest, consent_id: str) -> HttpResponse:
    """Let a paused share go on, until the same end."""
    return _changed(
        request, consent_id, resume_share, _("It goes on. They can look until the same day.")
    )


def _changed(request: HttpRequest, consent_id: str, act: Act, words: str) -> HttpResponse:
    try:
        act(party_of_request(request), from_text(consent_id), at=clock.now())
    except StateConflictError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, words)
    return redirect("access")


@require_POST
@login_required
def let_in_recipient(request: HttpRequest, share_id: str) -> HttpResponse:
    """Let in a recipient who has proved the address."""
    let_in(party_of_request(request), from_text(share_id), at=clock.now())
    messages.success(request, _("They can look now."))
    return redirect("access")
