"""The privacy official's pages of the statement: versions, the draft, its reviews, publishing."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from safelight.exchange.access.facts import Party
from safelight.exchange.access.staff import require_staff
from safelight.governance.compliance.diffing import compare
from safelight.governance.compliance.drafting import (
    Content,
    begin_draft,
    content_of,
    drop_draft,
    enter_review,
    open_draft,
    publish,
    require_reviewed,
    reviews_that_count,
    write_draft,
)
from safelight.governance.compliance.errors import NotReviewedError
from safelight.governance.compliance.models import Draft, Review
from safelight.governance.compliance.queries import (
    current_statement,
    published_statements,
    published_text,
)
from safelight.governance.compliance.rules import DEFAULT_LOCALE, MOST_GRACE_DAYS
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, InvalidFieldError, NotFoundError
from safelight.records.accounts.models import StaffRole
from safelight.surfaces.web.account import confirmation
from safelight.surfaces.web.callers import party_of_request

_ROOM: Final = {"room": "operator-statements"}
_LOCALE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{2,8})?")
_FORM: Final = "%Y-%m-%dT%H:%M"


@require_safe
@login_required
def list_page(request: HttpRequest) -> HttpResponse:
    """Show every version, and the draft that is open; that it was read is recorded."""
    at = clock.now()
    draft = open_draft(party_of_request(request), at=at)
    context = _ROOM | {
        "draft": draft,
        "versions": published_statements(),
        "current": current_statement(at=at),
    }
    return render(request, "officer/statements.html", context)


@require_POST
@login_required
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a draft from the newest version."""
    begin_draft(party_of_request(request), at=clock.now())
    return redirect("operator-statement")


@require_http_methods(["GET", "POST"])
@login_required
def draft_page(request: HttpRequest) -> HttpResponse:
    """Show the open draft with its reviews, or write it anew."""
    party, at = party_of_request(request), clock.now()
    if request.method == "POST":
        require_staff(party, StaffRole.PRIVACY_OFFICIAL)
        try:
            write_draft(party, _content(request), at=at)
        except InvalidFieldError as error:
            return _draft(request, party, {error.field: str(error)}, request.POST.dict())
        messages.success(request, _("It is kept. Reviews of what it said before count no more."))
        return redirect("operator-statement")
    return _draft(request, party, {}, {})


@require_POST
@login_required
def review(request: HttpRequest) -> HttpResponse:
    """Put down that risk management or counsel reviewed the draft as it is."""
    party, said, at = party_of_request(request), request.POST, clock.now()
    require_staff(party, StaffRole.PRIVACY_OFFICIAL)
    try:
        on = _day(said.get("reviewed_on", ""))
        name, note = said.get("name", ""), said.get("note", "")
        enter_review(party, said.get("role", ""), name, on, note, at=at)
    except InvalidFieldError as error:
        return _draft(request, party, {error.field: str(error)}, said.dict())
    messages.success(request, _("The review is on record."))
    return redirect("operator-statement")


@require_POST
@login_required
def drop(request: HttpRequest) -> HttpResponse:
    """Give the draft up."""
    drop_draft(party_of_request(request), at=clock.now())
    messages.success(request, _("The draft is given up."))
    return redirect("operator-statements")


@require_http_methods(["GET", "POST"])
@login_required
def publish_page(request: HttpRequest) -> HttpResponse:
    """Ask for the instant, then for the confirmation of just this text from just then on."""
    party, at = party_of_request(request), clock.now()
    draft = _required(party, at)
    if not _is_reviewed(draft):
        messages.error(request, str(NotReviewedError()))
        return redirect("operator-statement")
    asked = request.POST.get("effective_at") or request.GET.get("effective_at") or ""
    error: ExpectedError | None = None
    try:
        effective_at = _instant(asked) if asked else at
    except InvalidFieldError as refused:
        error, asked, effective_at = refused, "", at
    digest = confirmation.digest_of("publish-statement", content_of(draft), asked)
    if request.method == "POST" and error is None:
        try:
            signature = confirmation.confirmed(request, digest, at=at)
            made = publish(party, effective_at, signature, at=at)
        except ExpectedError as refused:
            error = refused
        else:
            messages.success(request, _("Version %(n)s is published.") % {"n": made.number})
            return redirect("operator-statements")
    is_field = isinstance(error, InvalidFieldError) and error.field == "effective_at"
    meaning = _("I publish this version of the privacy statement")
    shown = None if is_field else error
    context = _ROOM | {
        "draft": draft,
        "asked": asked,
        "effective_at": effective_at,
        "reviews": reviews_that_count(draft),
        "confirm": confirmation.ask(request, digest, meaning, at=at, error=shown),
        "fault": str(error) if is_field else "",
    }
    status = error.status if error else HttpResponse.status_code
    return render(request, "officer/statement-publish.html", context, status=status)


def _required(party: Party, at: datetime) -> Draft:
    draft = open_draft(party, at=at)
    if draft is None:
        raise NotFoundError
    return draft


def _content(request: HttpRequest) -> Content:
    said = request.POST
    days = said.get("grace_days", "0").strip()
    if not (days.isdecimal() and len(days) < len("1000")):
        raise InvalidFieldError("grace_days", f"From 0 to {MOST_GRACE_DAYS} days.")
    texts = {
        name.removeprefix("text-"): text
        for name, text in said.items()
        if name.startswith("text-") and isinstance(text, str) and text.strip()
    }
    locale = said.get("new_locale", "").strip()
    if locale:
        is_locale = _LOCALE.fullmatch(locale)
        if not is_locale or locale in texts:
            raise InvalidFieldError("new_locale", "A language is named like 'fr' or 'pt-BR', once.")
        texts[locale] = said.get("new_text", "")
    return Content(
        texts=texts,
        summary=said.get("summary", ""),
        is_material="is_material" in said,
        grace_days=int(days),
    )


def _day(said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise InvalidFieldError("reviewed_on", "Say on which day they reviewed it.") from None


def _instant(said: str) -> datetime:
    try:
        return datetime.strptime(said, _FORM).replace(tzinfo=UTC)
    except ValueError:
        raise InvalidFieldError("effective_at", "Say the day and the hour, in UTC.") from None


def _draft(
    request: HttpRequest, party: Party, faults: dict[str, str], said: dict[str, str]
) -> HttpResponse:
    at = clock.now()
    draft = _required(party, at)
    texts = {each.locale: each.text for each in draft.texts.order_by("locale")}
    now = current_statement(at=at)
    compared = {
        locale: [
            each for each in compare(published_text(now, locale).text, text) if not each.is_same
        ]
        for locale, text in texts.items()
    }
    counting = {each.pk for each in reviews_that_count(draft)}
    context: dict[str, Any] = _ROOM | {
        "draft": draft,
        "summary": said.get("summary", draft.summary),
        "grace_days": said.get("grace_days", str(draft.grace_days)),
        "texts": [(code, said.get(f"text-{code}", text)) for code, text in texts.items()],
        "default": DEFAULT_LOCALE,
        "said": said,
        "faults": faults,
        "changes": [each for each in compared.items() if each[1]],
        "current": now,
        "roles": [(Review.Role.RISK, _("Risk management")), (Review.Role.COUNSEL, _("Counsel"))],
        "reviews": [(each, each.pk in counting) for each in draft.reviews.order_by("entered_at")],
        "is_reviewed": _is_reviewed(draft),
    }
    return render(request, "officer/statement.html", context, status=422 if faults else 200)


def _is_reviewed(draft: Draft) -> bool:
    try:
        require_reviewed(draft)
    except NotReviewedError:
        return False
    return True
