"""In which states do the pages of somebody with whom something is shared exist?"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from safelight.exchange.release.sharing.offers import Offer
from safelight.surfaces.web.internal import cast
from safelight.surfaces.web.internal.scene import DRAFT, Make, Scene


def _open(at: datetime) -> dict[str, Any]:
    del at
    return {"share_id": DRAFT}


def _open_wrong(at: datetime) -> dict[str, Any]:
    return _open(at) | {"wrong": True}


def _offer(at: datetime, *, proved: bool = False) -> Offer:
    return Offer(
        purpose="for a second opinion",
        starts_at=at - 9 * cast.A_DAY,
        ends_at=at + 21 * cast.A_DAY,
        may_download=proved,
        may_pass_on=False,
        masked_address="e•••@c•••.example",
        asks_passphrase=True,
        is_your_account=False,
        is_waiting=False,
        giver=cast.OWNER if proved else "",
        recipient="Dr Ada Example" if proved else "",
    )


def _code(at: datetime) -> dict[str, Any]:
    return {"share_id": DRAFT, "offer": _offer(at), "tries_left": None}


def _code_wrong(at: datetime) -> dict[str, Any]:
    return _code(at) | {"tries_left": 3}


def _code_disagreed(at: datetime) -> dict[str, Any]:
    return _code(at) | {"wants_agreement": True}


def _shared_exam(at: datetime) -> dict[str, Any]:
    return {"share_id": DRAFT, "offer": _offer(at, proved=True), "exams": cast.exams(at)[:1]}


def _shared_nothing(at: datetime) -> dict[str, Any]:
    return _shared_exam(at) | {"exams": []}


def _nothing(at: datetime) -> dict[str, Any]:
    del at
    return {}


def _ended(why: str) -> Make:
    def make(at: datetime) -> dict[str, Any]:
        del at
        return {"why": why, "locked": why == "share_locked"}

    return make


RECEIVING: Final = {
    "open": Scene("recipient/open.html", _open, ""),
    "open-wrong": Scene("recipient/open.html", _open_wrong, ""),
    "code": Scene("recipient/code.html", _code, ""),
    "code-wrong": Scene("recipient/code.html", _code_wrong, ""),
    "code-disagreed": Scene("recipient/code.html", _code_disagreed, ""),
    "waiting": Scene("recipient/waiting.html", _code, ""),
    "shared-exam": Scene("recipient/exam.html", _shared_exam, ""),
    "shared-nothing": Scene("recipient/exam.html", _shared_nothing, ""),
    "ended-expired": Scene("recipient/ended.html", _ended("share_expired"), ""),
    "ended-taken-back": Scene("recipient/ended.html", _ended("share_revoked"), ""),
    "ended-locked": Scene("recipient/ended.html", _ended("share_locked"), ""),
    "ended-used-up": Scene("recipient/ended.html", _ended("share_used_up"), ""),
    "ended-paused": Scene("recipient/ended.html", _ended("share_paused"), ""),
    "ended-sent-back": Scene("recipient/ended.html", _ended("share_declined"), ""),
    "ended-turned-down": Scene("recipient/turned_down.html", _nothing, ""),
    "ended-not-yet": Scene("recipient/ended.html", _ended("share_not_started"), ""),
}
