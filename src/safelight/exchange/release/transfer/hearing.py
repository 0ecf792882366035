"""What was done with a copy at a partner's Safelight, as it stands in the owner's own list?

It is asked for again and again, and what cannot be so is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Final
from urllib.parse import quote
from uuid import UUID

import orjson
from django.db import transaction

from safelight.exchange.release.transfer.by_safelight import address_of
from safelight.exchange.release.transfer.custody import AT_ONCE as PAGE
from safelight.exchange.release.transfer.events import TransferEvent
from safelight.exchange.release.transfer.models import CopyThere, DoneThere
from safelight.exchange.release.transfer.speaking import AT_ONCE, SOON, next_time, note, spoken
from safelight.platform.peers.web import Line

# A visit's pictures are counted while it lasts: what was heard of is heard of again so long.
_STILL_COUNTED: Final = timedelta(minutes=30)
_KEY: Final = re.compile(r"[0-9a-f-]{1,40}")
_MOST_PICTURES: Final = 1_000_000
_MOST_PAGES: Final = 20


def hear_custody(*, at: datetime) -> int:
    """Ask partners what was done with copies; return how much was new."""
    due = CopyThere.objects.filter(ask_at__lte=at, transfer__sent__gt=0)
    heard, silent = 0, set[UUID]()
    for row in due.select_related("transfer").order_by("ask_at", "pk")[:AT_ONCE]:
        # Moved first: whatever comes of this one, the others have their turn.
        CopyThere.objects.filter(pk=row.pk).update(ask_at=next_time(row, at))
        heard += _heard(row, silent, at=at)
    return heard


def _heard(row: CopyThere, silent: set[UUID], *, at: datetime) -> int:
    """Ask about one copy, page by page; return how much was new."""
    after, new = row.heard_until - _STILL_COUNTED, 0
    for _ in range(_MOST_PAGES):
        path = f"{address_of(row.transfer_id)}/custody?after={quote(after.isoformat())}"
        answer = spoken(row, partial(Line.call, method="GET", path=path), silent, at=at)
        if answer is None or answer.status != HTTPStatus.OK:
            break
        found = list(_read(answer.body, since=after, until=at))
        with transaction.atomic():
            fresh = sum(_kept(row, each, at=at) for each in found)
            last = max((each.at for each in found), default=after)
            CopyThere.objects.filter(pk=row.pk, heard_until__lt=last).update(heard_until=last)
            if fresh:
                note(TransferEvent.CUSTODY_HEARD, row, at=at, count=fresh)
        new += fresh
        if len(found) < PAGE or last <= after:
            break
        after = last
    return new


def _read(body: bytes, *, since: datetime, until: datetime) -> Iterator[DoneThere]:
    """Read what a partner said; what cannot be so is passed over."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return
    for each in said[:PAGE] if isinstance(said, list) else ():
        if (row := _one(each)) is not None and since < row.at <= until + SOON:
            yield row


def _one(said: object) -> DoneThere | None:
    """Read one thing that a partner said was done; None where it is none."""
    if not isinstance(said, dict):
        return None
    key, did, at, pictures = (said.get(name) for name in ("id", "did", "at", "pictures"))
    if not (isinstance(key, str) and _KEY.fullmatch(key) and did == "looked"):
        return None
    if not (type(pictures) is int and 0 <= pictures <= _MOST_PICTURES and isinstance(at, str)):
        return None
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return DoneThere(key=key, did="looked", at=moment.astimezone(UTC), pictures=pictures)


def _kept(there: CopyThere, done: DoneThere, *, at: datetime) -> bool:
    said = {"did": done.did, "at": done.at, "pictures": done.pictures}
    _, is_new = DoneThere.objects.update_or_create(
        there=there, key=done.key, defaults=said, create_defaults=said | {"heard_at": at}
    )
    return is_new
