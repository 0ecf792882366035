"""How does a key get a new version while everything goes on?

Each step is one transaction on the key store that another run may follow at any time:
whatever was cut off goes on where it stopped. No step takes a key away from whoever
reads; `end_past` does that, later, and only once nothing needs the key.

* root: each row says which root key wraps it, and is rewrapped by itself.
* vault: the new version wraps new keys at once; each study's row says which version
  wraps it, and is rewrapped by itself. The vault's own secret, from which fields and
  tokens descend, becomes a row under the new version.
* signing: see `succession.py`.
* study, ledger: the new version is first one that only opens, until every process knows
  it, then the one that seals. What was sealed before is its owner's to seal anew.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import Max

from safelight.platform.database.turns import take_turn
from safelight.platform.keys import store
from safelight.platform.keys.cipher import KEY_SIZE, seal, unseal
from safelight.platform.keys.models import Change, Instance, Kind, Standing, WrappedKey
from safelight.platform.keys.names import (
    name_of_fields,
    name_of_secret,
    name_of_study,
    name_under_root,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from safelight.platform.keys.ring import KeyRing
    from safelight.platform.keys.root import RootKey

ALIAS: Final = store.ALIAS
KNOWN_AFTER: Final = 3.0  # seconds after a change until every process has looked again
_AT_ONCE: Final = 200


def rewrap_under(ring: KeyRing, new: RootKey, *, at: datetime) -> Iterator[int]:
    """Rewrap all that a root key wraps under `new`; yield how many rows each step did.

    The row of the instance comes first: from then on new keys are wrapped by `new`. Goes
    on until a look finds nothing left, twice, as a process may have been slow to see it.

    Raises:
        WrongRootKeyError: a row is wrapped by a root key that is not at hand.
        SealBrokenError: a row does not open.
    """
    _move_instance(ring, new, at=at)
    quiet = 0
    while quiet <= 1:
        rows = WrappedKey.objects.using(ALIAS).exclude(root_id__in=("", new.id))
        found = list(rows.order_by("number")[:_AT_ONCE])
        with transaction.atomic(using=ALIAS, durable=True):
            for row in found:
                _rewrap(ring, row, new)
        quiet = 0 if found else quiet + 1
        yield len(found)
        if quiet == 1:
            wait_until_known()


def wait_until_known() -> None:
    """Wait until every process has seen what was changed a moment ago."""
    time.sleep(KNOWN_AFTER)


def _move_instance(ring: KeyRing, new: RootKey, *, at: datetime) -> None:
    with transaction.atomic(using=ALIAS, durable=True):
        row = Instance.objects.using(ALIAS).select_for_update().get()
        if row.root_id == new.id:
            return
        old = ring.root_named(row.root_id)
        secret = unseal(
            old.material, bytes(row.wrapped_secret), bound_to=name_of_secret(row.root_id)
        )
        row.wrapped_secret = seal(new.material, secret, bound_to=name_of_secret(new.id))
        row.root_id, row.check_value, row.root_since = new.id, new.check_value, at
        row.save(using=ALIAS)
        _note("root", None, 0, at)
    ring.forget()


def _rewrap(ring: KeyRing, row: WrappedKey, new: RootKey) -> None:
    held = store.Wrapped(row.vault_id, row.root_id, bytes(row.wrapped), row.version, row.above)
    key = ring.open_row(Kind(row.kind), row.subject_id, held)
    name = name_under_root(row.kind, row.vault_id, new.id, row.version)
    # Compared and set: a key that is destroyed meanwhile does not come back.
    WrappedKey.objects.using(ALIAS).filter(pk=row.pk, wrapped=row.wrapped).update(
        root_id=new.id, wrapped=seal(new.material, key, bound_to=name)
    )


def begin_vault(ring: KeyRing, vault_id: UUID, *, at: datetime) -> int:
    """Give a vault a new key, unless a rotation of it is under way; return its version.

    Raises:
        KeyUnknownError, KeyDestroyedError: there is none.
    """
    secret = ring.vault_key(vault_id)
    with transaction.atomic(using=ALIAS, durable=True):
        take_turn(store.turn_of(vault_id), using=ALIAS)
        now = store.row_of(Kind.VAULT, vault_id)
        if _under_another(vault_id, now.version).exists():
            return now.version
        version, key = now.version + 1, secrets.token_bytes(KEY_SIZE)
        _all(Kind.VAULT, vault_id).filter(standing=Standing.CURRENT).update(
            standing=Standing.PAST, stands_since=at
        )
        _insert_under_root(ring, Kind.VAULT, vault_id, version, key, Standing.CURRENT, at)
        if not _all(Kind.FIELDS, vault_id).exists():
            WrappedKey.objects.using(ALIAS).create(
                kind=Kind.FIELDS,
                subject_id=vault_id,
                vault_id=vault_id,
                wrapped=seal(key, secret, bound_to=name_of_fields(vault_id)),
                above=version,
                created_at=at,
            )
        _note(Kind.VAULT, vault_id, version, at)
    ring.forget()
    return version


def rewrap_studies(ring: KeyRing, vault_id: UUID) -> Iterator[int]:
    """Rewrap what older keys of a vault wrap under its newest; yield how many each step did."""
    while True:
        above = store.row_of(Kind.VAULT, vault_id).version
        found = list(_under_another(vault_id, above).order_by("number")[:_AT_ONCE])
        if not found:
            return
        key = ring.wrapping_key(vault_id, above)
        with transaction.atomic(using=ALIAS, durable=True):
            take_turn(store.turn_of(vault_id), using=ALIAS)
            for row in found:
                held = store.Wrapped(
                    row.vault_id, row.root_id, bytes(row.wrapped), row.version, row.above
                )
                kind = Kind(row.kind)
                name = (
                    name_of_fields(vault_id)
                    if kind is Kind.FIELDS
                    else name_of_study(row.subject_id, vault_id, row.version)
                )
                opened = ring.open_row(kind, row.subject_id, held)
                WrappedKey.objects.using(ALIAS).filter(pk=row.pk, wrapped=row.wrapped).update(
                    above=above, wrapped=seal(key, opened, bound_to=name)
                )
        yield len(found)


def begin_next(ring: KeyRing, kind: Kind, subject_id: UUID, *, at: datetime) -> bool:
    """Give a study or ledger a next key that only opens yet; say whether it is new.

    Where one is there from before, or an older one is still being replaced, that goes on.

    Raises:
        KeyUnknownError, KeyDestroyedError: there is none to replace.
    """
    vault_id = store.row_of(kind, subject_id).vault_id
    with transaction.atomic(using=ALIAS, durable=True):
        take_turn(store.turn_of(vault_id), using=ALIAS)
        now = store.row_of(kind, subject_id)
        rows = _all(kind, subject_id)
        unfinished = (Standing.NEXT, Standing.PAST) if kind is Kind.STUDY else (Standing.NEXT,)
        if rows.filter(standing__in=unfinished).exists():
            return False
        version, key = now.version + 1, secrets.token_bytes(KEY_SIZE)
        if kind is Kind.STUDY:
            above = store.row_of(Kind.VAULT, vault_id).version
            WrappedKey.objects.using(ALIAS).create(
                kind=kind,
                subject_id=subject_id,
                vault_id=vault_id,
                wrapped=seal(
                    ring.wrapping_key(vault_id, above),
                    key,
                    bound_to=name_of_study(subject_id, vault_id, version),
                ),
                above=above,
                version=version,
                standing=Standing.NEXT,
                created_at=at,
            )
        else:
            _insert_under_root(ring, kind, subject_id, version, key, Standing.NEXT, at)
        _note(kind, subject_id, version, at)
    ring.forget()
    return True


def promote(ring: KeyRing, kind: Kind, subject_id: UUID, *, at: datetime) -> bool:
    """Let the next key seal, `KNOWN_AFTER` its making; say whether there was one."""
    with transaction.atomic(using=ALIAS, durable=True):
        rows = _all(kind, subject_id)
        following = rows.filter(standing=Standing.NEXT).first()
        if following is None:
            return False
        rows.filter(standing=Standing.CURRENT).update(standing=Standing.PAST, stands_since=at)
        rows.filter(pk=following.pk).update(standing=Standing.CURRENT, stands_since=at)
        _note(kind, subject_id, following.version, at)
    ring.forget()
    return True


def end_past(ring: KeyRing, kind: Kind, subject_id: UUID, *, before: datetime, at: datetime) -> int:
    """Destroy the past versions of a vault's, study's or signing key; return how many.

    Nothing may need them any more: a vault's is left where it still wraps something; of a
    study's the caller has seen to it; what was signed needs the public half only.
    Overwritten in the file like any destroyed key.
    """
    if kind not in {Kind.VAULT, Kind.STUDY, Kind.SIGNING}:
        raise ValueError(kind)
    past = _all(kind, subject_id).filter(standing=Standing.PAST, stands_since__lte=before)
    versions = list(past.values_list("version", flat=True))
    if not versions:
        return 0
    with store.overwriting(), transaction.atomic(using=ALIAS, durable=True):
        if kind is Kind.VAULT:
            take_turn(store.turn_of(subject_id), using=ALIAS)
            needed = WrappedKey.objects.using(ALIAS).filter(
                vault_id=subject_id, kind__in=(Kind.STUDY, Kind.FIELDS)
            )
            past = past.exclude(version__in=list(needed.values_list("above", flat=True).distinct()))
        count, _ = past.delete()
        if count:
            newest = _all(kind, subject_id).aggregate(Max("version"))["version__max"]
            _note(kind, subject_id, newest or 0, at)
    ring.forget()
    return count


def past_before(kind: Kind, before: datetime) -> list[UUID]:
    """Return whose keys have a past version that could be ended."""
    rows = WrappedKey.objects.using(ALIAS).filter(
        kind=kind, standing=Standing.PAST, stands_since__lte=before
    )
    return list(rows.values_list("subject_id", flat=True).distinct().order_by("subject_id"))


def unfinished(kind: Kind) -> list[UUID]:
    """Return of whose keys a rotation was cut off before its new key sealed."""
    rows = WrappedKey.objects.using(ALIAS).filter(kind=kind, standing=Standing.NEXT)
    return list(rows.values_list("subject_id", flat=True))


def _all(kind: Kind, subject_id: UUID) -> QuerySet[WrappedKey]:
    return WrappedKey.objects.using(ALIAS).filter(kind=kind, subject_id=subject_id)


def _under_another(vault_id: UUID, version: int) -> QuerySet[WrappedKey]:
    rows = WrappedKey.objects.using(ALIAS).filter(vault_id=vault_id)
    return rows.filter(kind__in=(Kind.STUDY, Kind.FIELDS)).exclude(above=version)


def _insert_under_root(
    ring: KeyRing,
    kind: Kind,
    vault_id: UUID,
    version: int,
    key: bytes,
    standing: Standing,
    at: datetime,
) -> None:
    root = ring.sealing_root()
    name = name_under_root(kind.value, vault_id, root.id, version)
    WrappedKey.objects.using(ALIAS).create(
        kind=kind,
        subject_id=vault_id,
        vault_id=vault_id,
        root_id=root.id,
        wrapped=seal(root.material, key, bound_to=name),
        version=version,
        standing=standing,
        created_at=at,
        stands_since=at,
    )


def _note(kind: str, subject_id: UUID | None, version: int, at: datetime) -> None:
    Change.objects.using(ALIAS).create(kind=kind, subject_id=subject_id, version=version, at=at)
