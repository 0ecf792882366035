"""How does an act get into the record?

In the act's own transaction: both commit, or neither. A refused attempt has no
transaction left, so `record_denial` opens one of its own.
"""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
from django.db import DatabaseError, connection, transaction
from django.db.models import F

from safelight.kernel.ids import new_id
from safelight.platform.audit.entry import Event, mac
from safelight.platform.audit.errors import AuditUnavailableError, OutsideTransactionError
from safelight.platform.audit.events import Outcome
from safelight.platform.audit.models import DenialFold, Entry
from safelight.platform.keys.cipher import seal, token, unseal
from safelight.platform.keys.ring import ring

if TYPE_CHECKING:
    from datetime import datetime
    from enum import StrEnum
    from uuid import UUID

FOLD = timedelta(minutes=1)
MOST_APART = 32  # different subjects of one actor, origin and kind that a minute tells apart
_FOLDED_ORIGIN = "audit|fold|origin"
_COLUMNS = {field.name: field for field in Entry._meta.concrete_fields}


def record(  # noqa: PLR0913 (an entry has that many parts)
    kind: StrEnum,
    *,
    actor: str,
    at: datetime,
    subject: str = "",
    vault_id: UUID | None = None,
    session: str = "",
    on_behalf: str = "",
    outcome: Outcome = Outcome.OK,
    purpose: str = "",
    consent_id: UUID | None = None,
    reason: str = "",
    origin: str = "",
    count: int = 0,
    size: int = 0,
    detail: dict[str, Any] | None = None,
) -> UUID:
    """Record one event inside the caller's transaction and return the entry's id.

    `actor`, `on_behalf` and `subject` are opaque ("account/<id>", "system");
    `session` is the session's opaque id, never its key; `purpose` and `reason`
    are codes. `origin` (an address, a device) is written as a keyed token and
    joins `detail`, which is sealed under the vault's ledger key, or the
    instance's where there is no vault. `size` counts bytes.

    Raises:
        OutsideTransactionError: no transaction is open.
        MalformedEventError: a value in the clear is not an id or a code.
        AuditUnavailableError: the entry cannot be written; let the act fail.
    """
    if not connection.in_atomic_block:
        raise OutsideTransactionError
    entry_id = new_id()
    sealed_detail = dict(detail or {}) | ({"origin": origin} if origin else {})
    text = Event(
        entry_id=entry_id,
        at=at,
        kind=str(kind),
        outcome=outcome.value,
        actor=actor,
        subject=subject,
        vault_id=vault_id,
        session=session,
        on_behalf=on_behalf,
        origin=origin_token(origin),
        purpose=purpose,
        consent_id=consent_id,
        reason=reason,
        count=count,
        size=size,
        detail=_sealed(sealed_detail, entry_id, vault_id) if sealed_detail else "",
    ).text()
    _insert(
        entry_id=entry_id,
        at=at,
        kind=str(kind),
        outcome=outcome.value,
        actor=actor,
        subject=subject,
        vault_id=vault_id,
        text=text,
        mac=mac(ring().instance_key("audit-entry"), text),
    )
    return entry_id


def record_denial(  # noqa: PLR0913 (an entry has that many parts)
    kind: StrEnum,
    *,
    actor: str,
    at: datetime,
    subject: str = "",
    vault_id: UUID | None = None,
    session: str = "",
    purpose: str = "",
    reason: str = "",
    origin: str = "",
    apart: bool = False,
) -> None:
    """Record a refused attempt in a transaction of its own.

    The first of a minute with the same actor, origin, kind, sort of subject and
    reason is written at once; the others are counted, and written as one event
    when the minute is over. `apart` counts each subject by itself, so that it shows
    how many different things were tried: the first `MOST_APART` of a minute.

    Raises:
        RuntimeError: a transaction is open, so a rollback would take the record along.
        AuditUnavailableError: the entry cannot be written.
    """
    minute = at.replace(second=0, microsecond=0)
    with transaction.atomic(durable=True):
        told_apart = apart and _may_stand_apart(minute, actor, str(kind), subject, origin)
        # Locked: a fold that is being counted is not written and dropped meanwhile.
        fold, is_first = DenialFold.objects.select_for_update().get_or_create(
            minute=minute,
            actor=actor,
            kind=str(kind),
            subject_kind=subject if told_apart else subject.partition("/")[0],
            reason=reason,
            origin_token=origin_token(origin),
            defaults={"origin": sealed_origin(origin)},
        )
        if not is_first:
            DenialFold.objects.filter(pk=fold.pk).update(more=F("more") + 1)
            return
        record(
            kind,
            actor=actor,
            at=at,
            subject=subject,
            vault_id=vault_id,
            session=session,
            outcome=Outcome.DENIED,
            purpose=purpose,
            reason=reason,
            origin=origin,
        )


def _may_stand_apart(minute: datetime, actor: str, kind: str, subject: str, origin: str) -> bool:
    """Say whether one more subject may be counted by itself: a flood must not fill the trail."""
    theirs = DenialFold.objects.filter(
        minute=minute, actor=actor, kind=kind, origin_token=origin_token(origin)
    )
    return theirs.filter(subject_kind=subject).exists() or theirs.count() < MOST_APART


def origin_token(origin: str) -> str:
    """Return what stands for an address in the trail: equal ones look equal, none is readable."""
    if not origin:
        return ""
    return token(ring().instance_key("audit-origin"), origin.encode()).hex()


def aim(sort: str, tried: str) -> str:
    """Return the name under which a refusal says what was tried: equal tries look equal."""
    about = f"{sort}|{tried}".encode()
    return f"aim/{token(ring().instance_key('audit-aim'), about).hex()}"


def sealed_origin(origin: str) -> bytes:
    """Seal an address for the minute that a fold waits."""
    return seal(detail_key(None), origin.encode(), bound_to=_FOLDED_ORIGIN)


def opened_origin(sealed: bytes) -> str:
    """Open what `sealed_origin` made. Raises SealBrokenError."""
    return unseal(detail_key(None), sealed, bound_to=_FOLDED_ORIGIN).decode()


def _insert(**values: Any) -> None:  # noqa: ANN401 (columns of an entry)
    # Every act pays for this; the statement is the same each time, and composing
    # it anew took the mapper more than half of the whole.
    fields = [_COLUMNS[name] for name in values]
    names = ", ".join(connection.ops.quote_name(field.attname) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    table = connection.ops.quote_name(Entry._meta.db_table)
    stored = [
        field.get_db_prep_save(value, connection)
        for field, value in zip(fields, values.values(), strict=True)
    ]
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", stored)  # noqa: S608
    except DatabaseError as error:
        raise AuditUnavailableError from error


def _sealed(detail: dict[str, Any], entry_id: UUID, vault_id: UUID | None) -> str:
    sealed = seal(detail_key(vault_id), orjson.dumps(detail), bound_to=detail_name(entry_id))
    return base64.b64encode(sealed).decode()


def detail_key(vault_id: UUID | None) -> bytes:
    """Return the key that seals details: the vault's ledger key, or the instance's."""
    if vault_id is None:
        return ring().instance_key("audit-detail")
    return ring().ledger_key(vault_id)


def detail_name(entry_id: UUID) -> str:
    """Return what a sealed detail is bound to: it opens in its own entry only."""
    return f"audit|detail|{entry_id}"
