"""The privacy official's pages of requests: what is due first, and one request with its acts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from safelight.exchange.access.facts import Party
from safelight.exchange.access.staff import require_staff
from safelight.governance.deadlines.clocks import CLOCKS
from safelight.governance.deadlines.errors import ExtensionRefusedError
from safelight.governance.deadlines.rules import is_over
from safelight.governance.rights.asking import MOST_WORDS, Wish, enter
from safelight.governance.rights.authorities import authorities_for, change_authority
from safelight.governance.rights.handling import desk, move, put_off, read_one, send_letter
from safelight.governance.rights.moving import deadline_of
from safelight.governance.rights.rules import DENYING, NEXT, OPEN, Channel, Ground, Kind, State
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError
from safelight.kernel.ids import from_text, to_text
from safelight.records.accounts.models import StaffRole
from safelight.surfaces.web.callers import party_of_request
from safelight.surfaces.web.rights_words import ACTS, CHANNELS, GROUNDS, KINDS, STATES

_ROOM = {"room": "operator-rights"}


@require_safe
@login_required
def desk_page(request: HttpRequest) -> HttpResponse:
    """Show what is open, what is due first, first; that it was read is recorded."""
    return _desk(request, party_of_request(request), {}, {})


@require_POST
@login_required
def enter_page(request: HttpRequest) -> HttpResponse:
    """Write down what came by mail or phone."""
    party = party_of_request(request)
    require_staff(party, StaffRole.PRIVACY_OFFICIAL)
    asked = {
        each: request.POST.get(each, "")
        for each in ("kind", "words", "country", "contact", "channel")
    }
    try:
        wish, channel = _read(asked)
        made = enter(party, wish, asked["contact"], channel, at=clock.now())
    except InvalidFieldError as error:
        return _desk(request, party, asked, {error.field: str(error)})
    messages.success(request, _("It is written down, and runs."))
    return redirect("operator-right", to_text(made.pk))


@require_safe
@login_required
def one_page(request: HttpRequest, right_id: str) -> HttpResponse:
    """Show one request; that it was read is recorded."""
    at = clock.now()
    row = read_one(party_of_request(request), from_text(right_id), at=at)
    deadline, state = deadline_of(row), State(row.state)
    following = [each for each in NEXT[state] if each is not State.WITHDRAWN]
    context = _ROOM | {
        "row": row,
        "title": KINDS[row.kind][0],
        "state": STATES[row.state],
        "deadline": deadline,
        "source": CLOCKS[deadline.clock].source,
        "late": deadline.met_at is None and is_over(deadline.due, at),
        "may_extend": deadline.extendable_until and not deadline.extended_at and state in OPEN,
        "steps": [(STATES[each.state], each) for each in row.steps.order_by("pk")],
        "acts": [
            (each.value, ACTS[each]) for each in State if each in following and each not in DENYING
        ],
        "denials": [
            (each.value, ACTS[each]) for each in State if each in following and each in DENYING
        ],
        "may_write": state in OPEN and state is not State.RECEIVED,
        "grounds": GROUNDS,
        "ground": GROUNDS.get(row.ground, ""),
        "authorities": authorities_for(row.country),
    }
    return render(request, "officer/right.html", context)


@require_POST
@login_required
def act_page(request: HttpRequest, right_id: str) -> HttpResponse:
    """Take a request one step on, write its letter, or extend it."""
    party, at = party_of_request(request), clock.now()
    row = read_one(party, from_text(right_id), at=at)
    act, words = request.POST.get("act", ""), request.POST.get("words", "")
    if act == "letter":
        send_letter(party, row.pk, words, at=at)
    elif act == "extend":
        try:
            put_off(party, row.pk, words, at=at)
        except ExtensionRefusedError as error:
            messages.error(request, str(error))
            return redirect("operator-right", right_id)
    elif act in ACTS:
        ground = request.POST.get("ground", "")
        known = Ground(ground) if ground in GROUNDS else None
        move(party, row.pk, State(act), words, ground=known, at=at)
    else:
        raise InvalidFieldError("act", "It is none of the acts.")
    messages.success(request, _("It is done, and on record."))
    return redirect("operator-right", right_id)


@require_POST
@login_required
def authority_page(request: HttpRequest) -> HttpResponse:
    """Set who hears complaints anew."""
    said = request.POST
    party, name, page = party_of_request(request), said.get("name", ""), said.get("page", "")
    code = said.get("code", "")
    try:
        change_authority(party, code, name, page, at=clock.now())
    except InvalidFieldError as error:
        return _desk(request, party, {}, {f"authority-{code}": str(error)})
    messages.success(request, _("It is set, and dated today."))
    return redirect("operator-rights")


def _read(asked: dict[str, str]) -> tuple[Wish, Channel]:
    if asked["kind"] not in KINDS:
        raise InvalidFieldError("kind", _("Choose what is asked for."))
    if asked["channel"] not in CHANNELS:
        raise InvalidFieldError("channel", _("Say how it came."))
    wish = Wish(kind=Kind(asked["kind"]), words=asked["words"], country=asked["country"])
    return wish, Channel(asked["channel"])


def _desk(
    request: HttpRequest, party: Party, asked: dict[str, str], faults: dict[str, str]
) -> HttpResponse:
    at = clock.now()
    lines = [
        (
            each.request,
            KINDS[each.request.kind][0],
            STATES[each.request.state],
            each.deadline,
            is_over(each.deadline.due, at),
        )
        for each in desk(party, at=at)
    ]
    context: dict[str, Any] = _ROOM | {
        "lines": lines,
        "kinds": KINDS,
        "channels": CHANNELS,
        "asked": asked,
        "faults": faults,
        "most_words": MOST_WORDS,
        "authorities": authorities_for(""),
    }
    return render(request, "officer/rights.html", context, status=422 if faults else 200)
