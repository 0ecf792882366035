"""How do the pages look on which the record is reviewed and its sealed parts are opened?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from safelight.governance.review.models import Decision, Item
from safelight.governance.review.rules import Rule
from safelight.surfaces.web.internal.scene import DRAFT, Scene
from safelight.surfaces.web.review import shown
from safelight.surfaces.web.trail_details import LONGEST, REASONS

_READER: Final = f"account/{UUID(int=2 << 100)}"
_OPENED: Final = {"origin": "192.0.2.17", "words": "Case 17 of this spring"}


def _item(number: int, rule: Rule, at: datetime, **more: object) -> Item:
    facts: dict[str, Any] = {
        "id": UUID(int=700 + number),
        "entry_id": UUID(int=800 + number),
        "rule": rule,
        "at": at - timedelta(hours=5 * number),
        "kind": "study.looked-at",
        "actor": f"account/{UUID(int=(3 + number) << 100)}",
        "subject": f"study/{UUID(int=(40 + number) << 100)}",
    }
    return Item(**(facts | more))


def _review(at: datetime) -> dict[str, Any]:
    waiting = [
        _item(1, Rule.MARKED_PERSON, at),
        _item(2, Rule.SAME_SURNAME, at),
        _item(3, Rule.AFTER_HOURS, at, actor=_READER),
    ]
    words = "The ward had called her in."
    decided = [_item(4, Rule.UNUSUAL_PLACE, at, decision=Decision.TALKED, words=words)]
    return shown(waiting, decided, reader=_READER, may=True)


def _nothing(at: datetime) -> dict[str, Any]:
    del at
    return shown([], [], reader=_READER, may=True)


def _detail(at: datetime, **more: object) -> dict[str, Any]:
    del at
    return {"reasons": REASONS, "longest": LONGEST, "entry_id": DRAFT, "room": "trail", **more}


RECORD: Final = {
    "review": Scene("officer/review.html", _review, "officer", "operator-review"),
    "review-none": Scene("officer/review.html", _nothing, "officer", "operator-review"),
    "detail": Scene("officer/detail.html", _detail, "officer", "trail"),
    "detail-wrong": Scene(
        "officer/detail.html", lambda at: _detail(at, is_wrong=True, asked={}), "officer", "trail"
    ),
    "detail-opened": Scene(
        "officer/detail.html", lambda at: _detail(at, opened=_OPENED), "officer", "trail"
    ),
}
