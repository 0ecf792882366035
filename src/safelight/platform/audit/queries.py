"""What does the trail say, and to whom was it shown?

`read_trail` and `open_detail` record who read. The others answer rooms above that
show people their own history, and record that themselves. None of them decides
who may read: that is the access room's, before it calls.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import Q

from safelight.platform.audit.actions import detail_key, detail_name, record
from safelight.platform.audit.entry import time_of
from safelight.platform.audit.errors import DetailGoneError, EntryUnknownError
from safelight.platform.audit.events import AuditEvent, Outcome
from safelight.platform.audit.models import Entry
from safelight.platform.audit.naming import named, under_consent
from safelight.platform.keys.cipher import unseal
from safelight.platform.keys.errors import KeyDestroyedError, KeyUnknownError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet

PAGE = 100
_ALL = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailFilter:
    """Which entries are asked for. An empty part asks for all; they are all to hold.

    `actor` and `subject` take whole names and beginnings of them (naming.py); a consent as
    `subject` also asks for what it allowed. `owned_vault_id` adds to a subject what happened
    to the exams that are theirs. `within` is what the reader may read at all: a condition upon
    rows of the trail, made by the room that decides.
    """

    kinds: Sequence[str] = ()
    without: Sequence[str] = ()
    outcome: str = ""
    went_wrong: bool = False
    actor: str = ""
    subject: str = ""
    owned_vault_id: UUID | None = None
    vault_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    within: Q | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailEntry:
    """One entry as it is shown. `seq` is None until the sequencer gave it a place."""

    row: int
    seq: int | None
    entry_id: UUID
    at: datetime
    kind: str
    outcome: str
    actor: str
    on_behalf: str
    subject: str
    vault_id: UUID | None
    session: str
    origin: str
    purpose: str
    consent_id: UUID | None
    reason: str
    count: int
    size: int
    has_detail: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries, newest first; ask again with `older_than` for those before them."""

    entries: tuple[TrailEntry, ...]
    older_than: int | None


@transaction.atomic
def read_trail(
    reader: str,
    wanted: TrailFilter,
    *,
    at: datetime,
    older_than: int | None = None,
    limit: int = PAGE,
) -> Page:
    """Return a page of the trail, and record that `reader` ("account/<id>") saw it."""
    page = page_of(wanted, older_than=older_than, limit=limit)
    record(
        AuditEvent.READ,
        actor=reader,
        at=at,
        vault_id=wanted.vault_id,
        count=len(page.entries),
        detail={
            "kinds": list(wanted.kinds),
            "outcome": wanted.outcome,
            "actor": wanted.actor,
            "subject": wanted.subject,
        },
    )
    return page


@transaction.atomic
def open_detail(
    reader: str,
    entry_id: UUID,
    *,
    at: datetime,
    reason: str = "",
    words: str = "",
    within: Q | None = None,
) -> dict[str, Any]:
    """Return the sealed part of an entry, and record that `reader` opened it, and why.

    `reason` is a code; `words` say more, and are sealed. `within` is as for `TrailFilter`.

    Raises:
        EntryUnknownError: there is no such entry, or it is not this reader's to read.
        DetailGoneError: the key was destroyed when the last duty to keep it ended.
        SealBrokenError: it is not what was sealed.
    """
    rows = Entry.objects.filter(entry_id=entry_id)
    row = (rows if within is None else rows.filter(within)).first()
    if row is None:
        raise EntryUnknownError
    record(
        AuditEvent.DETAIL_OPENED,
        actor=reader,
        at=at,
        vault_id=row.vault_id,
        subject=f"entry/{entry_id}",
        reason=reason,
        detail={"words": words} if words else None,
    )
    return detail_of(row)


def is_entry(entry_id: UUID, *, within: Q | None = None) -> bool:
    """Say whether there is such an entry, and it is a reader's to read."""
    rows = Entry.objects.filter(entry_id=entry_id)
    return (rows if within is None else rows.filter(within)).exists()


def page_of(wanted: TrailFilter, *, older_than: int | None = None, limit: int = PAGE) -> Page:
    """Return a page of the trail for a caller that records the reading itself."""
    rows = list(_rows(wanted).filter(row__lt=older_than or _ALL)[: limit + 1])
    shown = tuple(_shown(row) for row in rows[:limit])
    return Page(shown, shown[-1].row if len(rows) > limit else None)


