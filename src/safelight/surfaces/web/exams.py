"""The pages of one's own exams: home, list, one exam, the viewer, download, removal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from safelight.exchange.access.bounds import among_patients_exams
from safelight.exchange.access.facts import PartyKind
from safelight.exchange.access.officer import is_officer
from safelight.exchange.access.representing.verifying import verifies_for
from safelight.exchange.receive.asked.accepting import waiting_for
from safelight.exchange.receive.waiting import waits_at_desk
from safelight.exchange.release.activity import activity
from safelight.exchange.release.board import seers, shared_by
from safelight.exchange.release.brought_in import brought_in
from safelight.exchange.release.copies.known import original_of
from safelight.exchange.release.inbox.listing import inbox
from safelight.exchange.release.inbox.timeline import timeline
from safelight.exchange.release.inbox.wanted import Wanted
from safelight.exchange.release.obligations import obligations_on
from safelight.exchange.release.on_paper.recording import may_record
from safelight.exchange.release.remove import bring_back, remove, removed_exams
from safelight.exchange.release.reports.drafting import may_report
from safelight.exchange.release.reports.listing import report_chains
from safelight.exchange.release.sharing.asking import asked_of, may_ask
from safelight.exchange.release.sharing.onward import parents_of
from safelight.exchange.release.transfer.came_under import came_under
from safelight.exchange.release.viewing.download import download
from safelight.exchange.release.viewing.overview import ExamSummary, exam, exams
from safelight.kernel import clock
from safelight.kernel.ids import from_text, to_text
from safelight.records.accounts.models import Role
from safelight.surfaces.web.brought_in_words import told_of
from safelight.surfaces.web.callers import party_later, party_of_request
from safelight.surfaces.web.officer import officer_home
from safelight.surfaces.web.taking import medium_of, sent
from safelight.surfaces.web.viewing import viewer_data

_FEW = 5
_OF_THE_DESK: Final = frozenset({Role.IMAGING_DESK})
_FEW_CARDS = 10
_WORDS = "safelight_exams_words"
_LONGEST = 200


@require_GET
def home_page(request: HttpRequest) -> HttpResponse:
    """Show what is in the light and what lies on the shelf; to visitors, what this is."""
    if not request.user.is_authenticated:
        return render(request, "welcome.html")
    party, at = party_of_request(request), clock.now()
    if is_officer(party):
        return officer_home(request, party)
    if party.kind is PartyKind.PROVIDER:
        # What the inbox tells: no exam is opened by coming home, so none is read by it.
        newest = {"rows": inbox(party, Wanted(), at=at).rows[:_FEW_CARDS]}
        context = newest | {"parcels": waiting_for(party), "is_provider": True, "now": at}
        if verifies_for(party, _OF_THE_DESK):
            context |= {"is_desk": True, "waits": waits_at_desk(party)}
        return render(request, "home.html", context)
    seen = [each for each in exams(party, at=at) if each.representative_id is None]
    shared = [each for each in shared_by(party, at=at) if each.is_live]
    lit_ids = {item.study_id for each in shared for item in each.terms.items}
    is_owner = party.kind is PartyKind.INDIVIDUAL
    context = {
        "lit": [each for each in seen if each.study_id in lit_ids],
        "shelf": [each for each in seen if each.study_id not in lit_ids],
        "shared": shared,
        "asked": asked_of(party, at=at),
        "waiting": [each for each in shared if each.waits_for_you],
        "parcels": waiting_for(party),
        "recent": activity(party, at=at, limit=_FEW) if is_owner else [],
        "titles": {each.study_id: each.title for each in seen},
        "is_provider": False,
        "now": at,
    }
    return render(request, "home.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def exams_page(request: HttpRequest) -> HttpResponse:
    """List the exams this person may see, narrowed by words and by what they have in common."""
    if request.method == "POST":
        # The words may be a patient's name: they wait in the sealed session, not in an address.
        request.session[_WORDS] = request.POST.get("q", "")[:_LONGEST].strip()
        show = request.POST.get("show", "")
        found = {"found": "yes"} | ({"show": show} if show in _SHOWN else {})
        return redirect(f"{reverse('exams')}?{urlencode(found)}")
    party, at = party_of_request(request), clock.now()
    seen = exams(party, at=at)
    query = str(request.session.get(_WORDS, "")) if request.GET.get("found") else ""
    wanted = query.casefold().split()
    show, whose = request.GET.get("show", ""), request.GET.get("whose", "")
    fits = _SHOWN.get(show, _anything)
    removed = removed_exams(party, at=at) if party.kind is PartyKind.INDIVIDUAL else []
    context = {
        "exams": [
            each for each in seen if fits(each) and _has(each, wanted) and _is_of(each, whose)
        ],
        "people": _people(seen),
        "whose": whose,
        "query": query,
        "show": show if show in _SHOWN else "",
        "total": len(seen),
        "removed": removed,
        "now": at,
    }
    return render(request, "exams.html", context)


@require_GET
@login_required
def exam_page(request: HttpRequest, exam_id: str) -> HttpResponse:
    """Show one exam: pictures, series, who can see it, who looked."""
    party, at = party_of_request(request), clock.now()
    study_id = from_text(exam_id)
    detail = exam(party, study_id, at=at)
    context = {
        "exam": detail,
        "seers": seers(party, study_id, at=at) if detail.may_share else [],
        "activity": activity(party, study_id, at=at, limit=_FEW) if detail.may_share else [],
        "bound": obligations_on(party, study_id, at=at),
        "brought_in": told_of(brought_in(party, study_id, at=at)),
        "came_under": came_under(party, study_id, at=at),
        "timeline": timeline(party, study_id, at=at),
        "may_report": may_report(party, study_id, at=at),
        "may_record": may_record(party, study_id, at=at),
        "may_ask": may_ask(party, study_id, at=at),
        "original": original_of(party, study_id, at=at),
        "parents": parents_of(party, study_id, at=at) if not detail.may_share else [],
        "now": at,
    }
    return render(request, "exam.html", context)


@require_GET
@login_required
def viewer_page(request: HttpRequest, exam_id: str) -> HttpResponse:
    """Show the pictures of one exam in the dark room; one of the care team says why first."""
    party, at = party_of_request(request), clock.now()
    detail = exam(party, from_text(exam_id), at=at)
    # Somebody's own exams are theirs to compare; a clinician's are of many patients.
    whose = (
        party
        if party.kind is PartyKind.INDIVIDUAL
        else among_patients_exams(party, detail.summary.study_id)
    )
    others = [
        each
        for each in exams(whose, at=at)
        if each.study_id != detail.summary.study_id and not each.asks_why
    ]
    data = viewer_data(
        detail.summary,
        root="/dicomweb",
        series_uid=request.GET.get("series", ""),
        others=others,
    )
    context = {
        "exam": detail,
        "data": data,
        "back": f"/exams/{exam_id}/",
        "workplace": f"/exams/{exam_id}/workplace/",
        "chains": report_chains(party, detail.summary, at=at),
        "papers": f"/exams/{exam_id}/reports/",
        "bound": obligations_on(party, detail.summary.study_id, at=at),
        "is_guest": False,
    }
    return render(request, "viewer/viewer.html", context)


@require_POST
@login_required
def download_exam(request: HttpRequest, exam_id: str) -> StreamingHttpResponse:
    """Send an exam as a zip of DICOM files with their hashes, or as a disc."""
    leaving = download(
        party_of_request(request),
        from_text(exam_id),
        now=clock.now,
        who=party_later(request),
        medium=medium_of(request),
        passphrase=request.POST.get("passphrase", ""),
        with_pages=request.POST.get("pages") == "yes",
    )
    return sent(leaving, medium_of(request))


@require_POST
@login_required
def remove_exam(request: HttpRequest, exam_id: str) -> HttpResponse:
    """Take a wrong upload away; it can be undone for seven days."""
    remove(party_of_request(request), from_text(exam_id), at=clock.now())
    messages.success(
        request, _("The exam is removed. You can bring it back for seven days, on this page.")
    )
    return redirect("exams")


@require_POST
@login_required
def bring_back_exam(request: HttpRequest, exam_id: str) -> HttpResponse:
    """Undo a removal."""
    bring_back(party_of_request(request), from_text(exam_id), at=clock.now())
    messages.success(request, _("The exam is back."))
    return redirect("exam", exam_id)


def _anything(_: ExamSummary) -> bool:
    return True


_SHOWN: Final[dict[str, Callable[[ExamSummary], bool]]] = {
    "shared": lambda each: each.given > 0,
    "private": lambda each: each.people == 0 and each.representative_id is None,
    "report": lambda each: each.has_report,
}


def _people(seen: list[ExamSummary]) -> list[tuple[UUID, str]]:
    """List for whom the person acts whose exams these are, each once."""
    found = {each.representative_id: each.for_whom for each in seen if each.representative_id}
    return sorted(found.items(), key=lambda each: each[1])


def _is_of(exam_summary: ExamSummary, whose: str) -> bool:
    acting = exam_summary.representative_id
    if whose == "mine":
        return acting is None
    return not whose or (acting is not None and to_text(acting) == whose)


def _has(exam_summary: ExamSummary, wanted: list[str]) -> bool:
    said = _words(exam_summary)
    return all(word in said for word in wanted)


def _words(exam_summary: ExamSummary) -> str:
    parts = [exam_summary.title, exam_summary.patient_name]
    parts += [each.title for each in exam_summary.series]
    days = (exam_summary.on, exam_summary.birth_date)
    parts += [f"{day:%d %B %Y} {day.isoformat()}" for day in days if day is not None]
    return " ".join(parts).casefold()
