"""How does the trail leave, so that an auditor can verify it without us?

As JSON lines for `verify_audit.py`, whose opening says what each line is. Details
stay sealed: an auditor sees who did what to which id, and that nothing is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from django.db import transaction

from safelight.platform.audit.actions import record
from safelight.platform.audit.checkpoints import first_key, keys_to_add, note, signer
from safelight.platform.audit.events import AuditEvent
from safelight.platform.audit.merkle import Frontier
from safelight.platform.audit.models import Checkpoint, Entry, Tip
from safelight.platform.audit.witnesses import cosigned

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

VERSION = 1


def export_trail(actor: str, *, at: datetime) -> Iterator[bytes]:
    """Record that the trail is handed out, then return its lines as signed up to now.

    The record is committed before this returns; the lines are made as they are taken.
    """
    with transaction.atomic():
        tip = Tip.objects.first()
        size = 0 if tip is None else tip.size
        record(AuditEvent.EXPORTED, actor=actor, at=at, count=size)
    return _lines(size, note(signer(), 0, Frontier().root()) if tip is None else tip.note)


def _lines(size: int, last_note: str) -> Iterator[bytes]:
    yield _line(type="trail", v=VERSION, key=first_key(), **keys_to_add())
    checkpoints = Checkpoint.objects.filter(size__lte=size).order_by("size").iterator()
    due = next(checkpoints, None)
    entries = Entry.objects.filter(seq__lte=size).order_by("seq")
    for seq, text, chain in entries.values_list("seq", "text", "chain").iterator(chunk_size=2000):
        yield _line(type="entry", seq=seq, entry=text, chain=bytes(chain or b"").hex())
        while due is not None and due.size <= (seq or 0):
            yield _line(type="checkpoint", note=cosigned(due))
            due = next(checkpoints, None)
    yield _line(type="end", note=last_note)


def public_key() -> str:
    """Return the key to verify with, as text; give it to auditors by another way.

    It is the first of its line: the others go along, and are believed for its sake.
    """
    return first_key()


def latest_checkpoint() -> str:
    """Return the newest signed checkpoint, for a witness to keep; empty before the first."""
    last = Checkpoint.objects.order_by("-size").first()
    return "" if last is None else last.note


def _line(**said: Any) -> bytes:  # noqa: ANN401 (what a line says)
    return orjson.dumps(said) + b"\n"
