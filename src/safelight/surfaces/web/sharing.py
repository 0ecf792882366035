"""The pages by which a person shares: what, who, why and how long, check, done; and takes back."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from safelight.exchange.consent.terms import DEFAULT_TERM, Purpose, RecipientKind, SecondCheck
from safelight.exchange.release.board import consent_of, shared_by
from safelight.exchange.release.errors import ManifestChangedError, TermsNotFitError
from safelight.exchange.release.sharing.ceremony import confirm, present
from safelight.exchange.release.sharing.drafts import choose, drop_draft, find_draft, start_draft
from safelight.exchange.release.sharing.link_secrets import new_passphrase
from safelight.exchange.release.sharing.proof import let_in
from safelight.exchange.release.sharing.signed import terms_of, words_of
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.exchange.release.viewing.overview import exam
from safelight.governance.compliance.queries import current_statement
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, NotFoundError
from safelight.kernel.ids import from_text, to_text
from safelight.surfaces.web.account import confirmation
from safelight.surfaces.web.callers import party_of_request

_PASSPHRASE = "safelight_passphrase_"  # noqa: S105 (where the session keeps it until it is shown)
_WHO = ("name", "address", "kind")
_WHY = ("purpose", "purpose_words", "starts_on", "ends_on", "second_check")
_STEPS = {
    "what": ("items",),
    "who": ("name", "address", "kind"),
    "why": ("purpose", "permissions", "starts", "ends", "second_check"),
}


@require_POST
@login_required
def start(request: HttpRequest, exam_id: str) -> HttpResponse:
    """Begin to share an exam; nothing is shared by this."""
    draft = start_draft(party_of_request(request), from_text(exam_id), at=clock.now())
    return redirect("share-what", to_text(draft.id))


@require_http_methods(["GET", "POST"])
@login_required
def what_page(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Choose the series. None is ticked beforehand."""
    party, at = party_of_request(request), clock.now()
    draft, choices = find_draft(party, from_text(draft_id))
    detail = exam(party, UUID(choices.study_ids[0]), at=at)
    faults: dict[str, str] = {}
    if request.method == "POST":
        known = {str(each.series_id) for each in detail.summary.series}
        chosen = tuple(each for each in request.POST.getlist("series") if each in known)
        choices = choose(draft, choices, at=at, series_ids=chosen)
        if chosen:
            return redirect("share-who", draft_id)
        faults = {"items": _("Tick at least one set of pictures to share.")}
    context = {"exam": detail, "choices": choices, "faults": faults, "draft_id": draft_id}
    return render(request, "share/what.html", context, status=422 if faults else 200)