def has_entries(wanted: TrailFilter) -> bool:
    """Say whether any entry fits, for a caller that tells no more of it."""
    return _rows(wanted).exists()


def placed_after(
    seq: int, wanted: TrailFilter, *, upto: int = _ALL, limit: int = PAGE
) -> list[TrailEntry]:
    """Return the next entries that have their place, oldest first, for a caller that records it."""
    rows = _rows(wanted).filter(seq__gt=seq, seq__lte=upto).order_by("seq")
    return [_shown(row) for row in rows[:limit]]


def count_placed(wanted: TrailFilter, *, upto: int) -> int:
    """Count the entries that have their place up to one."""
    return _rows(wanted).filter(seq__gt=0, seq__lte=upto).count()


def vaults_in(wanted: TrailFilter) -> QuerySet[Entry, UUID | None]:
    """Return the vaults that these entries are about, each once."""
    about = _rows(wanted).filter(vault_id__isnull=False).order_by()
    return about.values_list("vault_id", flat=True).distinct()


def events_about(subject: str, *, older_than: int | None = None, limit: int = PAGE) -> Page:
    """Return what happened to one subject, e.g. "study/<id>"."""
    return page_of(TrailFilter(subject=subject), older_than=older_than, limit=limit)


def events_in_vault(
    vault_id: UUID, *, kinds: Sequence[str] = (), older_than: int | None = None, limit: int = PAGE
) -> Page:
    """Return what happened in one vault."""
    wanted = TrailFilter(vault_id=vault_id, kinds=kinds)
    return page_of(wanted, older_than=older_than, limit=limit)


def refusals_since(since: datetime, *, limit: int = PAGE) -> Page:
    """Return refused attempts since a time, newest first."""
    return page_of(TrailFilter(outcome=Outcome.DENIED.value, since=since), limit=limit)


def newest_at() -> datetime | None:
    """Return the time of the entry that was written last; None where the record is empty."""
    return Entry.objects.order_by("-row").values_list("at", flat=True).first()


def detail_of(row: Entry) -> dict[str, Any]:
    """Open an entry's sealed part; empty where it has none. Raises like `open_detail`."""
    sealed = orjson.loads(row.text)["detail"]
    if not sealed:
        return {}
    try:
        key = detail_key(row.vault_id)
    except (KeyDestroyedError, KeyUnknownError):
        raise DetailGoneError from None
    opened = unseal(key, base64.b64decode(sealed), bound_to=detail_name(row.entry_id))
    detail: dict[str, Any] = orjson.loads(opened)
    return detail


def _rows(wanted: TrailFilter) -> QuerySet[Entry]:
    exact: dict[str, Any] = {
        "kind__in": tuple(wanted.kinds),
        "outcome": wanted.outcome,
        "vault_id": wanted.vault_id,
        "at__gte": wanted.since,
        "at__lt": wanted.until,
    }
    rows = Entry.objects.filter(**{name: value for name, value in exact.items() if value})
    if wanted.within is not None:
        rows = rows.filter(wanted.within)
    if wanted.without:
        rows = rows.exclude(kind__in=tuple(wanted.without))
    if wanted.went_wrong:
        rows = rows.exclude(outcome=Outcome.OK.value)
    if wanted.actor:
        rows = rows.filter(named("actor", wanted.actor))
    if wanted.subject:
        about = named("subject", wanted.subject) | under_consent(wanted.subject)
        if wanted.owned_vault_id:
            about |= Q(vault_id=wanted.owned_vault_id)
        rows = rows.filter(about)
    return rows.order_by("-row")


def _shown(row: Entry) -> TrailEntry:
    # From the text that is hashed, not from the columns beside it.
    said = orjson.loads(row.text)
    return TrailEntry(
        row=row.row,
        seq=row.seq,
        entry_id=UUID(said["id"]),
        at=time_of(said["at"]),
        kind=said["kind"],
        outcome=said["outcome"],
        actor=said["actor"],
        on_behalf=said["on_behalf"],
        subject=said["subject"],
        vault_id=UUID(said["vault"]) if said["vault"] else None,
        session=said["session"],
        origin=said["origin"],
        purpose=said["purpose"],
        consent_id=UUID(said["consent"]) if said["consent"] else None,
        reason=said["reason"],
        count=said["count"],
        size=said["size"],
        has_detail=bool(said["detail"]),
    )
