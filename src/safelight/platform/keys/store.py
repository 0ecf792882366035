"""How are wrapped keys kept, so that a kept one is durable and a destroyed one is gone?

Rows only: nothing here sees a key in the clear. Each verb is one transaction of
its own on the database `keys`, committed to stable storage before it returns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.db import IntegrityError, connections, transaction
from django.db.models import Max

from safelight.platform.database.asking import as_id, ask, marks
from safelight.platform.keys.errors import (
    KeyDestroyedError,
    KeyExistsError,
    KeyStoreIncompleteError,
    KeyUnknownError,
)
from safelight.platform.keys.models import Destruction, Instance, Kind, WrappedKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

ALIAS = "keys"

_FIND = """
    SELECT (SELECT count(*) FROM keys_destruction WHERE subject_id = %s AND kind = %s),
           vault_id, root_id, wrapped
    FROM (SELECT 1) AS always LEFT JOIN keys_wrappedkey ON subject_id = %s AND kind = %s
"""
_FIND_MANY = """
    SELECT subject_id, vault_id, root_id, wrapped FROM keys_wrappedkey AS kept
    WHERE kind = %s AND subject_id IN ({marks}) AND NOT EXISTS (
        SELECT 1 FROM keys_destruction AS gone
        WHERE gone.subject_id = kept.subject_id AND gone.kind = kept.kind)
"""


def instance() -> Instance | None:
    """Return the row that names the root key, or None in a store never opened.

    Raises:
        KeyStoreIncompleteError: there are keys, but not that row.
    """
    row = Instance.objects.using(ALIAS).first()
    if row is None and WrappedKey.objects.using(ALIAS).exists():
        raise KeyStoreIncompleteError
    return row


def keep_instance(row: Instance) -> Instance:
    """Keep the first `row` and return the one that holds: another process may have been first."""
    try:
        with transaction.atomic(using=ALIAS, durable=True):
            row.save(using=ALIAS, force_insert=True)
    except IntegrityError:
        return Instance.objects.using(ALIAS).get()
    return row


def keep(rows: Sequence[WrappedKey]) -> None:
    """Keep new wrapped keys, all or none.

    Raises:
        KeyDestroyedError: a key of such a name was destroyed; the name is spent.
        KeyExistsError: a key of such a name is kept already.
    """
    try:
        with transaction.atomic(using=ALIAS, durable=True):
            for kind in {row.kind for row in rows}:
                _refuse_spent(kind, [row.subject_id for row in rows if row.kind == kind])
            WrappedKey.objects.using(ALIAS).bulk_create(rows, batch_size=500)
    except IntegrityError:
        raise KeyExistsError from None


class Wrapped(NamedTuple):
    """A wrapped key as its row keeps it."""

    vault_id: UUID
    root_id: str
    wrapped: bytes


def row_of(kind: Kind, subject_id: UUID) -> Wrapped:
    """Return the wrapped key of a vault, ledger or study.

    Raises:
        KeyDestroyedError: the journal says it was destroyed, row or no row.
        KeyUnknownError: there is none.
    """
    # One statement, written out: compiling it anew takes Django ten times as
    # long as running it, and every first look at a study waits for this.
    connection = connections[ALIAS]
    wanted = subject_id if connection.features.has_native_uuid_field else subject_id.hex
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [wanted, kind.value, wanted, kind.value])
        destroyed, vault_id, root_id, wrapped = cursor.fetchone()
    if destroyed:
        raise KeyDestroyedError
    if wrapped is None:
        raise KeyUnknownError(f"no {kind.value} key {subject_id}")
    return Wrapped(UUID(str(vault_id)), root_id, bytes(wrapped))


def rows_of(kind: Kind, subject_ids: Sequence[UUID]) -> dict[UUID, Wrapped]:
    """Return the wrapped keys of those that have one and were not destroyed."""
    if not subject_ids:
        return {}
    found = ask(_FIND_MANY.format(marks=marks(subject_ids)), kind.value, *subject_ids, using=ALIAS)
    return {
        as_id(subject): Wrapped(as_id(vault), root_id, bytes(wrapped))
        for subject, vault, root_id, wrapped in found
    }


def made_before(kind: Kind, at: datetime, *, at_once: int = 1000) -> Iterator[list[UUID]]:
    """Yield, in groups, whose keys were made before a moment, oldest first."""
    last = 0
    rows = WrappedKey.objects.using(ALIAS).filter(kind=kind, created_at__lt=at).order_by("number")
    while found := list(rows.filter(number__gt=last).values_list("number", "subject_id")[:at_once]):
        last = found[-1][0]
        yield [subject_id for _, subject_id in found]


def destroy(kind: Kind, subject_id: UUID, *, at: datetime) -> None:
    """Write the destruction into the journal and remove the row; again is harmless.

    A vault's study keys go with the vault key that wraps them. On SQLite the
    freed bytes are overwritten, and the write-ahead log that still shows them is
    emptied: deleting alone would leave the wrapped key in the file.
    """
    connection = connections[ALIAS]
    overwrites = connection.vendor == "sqlite"
    if overwrites:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete=ON")
    doomed = WrappedKey.objects.using(ALIAS).filter(subject_id=subject_id, kind=kind)
    if kind is Kind.VAULT:
        doomed |= WrappedKey.objects.using(ALIAS).filter(vault_id=subject_id, kind=Kind.STUDY)
    with transaction.atomic(using=ALIAS, durable=True):
        Destruction.objects.using(ALIAS).get_or_create(
            kind=kind, subject_id=subject_id, defaults={"at": at}
        )
        doomed.delete()
    if overwrites and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def replay(journal: Iterable[tuple[Kind, UUID, datetime]]) -> None:
    """Destroy again what a journal says was destroyed: a restored store before it opens."""
    for kind, subject_id, at in journal:
        destroy(kind, subject_id, at=at)


def destructions() -> Iterable[Destruction]:
    """Return the journal in the order it was written, for backups to carry along."""
    return Destruction.objects.using(ALIAS).order_by("number").iterator()


def generation() -> int:
    """Return a number that changes whenever a key is destroyed by any process."""
    newest = Destruction.objects.using(ALIAS).aggregate(Max("number"))["number__max"]
    return int(newest or 0)


def _refuse_spent(kind: str, subject_ids: Sequence[UUID]) -> None:
    spent = Destruction.objects.using(ALIAS).filter(kind=kind, subject_id__in=subject_ids)
    if spent.exists():
        raise KeyDestroyedError
