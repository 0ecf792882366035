"""What else do two Safelights say to one another about a copy, when all of it was sent?

That the consent was taken back, once; and what was done with the copy there, so that it
stands in the owner's own list. Both wait for an open connection, and are tried again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import quote
from uuid import UUID

import orjson
from django.db import transaction

from safelight.exchange.access.errors import ConnectionClosedError
from safelight.exchange.access.systems import destination_of
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.transfer.by_safelight import address_of
from safelight.exchange.release.transfer.by_web import web_server
from safelight.exchange.release.transfer.events import TransferEvent
from safelight.exchange.release.transfer.models import CopyThere, DoneThere, Transfer
from safelight.platform.audit.actions import record
from safelight.platform.peers.causes import UnreachableError
from safelight.platform.peers.web import WebAnswer, line_to

_AT_ONCE: Final = 100
_SOON: Final = timedelta(minutes=15)
_LATER: Final = timedelta(days=1)
_FRESH: Final = timedelta(days=14)
# A visit's pictures are counted while it lasts: what was heard of is heard of again so long.
_STILL_COUNTED: Final = timedelta(minutes=30)
_PATIENCE: Final = 10.0  # seconds: nobody waits for it, and it is tried again
_LONGEST_KEY: Final = 40
_DONE: Final = frozenset({"looked", "downloaded", "received"})


def tell_withdrawals(*, at: datetime) -> int:
    """Tell partners which consents were taken back; return how many heard it."""
    waiting = CopyThere.objects.filter(withdrawal_told_at=None).exclude(transfer__consent_id=None)
    ended = Consent.objects.filter(revoked_at__isnull=False).values("id")
    told, silent = 0, set[UUID]()
    for row in waiting.filter(transfer__consent_id__in=ended).select_related("transfer")[:_AT_ONCE]:
        answer = _asked(row.transfer, "POST", "/withdraw", silent, at=at)
        if answer is None or answer.status not in {HTTPStatus.OK, HTTPStatus.NOT_FOUND}:
            continue
        with transaction.atomic():
            CopyThere.objects.filter(pk=row.pk).update(withdrawal_told_at=at)
            _note(TransferEvent.WITHDRAWAL_TOLD, row.transfer, at=at)
        told += 1
    return told


def hear_custody(*, at: datetime) -> int:
    """Ask partners what was done with copies; return how much was new."""
    due = CopyThere.objects.filter(ask_at__lte=at, transfer__sent__gt=0)
    heard, silent = 0, set[UUID]()
    for row in due.select_related("transfer").order_by("ask_at")[:_AT_ONCE]:
        after = row.heard_until - _STILL_COUNTED
        path = f"/custody?after={quote(after.isoformat())}"
        answer = _asked(row.transfer, "GET", path, silent, at=at)
        again = at + (_SOON if at - row.announced_at < _FRESH else _LATER)
        if answer is None or answer.status != HTTPStatus.OK:
            CopyThere.objects.filter(pk=row.pk).update(ask_at=again)
            continue
        found = list(_read(answer.body, until=at))
        with transaction.atomic():
            new = sum(_kept(row, each, at=at) for each in found)
            until = max((each.at for each in found), default=row.heard_until)
            CopyThere.objects.filter(pk=row.pk).update(
                heard_until=max(until, row.heard_until), ask_at=again
            )
            if new:
                _note(TransferEvent.CUSTODY_HEARD, row.transfer, at=at, count=new)
        heard += new
    return heard


def _asked(
    row: Transfer, method: str, path: str, silent: set[UUID], *, at: datetime
) -> WebAnswer | None:
    """Ask a partner, but one that was `silent` in this round not again."""
    if row.connection_id in silent:
        return None
    try:
        server = web_server(destination_of(row.connection_id, at=at))
        with line_to(server, patience=_PATIENCE) as line:
            return line.call(method, address_of(row.pk) + path)
    except (ConnectionClosedError, UnreachableError):
        silent.add(row.connection_id)
        return None


def _read(body: bytes, *, until: datetime) -> Iterator[DoneThere]:
    """Read what a partner said; what cannot be so is passed over."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return
    for each in said if isinstance(said, list) else ():
        try:
            moment = datetime.fromisoformat(each["at"])
            row = DoneThere(
                key=str(each["id"]), did=each["did"], at=moment, pictures=int(each["pictures"])
            )
        except (KeyError, TypeError, ValueError):
            continue
        fits = len(row.key) <= _LONGEST_KEY and row.did in _DONE and row.pictures >= 0
        if fits and moment.tzinfo is not None and moment <= until + _SOON:
            yield row


def _kept(there: CopyThere, done: DoneThere, *, at: datetime) -> bool:
    _, is_new = DoneThere.objects.update_or_create(
        there=there,
        key=done.key,
        defaults={"did": done.did, "at": done.at, "pictures": done.pictures},
        create_defaults={
            "did": done.did,
            "at": done.at,
            "pictures": done.pictures,
            "heard_at": at,
        },
    )
    return is_new


def _note(event: TransferEvent, row: Transfer, *, at: datetime, count: int = 0) -> None:
    record(
        event,
        actor="system",
        subject=f"study/{row.study_id}",
        vault_id=row.vault_id,
        consent_id=row.consent_id,
        count=count,
        detail={"connection": str(row.connection_id), "transfer": str(row.pk)},
        at=at,
    )
