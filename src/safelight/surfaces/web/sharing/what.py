"""What is to be shared, and what if the person decides not to?"""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from safelight.exchange.consent.terms import Act
from safelight.exchange.release.choosing_form import give_up
from safelight.exchange.release.copies.known import is_copy
from safelight.exchange.release.picking import other_exams, sensitive_in, single_objects
from safelight.exchange.release.sharing.drafts import (
    Choices,
    choose,
    find_draft,
    start_draft,
)
from safelight.exchange.release.viewing.overview import ExamDetail, exam
from safelight.kernel import clock
from safelight.kernel.ids import from_text, to_text
from safelight.surfaces.web.callers import party_of_request


@require_POST
@login_required
def start(request: HttpRequest, exam_id: str) -> HttpResponse:
    """Begin to share an exam, or to publish it; nothing is shared by this."""
    party, at = party_of_request(request), clock.now()
    draft = start_draft(party, from_text(exam_id), at=at)
    if request.POST.get("act") == Act.PUBLISH:
        _draft, choices = find_draft(party, draft.id)
        choose(draft, choices, at=at, act=Act.PUBLISH.value, audience="", second_check="waived")
    return redirect("share-what", to_text(draft.id))


@require_http_methods(["GET", "POST"])
@login_required
def what_page(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Choose the series, or single objects of them. Nothing is ticked beforehand."""
    party, at = party_of_request(request), clock.now()
    draft, choices = find_draft(party, from_text(draft_id))
    details = [exam(party, UUID(each), at=at) for each in choices.study_ids]
    marked = sensitive_in(party, [each.summary.study_id for each in details], at=at)
    faults: dict[str, str] = {}
    if request.method == "POST":
        known = {str(series.series_id) for each in details for series in each.summary.series}
        chosen = tuple(each for each in request.POST.getlist("series") if each in known)
        held = {kind.value for kinds in marked.values() for kind in kinds}
        ticked = tuple(each for each in request.POST.getlist("sensitive") if each in held)
        choices = choose(draft, choices, at=at, series_ids=chosen, sensitive=ticked)
        if (one := request.POST.get("single", "")) in known:
            return redirect("share-pictures", draft_id, to_text(UUID(one)))
        if request.POST.get("more") == "yes":
            return redirect("share-exams", draft_id)
        used = [each for each in details if _is_used(each, choices)]
        if not used:
            faults["items"] = _("Tick at least one set of pictures to share.")
        wanted = {kind.value for each in used for kind in marked.get(each.summary.study_id, ())}
        if not wanted <= set(ticked):
            faults["sensitive"] = _(
                "Tick each kind of sensitive information that may be seen, or leave that exam out."
            )
        if not faults:
            study_ids = tuple(str(each.summary.study_id) for each in used)
            choose(draft, choices, at=at, study_ids=study_ids)
            asks_for_form = request.POST.get("form") == "choose" or choices.copying_id
            return redirect("share-form" if asks_for_form else "share-who", draft_id)
    context = {
        "details": details,
        "choices": choices,
        "faults": faults,
        "draft_id": draft_id,
        "marked": marked,
        "singles": single_objects(choices.series_ids, choices.instance_ids),
        "is_publishing": choices.act == Act.PUBLISH,
        "may_copy": not any(is_copy(each.summary.study_id) for each in details),
        "has_more": len(other_exams(party, draft.vault_id, at=at)) > len(details),
    }
    return render(request, "share/what.html", context, status=422 if faults else 200)


def _is_used(detail: ExamDetail, choices: Choices) -> bool:
    """Say whether anything of an exam is chosen."""
    singles = single_objects(choices.series_ids, choices.instance_ids)
    return any(
        str(series.series_id) in choices.series_ids or series.series_id in singles
        for series in detail.summary.series
    )


@require_http_methods(["GET", "POST"])
@login_required
def exams_page(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Choose which of one's exams go into this share."""
    party, at = party_of_request(request), clock.now()
    draft, choices = find_draft(party, from_text(draft_id))
    own = other_exams(party, draft.vault_id, at=at)
    faults: dict[str, str] = {}
    if request.method == "POST":
        known = {str(each.study_id) for each in own}
        chosen = tuple(each for each in request.POST.getlist("exam") if each in known)
        if chosen:
            first = [each for each in choices.study_ids if each in chosen]
            rest = [each for each in chosen if each not in first]
            choose(draft, choices, at=at, study_ids=(*first, *rest))
            return redirect("share-what", draft_id)
        faults = {"exams": _("Tick at least one exam.")}
    context = {"exams": own, "choices": choices, "faults": faults, "draft_id": draft_id}
    return render(request, "share/exams.html", context, status=422 if faults else 200)


@require_http_methods(["GET", "POST"])
@login_required
def decline(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Decide not to share; nothing was shared, and nothing is kept of it."""
    party = party_of_request(request)
    draft, choices = find_draft(party, from_text(draft_id))
    if request.method == "POST":
        give_up(party, draft.id, at=clock.now())
    messages.info(request, _("Nothing was shared."))
    return redirect("exam", to_text(UUID(choices.study_ids[0])))
