"""In which states do the pages of every way to sign exist?"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from safelight.exchange.consent.handwriting import HEIGHT, WIDTH
from safelight.surfaces.web.internal.giving_scenes import GIVING
from safelight.surfaces.web.internal.scene import DRAFT, Scene

_DRAWN: Final = [
    "90,230 150,90 210,230 120,180 230,180",
    "260,120 300,230 340,120 360,230 420,140 470,230",
    "520,60 520,230 600,150 680,230 760,130 900,210",
]


def _check_by_hand(at: datetime) -> dict[str, Any]:
    return GIVING["share-check"].make(at) | {"lines": _DRAWN}


def _sign(at: datetime) -> dict[str, Any]:
    del at
    field = {"width": WIDTH, "height": HEIGHT, "faults": {}, "lines": []}
    return field | {"draft_id": DRAFT, "name": "Dr Ada Example"}


def _sign_again(at: datetime) -> dict[str, Any]:
    return _sign(at) | {"lines": _DRAWN}


def _sign_wrong(at: datetime) -> dict[str, Any]:
    return _sign(at) | {"faults": {"handwriting": "This is too short for a signature."}}


SIGNING: Final = {
    "share-check-by-hand": Scene("share/check.html", _check_by_hand),
    "share-sign": Scene("share/sign.html", _sign),
    "share-sign-again": Scene("share/sign.html", _sign_again),
    "share-sign-wrong": Scene("share/sign.html", _sign_wrong),
}
