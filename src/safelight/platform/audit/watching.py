"""What does detection read of the trail?

Each entry once, in the order of the trail, with the address it came from; and what the
minute that still runs has counted so far. Nothing of it is shown to a person: reading by
people is `queries.py`, which records it.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

import orjson

from safelight.platform.audit.actions import detail_key, detail_name, opened_origin
from safelight.platform.audit.entry import time_of
from safelight.platform.audit.events import Outcome
from safelight.platform.audit.models import Checkpoint, DenialFold, Entry
from safelight.platform.keys.cipher import unseal
from safelight.platform.keys.errors import KeyDestroyedError, KeyUnknownError

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One entry, or what a running minute has counted (`seq` is 0): how often, and from where.

    `origin` is an address in the clear; it must not be kept so.
    """

    seq: int
    at: datetime
    kind: str
    outcome: str
    actor: str
    subject: str = ""
    vault_id: UUID | None = None
    session: str = ""
    reason: str = ""
    origin: str = ""
    times: int = 1
    count: int = 0
    size: int = 0


def entries_after(seq: int, *, limit: int) -> list[Happened]:
    """Return the next entries of the trail that have their place, in order."""
    rows = Entry.objects.filter(seq__gt=seq).order_by("seq")[:limit]
    return [_happened(row.seq or 0, row.text) for row in rows]


def latest_seq() -> int:
    """Return where the trail ends now; 0 where it is empty."""
    last = Entry.objects.filter(seq__isnull=False).order_by("-seq").values_list("seq", flat=True)
    return last.first() or 0


def entries_with(seqs: Collection[int]) -> list[Happened]:
    """Return entries by their places, the latest first, without where they came from."""
    rows = Entry.objects.filter(seq__in=list(seqs)).order_by("-seq")
    return [replace(_happened(row.seq or 0, row.text), origin="") for row in rows]


def seq_before(moment: datetime) -> int:
    """Return the place of the last entry before a moment; 0 where there is none."""
    rows = Entry.objects.filter(seq__isnull=False, at__lt=moment).order_by("-seq")
    return rows.values_list("seq", flat=True).first() or 0


def unsigned_since() -> datetime | None:
    """Return since when an entry waits for its place or for a signature over it; None if none."""
    waiting = Entry.objects.filter(seq__isnull=True).order_by("row").values_list("at", flat=True)
    last = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
    # The entry of the last checkpoint itself is no reason for another.
    unsigned = Entry.objects.filter(seq__gt=last + 1).order_by("seq").values_list("at", flat=True)
    found = [at for at in (waiting.first(), unsigned.first()) if at is not None]
    return min(found, default=None)


def sessions_in(seqs: Collection[int]) -> list[str]:
    """Return the sessions and tokens through which these entries were done, the latest first."""
    texts = Entry.objects.filter(seq__in=list(seqs)).order_by("-seq").values_list("text", flat=True)
    return list(dict.fromkeys(said for text in texts if (said := orjson.loads(text)["session"])))


def running_counts() -> list[Happened]:
    """Return what minutes that are not over have counted beyond what is written."""
    return [
        Happened(
            seq=0,
            at=fold.minute,
            kind=fold.kind,
            outcome=Outcome.DENIED.value,
            actor=fold.actor,
            subject=fold.subject_kind,
            reason=fold.reason,
            origin=opened_origin(bytes(fold.origin)),
            times=fold.more,
        )
        for fold in DenialFold.objects.filter(more__gt=0).order_by("pk")
    ]


def _happened(seq: int, text: str) -> Happened:
    said = orjson.loads(text)
    vault_id = UUID(said["vault"]) if said["vault"] else None
    denied = said["outcome"] == Outcome.DENIED.value
    return Happened(
        seq=seq,
        at=time_of(said["at"]),
        kind=said["kind"],
        outcome=said["outcome"],
        actor=said["actor"],
        subject=said["subject"],
        vault_id=vault_id,
        session=said["session"],
        reason=said["reason"],
        origin=_origin(said, vault_id) if said["origin"] else "",
        times=max(1, said["count"]) if denied else 1,
        count=said["count"],
        size=said["size"],
    )


def _origin(said: dict[str, str], vault_id: UUID | None) -> str:
    try:
        sealed = base64.b64decode(said["detail"])
        opened = unseal(detail_key(vault_id), sealed, bound_to=detail_name(UUID(said["id"])))
    except (KeyDestroyedError, KeyUnknownError):
        return ""  # the vault is gone, and with it who came from where
    origin: str = orjson.loads(opened).get("origin", "")
    return origin
