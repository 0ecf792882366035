"""How are wrapped keys kept, so that a kept one is durable and a destroyed one is gone?

Rows only: nothing here sees a key in the clear. Each verb is one transaction of
its own on the database `keys`, committed to stable storage before it returns.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from django.db import IntegrityError, connections, transaction
from django.db.models import Max

from safelight.platform.database.asking import as_id, ask, marks
from safelight.platform.database.turns import take_turn
from safelight.platform.keys.errors import (
    KeyDestroyedError,
    KeyExistsError,
    KeyStoreIncompleteError,
    KeyUnknownError,
)
from safelight.platform.keys.models import (
    Change,
    Destruction,
    Instance,
    Kind,
    SigningKey,
    Standing,
    WrappedKey,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

ALIAS = "keys"

_KEPT = "vault_id, root_id, wrapped, version, above, standing"
_FIND = f"""
    SELECT (SELECT count(*) FROM keys_destruction WHERE subject_id = %s AND kind = %s), {_KEPT}
    FROM (SELECT 1) AS always LEFT JOIN keys_wrappedkey ON subject_id = %s AND kind = %s
"""  # noqa: S608 (names only)
_FIND_MANY = f"""
    SELECT subject_id, {_KEPT} FROM keys_wrappedkey AS kept
    WHERE kind = %s AND subject_id IN ({{marks}}) AND NOT EXISTS (
        SELECT 1 FROM keys_destruction AS gone
        WHERE gone.subject_id = kept.subject_id AND gone.kind = kept.kind)
"""  # noqa: S608 (names only)
_FIRST = {Standing.CURRENT: 0, Standing.NEXT: 1, Standing.PAST: 2}


def instance() -> Instance | None:
    """Return the row that names the root key, or None in a store never opened.

    Raises:
        KeyStoreIncompleteError: there are keys, but not that row.
    """
    row = instance_row()
    if row is None and WrappedKey.objects.using(ALIAS).exists():
        raise KeyStoreIncompleteError
    return row


def instance_row() -> Instance | None:
    """Return the same without asking whether a missing row is a loss."""
    return Instance.objects.using(ALIAS).first()


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
        KeyUnknownError: the vault key that wraps one of them is not kept any more.
    """
    try:
        with transaction.atomic(using=ALIAS, durable=True):
            for kind in {row.kind for row in rows}:
                _refuse_spent(kind, [row.subject_id for row in rows if row.kind == kind])
            for vault_id, above in {(row.vault_id, row.above) for row in rows if not row.root_id}:
                _require_above(vault_id, above)
            WrappedKey.objects.using(ALIAS).bulk_create(rows, batch_size=500)
    except IntegrityError:
        raise KeyExistsError from None


class Wrapped(NamedTuple):
    """A version of a wrapped key as its row keeps it."""

    vault_id: UUID
    root_id: str
    wrapped: bytes
    version: int = 1
    above: int = 1
    standing: str = Standing.CURRENT.value


def row_of(kind: Kind, subject_id: UUID) -> Wrapped:
    """Return the version that seals, of a vault's, ledger's or study's key. Raises as below."""
    return versions_of(kind, subject_id)[0]


def version_of(kind: Kind, subject_id: UUID, version: int) -> Wrapped:
    """Return one version of a key. Raises as below."""
    for row in versions_of(kind, subject_id):
        if row.version == version:
            return row
    raise KeyUnknownError(f"no version {version} of the {kind.value} key {subject_id}")


def versions_of(kind: Kind, subject_id: UUID) -> list[Wrapped]:
    """Return all versions of a key that there are, the one that seals first.

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
        found = cursor.fetchall()
    if found[0][0]:
        raise KeyDestroyedError
    if found[0][3] is None:
        raise KeyUnknownError(f"no {kind.value} key {subject_id}")
    return _in_order(_wrapped(*columns) for _, *columns in found)


def rows_of(kind: Kind, subject_ids: Sequence[UUID]) -> dict[UUID, list[Wrapped]]:
    """Return the versions of the keys of those that have one and were not destroyed."""
    if not subject_ids:
        return {}
    found: dict[UUID, list[Wrapped]] = {}
    statement = _FIND_MANY.format(marks=marks(subject_ids))
    for subject, *columns in ask(statement, kind.value, *subject_ids, using=ALIAS):
        found.setdefault(as_id(subject), []).append(_wrapped(*columns))
    return {subject: _in_order(rows) for subject, rows in found.items()}


def _wrapped(vault: UUID | str, root_id: str, wrapped: bytes, *rest: Any) -> Wrapped:  # noqa: ANN401 (columns)
    return Wrapped(as_id(vault), root_id, bytes(wrapped), *rest)


def _in_order(rows: Iterable[Wrapped]) -> list[Wrapped]:
    return sorted(rows, key=lambda row: (_FIRST[Standing(row.standing)], -row.version))


def signing_line(purpose: str) -> bytes:
    """Return what may be told of the keys that signed for a purpose after the first, as JSON."""
    rows = SigningKey.objects.using(ALIAS).filter(purpose=purpose).order_by("version")
    return orjson.dumps(
        [
            {
                "version": row.version,
                "public": bytes(row.public).hex(),
                "since": row.since,
                "endorsement": row.endorsement,
            }
            for row in rows
        ]
    )


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
    doomed = WrappedKey.objects.using(ALIAS).filter(subject_id=subject_id, kind=kind)
    if kind is Kind.VAULT:
        doomed |= WrappedKey.objects.using(ALIAS).filter(
            vault_id=subject_id, kind__in=(Kind.STUDY, Kind.FIELDS)
        )
    with overwriting(), transaction.atomic(using=ALIAS, durable=True):
        Destruction.objects.using(ALIAS).get_or_create(
            kind=kind, subject_id=subject_id, defaults={"at": at}
        )
        doomed.delete()


@contextmanager
def overwriting() -> Iterator[None]:
    """Overwrite what is deleted from the key store inside, and empty its log after it."""
    connection = connections[ALIAS]
    overwrites = connection.vendor == "sqlite"
    if overwrites:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete=ON")
    yield
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


def generation() -> tuple[int, int]:
    """Return numbers that change whenever a key is destroyed or rotated by any process."""
    newest = Destruction.objects.using(ALIAS).aggregate(Max("number"))["number__max"]
    changed = Change.objects.using(ALIAS).aggregate(Max("number"))["number__max"]
    return int(newest or 0), int(changed or 0)


def turn_of(vault_id: UUID) -> str:
    """Name the turn that who adds keys under a vault's, and who ends a version of it, take."""
    return f"vault-key/{vault_id}"


def _refuse_spent(kind: str, subject_ids: Sequence[UUID]) -> None:
    spent = Destruction.objects.using(ALIAS).filter(kind=kind, subject_id__in=subject_ids)
    if spent.exists():
        raise KeyDestroyedError


def _require_above(vault_id: UUID, version: int) -> None:
    take_turn(turn_of(vault_id), using=ALIAS)
    above = WrappedKey.objects.using(ALIAS).filter(kind=Kind.VAULT, subject_id=vault_id)
    if not above.filter(version=version).exists():
        raise KeyUnknownError(f"no version {version} of the vault key {vault_id}")