@require_http_methods(["GET", "POST"])
@login_required
def who_page(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Name the one recipient; the address is typed twice."""
    party, at = party_of_request(request), clock.now()
    draft, choices = find_draft(party, from_text(draft_id))
    faults: dict[str, str] = {}
    if request.method == "POST":
        said = {name: request.POST.get(name, "").strip() for name in _WHO}
        choices = choose(draft, choices, at=at, **said)
        faults = _who_faults(said, request.POST.get("address_again", "").strip())
        if not faults:
            return redirect("share-why", draft_id)
    context = {
        "choices": choices,
        "faults": faults,
        "draft_id": draft_id,
        "kinds": list(RecipientKind),
    }
    return render(request, "share/who.html", context, status=422 if faults else 200)


def _who_faults(said: dict[str, str], again: str) -> dict[str, str]:
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


@require_http_methods(["GET", "POST"])
@login_required
def why_page(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Say what it is for, how long, and how a mistyped address is kept out."""
    party, at = party_of_request(request), clock.now()
    draft, choices = find_draft(party, from_text(draft_id))
    faults: dict[str, str] = {}
    if request.method == "POST":
        said = {name: request.POST.get(name, "").strip() for name in _WHY}
        passphrase = ""
        if said["second_check"] == SecondCheck.PASSPHRASE:
            passphrase = choices.passphrase or new_passphrase()
        choices = choose(
            draft,
            choices,
            at=at,
            may_download=request.POST.get("may_download") == "yes",
            passphrase=passphrase,
            **said,
        )
        if said["purpose"] not in set(Purpose):
            faults["purpose"] = _("Choose what it is for.")
        if said["second_check"] not in set(SecondCheck):
            faults["second_check"] = _("Choose how a mistyped address is kept out.")
        if not faults:
            return redirect("share-check", draft_id)
    context = {
        "choices": choices,
        "faults": faults,
        "draft_id": draft_id,
        "purposes": list(Purpose),
        "second_checks": list(SecondCheck),
        "today": at.date(),
        "default_end": (at + DEFAULT_TERM).date(),
        "latest_end": (at + timedelta(days=365)).date(),
    }
    return render(request, "share/why.html", context, status=422 if faults else 200)


@require_http_methods(["GET", "POST"])
@login_required
def check_page(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Show exactly what will be agreed, and take the confirmation of that and nothing else."""
    party, at = party_of_request(request), clock.now()
    identity = from_text(draft_id)
    find_draft(party, identity)
    error: ExpectedError | None = None
    if request.method == "POST":
        if request.POST.get("decline") == "yes":
            return decline(request, draft_id)
        try:
            authorization = confirmation.answer(request, at=at)
            shared = confirm(party_of_request(request), identity, authorization.pk, at=clock.now())
        except ExpectedError as refused:
            error = refused
        else:
            request.session[_PASSPHRASE + to_text(shared.consent_id)] = shared.passphrase
            return redirect("share-done", to_text(shared.consent_id))
    return _shown(request, draft_id, error)


def _shown(request: HttpRequest, draft_id: str, error: ExpectedError | None) -> HttpResponse:
    party, at = party_of_request(request), clock.now()
    number = str(current_statement(at=at).number)
    try:
        presented = present(party, from_text(draft_id), statement_version=number, at=at)
    except TermsNotFitError as unfit:
        return _back_to_the_fault(request, draft_id, unfit.faults)
    changed = isinstance(error, ManifestChangedError)
    context = {
        "terms": presented.terms,
        # Built by exchange.consent.text, which escapes every value; shown as it is kept.
        "words": mark_safe(presented.html),  # noqa: S308 (see the line above)
        "confirmation": confirmation.around(
            request, presented.challenge_id, at=at, error=None if changed else error
        ),
        "changed": changed,
        "draft_id": draft_id,
        "now": at,
    }
    return render(request, "share/check.html", context, status=error.status if error else 200)


def _back_to_the_fault(request: HttpRequest, draft_id: str, faults: dict[str, str]) -> HttpResponse:
    """Lead back to the step where the first thing is wrong, and say what."""
    for step, names in _STEPS.items():
        for name in names:
            if name in faults:
                messages.error(request, faults[name])
                return redirect(f"share-{step}", draft_id)
    return redirect("share-what", draft_id)


@require_http_methods(["GET", "POST"])
@login_required
def decline(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Decide not to share; nothing was shared, and nothing is kept of it."""
    draft, choices = find_draft(party_of_request(request), from_text(draft_id))
    if request.method == "POST":
        drop_draft(draft)
    messages.info(request, _("Nothing was shared."))
    return redirect("exam", to_text(UUID(choices.study_ids[0])))


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
        "passphrase": request.session.pop(_PASSPHRASE + consent_id, ""),
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
        "now": at,
    }
    return render(request, "access.html", context)


@require_POST
@login_required
def take_back(request: HttpRequest, consent_id: str) -> HttpResponse:
    """Take a share back, at once."""
    withdraw(party_of_request(request), from_text(consent_id), at=clock.now())
    messages.success(request, _("Taken back. From this second on they see nothing new."))
    return redirect("access")


@require_POST
@login_required
def let_in_recipient(request: HttpRequest, share_id: str) -> HttpResponse:
    """Let in a recipient who has proved the address."""
    let_in(party_of_request(request), from_text(share_id), at=clock.now())
    messages.success(request, _("They can look now."))
    return redirect("access")
