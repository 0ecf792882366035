"""In which order did it happen?

One sequencer at a time (the row lock on the tip; on SQLite the IMMEDIATE
transaction) takes the committed entries in the order they were written and gives
each its gap-free sequence, its link in the chain and its leaf in the tree. The tip
is signed with every batch, so that a shortened trail does not pass for a whole one.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction

from safelight.kernel import clock
from safelight.platform.audit.actions import record
from safelight.platform.audit.checkpoints import is_note, note, signer
from safelight.platform.audit.entry import mac
from safelight.platform.audit.errors import TipBrokenError
from safelight.platform.audit.events import AuditEvent
from safelight.platform.audit.folds import closed_folds, write_closed_folds
from safelight.platform.audit.merkle import Frontier, leaf_hash
from safelight.platform.audit.models import Checkpoint, Entry, Tip
from safelight.platform.audit.offline.trail import NO_CHAIN
from safelight.platform.audit.tree import place
from safelight.platform.keys.ring import ring

if TYPE_CHECKING:
    from datetime import datetime

BATCH = 1000  # entries taken in one transaction, and between two checkpoints
CHECKPOINT_EVERY = timedelta(seconds=60)
_TIP = 1
_PLACE = "UPDATE audit_entry SET seq = %s, chain = %s WHERE row = %s AND seq IS NULL"
_KEEP = "INSERT INTO audit_node (place, hash) VALUES (%s, %s)"

logger = logging.getLogger(__name__)


def sequence_once() -> int:
    """Give their places to at most `BATCH` waiting entries and return how many.

    Call it about twice a second, and again at once while it returns `BATCH`.

    Raises:
        TipBrokenError: the tip is not as it was signed. Nothing is added: the
            entries wait, and the verifier says so.
    """
    at = clock.now()
    if not _has_work(at):
        return 0
    with transaction.atomic():
        return _sequence(at)


def _has_work(at: datetime) -> bool:
    # Plain reads: an idle worker takes no write lock.
    if Entry.objects.filter(seq__isnull=True).exists() or closed_folds(at).exists():
        return True
    tip = Tip.objects.filter(pk=_TIP).first()
    return tip is not None and _is_due(tip.size, at)


def _sequence(at: datetime) -> int:
    tip, _ = Tip.objects.select_for_update().get_or_create(
        pk=_TIP, defaults={"chain": NO_CHAIN, "frontier": b"", "note": ""}
    )
    frontier = _frontier(tip)
    write_closed_folds(at)
    placed = _place_waiting(tip, frontier)
    if placed:
        tip.size, tip.frontier = frontier.size, frontier.to_bytes()
        tip.note = note(signer(after=tip.note), frontier.size, frontier.root())
        tip.save()
    if _is_due(tip.size, at):
        _sign(tip, frontier, at)
    return placed


def checkpoint_now(*, at: datetime) -> Checkpoint:
    """Return the checkpoint of all that is in its place, signed now where none was due yet.

    Raises:
        TipBrokenError: the tip is not as it was signed.
    """
    with transaction.atomic():
        tip = Tip.objects.select_for_update().get(pk=_TIP)
        signed = Checkpoint.objects.filter(size=tip.size).first()
        return signed or _sign(tip, _frontier(tip), at)


def _sign(tip: Tip, frontier: Frontier, at: datetime) -> Checkpoint:
    record(
        AuditEvent.CHECKPOINT_SIGNED,
        actor="system",
        at=at,
        subject=f"checkpoint/{tip.size}",
        reason=frontier.root().hex(),
    )
    return Checkpoint.objects.create(size=tip.size, at=at, note=tip.note)


def _frontier(tip: Tip) -> Frontier:
    """Return the tree's right edge, if the tip is what we signed."""
    try:
        frontier = Frontier.from_bytes(tip.size, bytes(tip.frontier))
    except ValueError:
        raise TipBrokenError from None
    if tip.size == 0:
        if Entry.objects.filter(seq__isnull=False).exists():
            raise TipBrokenError
        return frontier
    last = Entry.objects.filter(seq=tip.size).values_list("chain", flat=True).first()
    if last != tip.chain or not is_note(tip.note, tip.size, frontier.root()):
        raise TipBrokenError
    return frontier


def _place_waiting(tip: Tip, frontier: Frontier) -> int:
    """Chain the waiting entries after `tip`, moving it and `frontier` along."""
    waiting = Entry.objects.filter(seq__isnull=True).order_by("row")
    key = ring().instance_key("audit-entry")
    places: list[tuple[int, bytes, int]] = []
    nodes: list[tuple[int, bytes]] = []
    for row, text, made in waiting.values_list("row", "text", "mac")[:BATCH]:
        if not hmac.compare_digest(mac(key, text), made):
            # Left without a place, so that every verification names it.
            logger.error("audit entry in row %d was not written by this instance", row)
            continue
        leaf = leaf_hash(text.encode())
        tip.chain = hashlib.sha256(bytes(tip.chain) + leaf).digest()
        nodes.extend((place(level, at), root) for level, at, root in frontier.append(leaf))
        places.append((frontier.size, tip.chain, row))
    with connection.cursor() as cursor:
        cursor.executemany(_PLACE, places)
        cursor.executemany(_KEEP, nodes)
    return len(places)


def _is_due(size: int, at: datetime) -> bool:
    last = Checkpoint.objects.order_by("-size").values_list("size", "at").first()
    if last is None:
        return size > 0
    last_size, last_at = last
    grown = size - last_size
    # The last checkpoint's own entry is no reason for another.
    return grown >= BATCH or (grown > 1 and at - last_at >= CHECKPOINT_EVERY)
