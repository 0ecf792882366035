"""What lies before me, who takes it on, and what have I asked for?"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from safelight.dicom.search.titles import modality_words
from safelight.exchange.release.inbox.assigning import assign, give_back, may_take, who_may_take
from safelight.exchange.release.inbox.givers import ended, givers
from safelight.exchange.release.inbox.listing import inbox
from safelight.exchange.release.inbox.wanted import (
    COLLEAGUES,
    DAYS,
    ME,
    MODALITIES,
    NOBODY,
    wanted_of,
)
from safelight.exchange.release.sharing.asking import asked_by
from safelight.exchange.release.sharing.named import named
from safelight.kernel import clock
from safelight.kernel.ids import from_text, to_text
from safelight.surfaces.web.callers import party_of_request

_SHOWN: Final = {
    "new": gettext_lazy("Not opened yet"),
    "soon": gettext_lazy("Ends within 3 days"),
    "report": gettext_lazy("Waits for a report"),
}
_DAYS: Final = {
    "1": gettext_lazy("In the last day"),
    "7": gettext_lazy("In the last 7 days"),
    "30": gettext_lazy("In the last 30 days"),
}
_HELD: Final = {
    ME: gettext_lazy("Me"),
    NOBODY: gettext_lazy("Nobody"),
    COLLEAGUES: gettext_lazy("A colleague"),
}


@require_GET
@login_required
def inbox_page(request: HttpRequest) -> HttpResponse:
    """List it a page at a time; what ended says nothing of the patient.

    It tells what the consents say. No exam is opened by it, so nobody is told of a look.
    """
    party, at = party_of_request(request), clock.now()
    wanted = wanted_of(request.GET.dict())
    page = inbox(party, wanted, at=at)
    narrowed = wanted.fields()
    onwards = narrowed | ({"after": page.next.text()} if page.next else {})
    context = {
        "rows": page.rows,
        "named": [] if narrowed or wanted.after else named(party, at=at),
        "older": urlencode(onwards) if page.next else "",
        "here": urlencode(narrowed | ({"after": wanted.after.text()} if wanted.after else {})),
        "asks_on": bool(wanted.after),
        "narrowed": narrowed,
        "shown": _SHOWN,
        "modalities": {code: f"{modality_words(code)} ({code})" for code in MODALITIES},
        "days": {each: _DAYS[each] for each in DAYS},
        "holders": _HELD,
        "givers": {to_text(each.id): each.name for each in givers(party, at=at)},
        "may_take": may_take(party),
        "ended": [] if narrowed or wanted.after else ended(party, at=at),
        "asked": [] if narrowed or wanted.after else asked_by(party, at=at),
        "open": {row.study_id for row in page.rows},
        "now": at,
    }
    return render(request, "inbox/list.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def assign_page(request: HttpRequest, exam_id: str) -> HttpResponse:
    """Take an exam on, hand it to a colleague who may see it as well, or give it back."""
    party, at, study_id = party_of_request(request), clock.now(), from_text(exam_id)
    if request.method == "GET":
        context = {
            "exam_id": exam_id,
            "colleagues": who_may_take(party, study_id, at=at),
            "here": _narrowed(request.GET.get("back", "")),
        }
        return render(request, "inbox/assign.html", context)
    to = request.POST.get("to", "")
    if to == NOBODY:
        give_back(party, study_id, at=at)
        messages.success(request, _("Nobody has it now."))
    elif to == ME:
        assign(party, study_id, party.account, at=at)
        messages.success(request, _("You have it now. Your colleagues see that in their inbox."))
    else:
        assign(party, study_id, from_text(to), at=at)
        messages.success(request, _("Your colleague has it now."))
    back = _narrowed(request.POST.get("back", ""))
    return redirect(f"{reverse('inbox')}{'?' if back else ''}{back}#{exam_id}")


def _narrowed(said: str) -> str:
    """Return the part of an address that narrows the inbox, of what a form brought along."""
    wanted = wanted_of(QueryDict(said).dict())
    place = {"after": wanted.after.text()} if wanted.after else {}
    return urlencode(wanted.fields() | place)
