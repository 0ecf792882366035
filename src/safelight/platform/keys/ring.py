"""Which key opens this?

    root key (a file)
      -> instance secret -> one key per purpose of the instance
      -> vault key       -> field key, token keys
         -> study key    -> object keys (random, wrapped, kept by the caller)
      -> ledger key      (per vault, outlives the vault key)

Keys are opened once and kept in memory for a bounded while; when any process
destroys a key, all others have dropped theirs within a second. Object keys are
not kept here: `wrap` and `unwrap` are all that this room does for them.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from django.conf import settings

from safelight.kernel import clock
from safelight.platform.keys import store
from safelight.platform.keys.cipher import KEY_SIZE, derive, seal, unseal
from safelight.platform.keys.errors import SealBrokenError, WrongRootKeyError
from safelight.platform.keys.models import Instance, Kind, WrappedKey
from safelight.platform.keys.names import name_of_secret, name_of_study, name_under_root
from safelight.platform.keys.root import RootKey, read_root_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

_KEPT_AT_MOST = 4096
_LOOK_AGAIN_AFTER = 1.0  # seconds between two looks for destructions elsewhere


class KeyRing:
    """The keys of one instance, opened by its root key. Safe to use from many threads."""

    def __init__(self, root: RootKey) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._opened: OrderedDict[tuple[str, object], bytes] = OrderedDict()
        self._forgotten = 0
        self._generation = 0
        self._looked_at = 0.0
        self._instance_secret = self._open_instance()

    def instance_key(self, purpose: str, length: int = KEY_SIZE) -> bytes:
        """Return the instance's key for one purpose, e.g. "sessions"."""
        name = (f"instance/{length}", purpose)
        return self._kept(
            name, lambda: derive(self._instance_secret, f"instance/{purpose}", length)
        )

    def create_vault_key(self, vault_id: UUID) -> None:
        """Make a vault's key and its ledger key, durable before return.

        Raises:
            KeyExistsError: the vault has a key already.
            KeyDestroyedError: the vault's key was destroyed.
        """
        store.keep([self._new_under_root(kind, vault_id) for kind in (Kind.VAULT, Kind.LEDGER)])

    def vault_key(self, vault_id: UUID) -> bytes:
        """Return a vault's key.

        Raises:
            KeyUnknownError: there is none.
            KeyDestroyedError: it was destroyed.
        """
        return self._kept(("vault", vault_id), lambda: self._open_under_root(Kind.VAULT, vault_id))

    def field_key(self, vault_id: UUID) -> bytes:
        """Return the key that seals a vault's columns. Raises like `vault_key`."""
        return self._kept(("field", vault_id), lambda: derive(self.vault_key(vault_id), "field"))

    def token_key(self, vault_id: UUID, field: str) -> bytes:
        """Return the key of a vault's search tokens for one field. Raises like `vault_key`."""
        return self._kept(
            (f"token/{field}", vault_id), lambda: derive(self.vault_key(vault_id), f"token/{field}")
        )

    def ledger_key(self, vault_id: UUID) -> bytes:
        """Return the key of a vault's accounting, which the vault key's end does not touch.

        Raises:
            KeyUnknownError: there is none.
            KeyDestroyedError: the last duty to keep the accounting has ended.
        """
        return self._kept(
            ("ledger", vault_id), lambda: self._open_under_root(Kind.LEDGER, vault_id)
        )

    def create_study_key(self, vault_id: UUID, study_id: UUID) -> bytes:
        """Make a study's key, durable before return. Raises like `create_study_keys`."""
        return self.create_study_keys(vault_id, [study_id])[study_id]

    def create_study_keys(self, vault_id: UUID, study_ids: Sequence[UUID]) -> dict[UUID, bytes]:
        """Make the keys of many studies in one durable transaction.

        `study_ids` are the names of the keys; to erase a part of a study, make a
        key under a fresh name, re-wrap the kept objects' keys, destroy the old one.

        Raises:
            KeyExistsError: one of them has a key already; none was made.
            KeyDestroyedError: one of them, or the vault's key, was destroyed.
            KeyUnknownError: the vault has no key.
        """
        above = self.vault_key(vault_id)
        at = clock.now()
        keys = {study_id: secrets.token_bytes(KEY_SIZE) for study_id in study_ids}
        store.keep(
            [
                WrappedKey(
                    kind=Kind.STUDY,
                    subject_id=study_id,
                    vault_id=vault_id,
                    wrapped=seal(above, key, bound_to=name_of_study(study_id, vault_id)),
                    created_at=at,
                )
                for study_id, key in keys.items()
            ]
        )
        return keys

    def study_key(self, study_id: UUID) -> bytes:
        """Return a study's key.

        Raises:
            KeyUnknownError: there is none.
            KeyDestroyedError: it, or the key of its vault, was destroyed.
        """
        return self._kept(("study", study_id), lambda: self._open_study(study_id))

    def study_keys(self, study_ids: Sequence[UUID]) -> dict[UUID, bytes]:
        """Return the keys of many studies with two queries; destroyed and unknown ones are absent.

        Raises:
            KeyDestroyedError: the key of a vault was destroyed.
        """
        self._look_for_destructions()
        with self._lock:
            keys = {
                study_id: self._opened[name]
                for study_id in study_ids
                if (name := ("study", study_id)) in self._opened
            }
            forgotten = self._forgotten
        missing = [study_id for study_id in study_ids if study_id not in keys]
        if missing:
            for study_id, row in store.rows_of(Kind.STUDY, missing).items():
                keys[study_id] = self._open_study(study_id, row)
                self._keep(("study", study_id), keys[study_id], forgotten)
        return keys

    def destroy_study_key(self, study_id: UUID, *, at: datetime) -> None:
        """Destroy a study's key for good, and write it into the journal; again is harmless."""
        self._destroy(Kind.STUDY, study_id, at)

    def destroy_vault_key(self, vault_id: UUID, *, at: datetime) -> None:
        """Destroy a vault's key and all its study keys; the ledger key stays."""
        self._destroy(Kind.VAULT, vault_id, at)

    def destroy_ledger_key(self, vault_id: UUID, *, at: datetime) -> None:
        """Destroy a vault's ledger key, when the last duty to keep its accounting has ended."""
        self._destroy(Kind.LEDGER, vault_id, at)

    def wrap(self, above: bytes, key: bytes, *, bound_to: str) -> bytes:
        """Wrap `key` under the key `above`, for the caller to keep: 29 bytes longer."""
        return seal(above, key, bound_to=bound_to)

    def unwrap(self, above: bytes, wrapped: bytes, *, bound_to: str) -> bytes:
        """Open what `wrap` made.

        Raises:
            SealBrokenError: other bytes, another key, or another `bound_to`.
        """
        return unseal(above, wrapped, bound_to=bound_to)

    def forget(self) -> None:
        """Drop every opened key from memory; the next use opens it again."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        self._opened.clear()
        self._forgotten += 1

    def _kept(self, name: tuple[str, object], opened: Callable[[], bytes]) -> bytes:
        self._look_for_destructions()
        with self._lock:
            key = self._opened.get(name)
            if key is not None:
                self._opened.move_to_end(name)
                return key
            forgotten = self._forgotten
        key = opened()
        self._keep(name, key, forgotten)
        return key

    def _keep(self, name: tuple[str, object], key: bytes, forgotten: int) -> None:
        with self._lock:
            # A key destroyed while it was being opened must not come back.
            if forgotten == self._forgotten:
                self._opened[name] = key
                if len(self._opened) > _KEPT_AT_MOST:
                    self._opened.popitem(last=False)

    def _look_for_destructions(self) -> None:
        now = time.monotonic()
        if now - self._looked_at < _LOOK_AGAIN_AFTER:
            return
        generation = store.generation()
        with self._lock:
            self._looked_at = now
            if generation != self._generation:
                self._generation = generation
                self._drop()

    def _destroy(self, kind: Kind, subject_id: UUID, at: datetime) -> None:
        try:
            store.destroy(kind, subject_id, at=at)
        finally:
            self.forget()

    def _open_instance(self) -> bytes:
        row = store.instance()
        if row is None:
            row = store.keep_instance(self._new_instance())
        if row.root_id != self._root.id or not hmac.compare_digest(
            bytes(row.check_value), self._root.check_value
        ):
            raise WrongRootKeyError
        try:
            return unseal(
                self._root.material,
                bytes(row.wrapped_secret),
                bound_to=name_of_secret(self._root.id),
            )
        except SealBrokenError:
            raise WrongRootKeyError from None

    def _new_instance(self) -> Instance:
        return Instance(
            root_id=self._root.id,
            check_value=self._root.check_value,
            wrapped_secret=self._new_wrapped(name_of_secret(self._root.id)),
            created_at=clock.now(),
        )

    def _new_under_root(self, kind: Kind, vault_id: UUID) -> WrappedKey:
        return WrappedKey(
            kind=kind,
            subject_id=vault_id,
            vault_id=vault_id,
            root_id=self._root.id,
            wrapped=self._new_wrapped(name_under_root(kind.value, vault_id, self._root.id)),
            created_at=clock.now(),
        )

    def _new_wrapped(self, name: str) -> bytes:
        return seal(self._root.material, secrets.token_bytes(KEY_SIZE), bound_to=name)

    def _open_under_root(self, kind: Kind, vault_id: UUID) -> bytes:
        row = store.row_of(kind, vault_id)
        name = name_under_root(kind.value, vault_id, row.root_id)
        return unseal(self._root.material, row.wrapped, bound_to=name)

    def _open_study(self, study_id: UUID, row: store.Wrapped | None = None) -> bytes:
        row = row or store.row_of(Kind.STUDY, study_id)
        name = name_of_study(study_id, row.vault_id)
        return unseal(self.vault_key(row.vault_id), row.wrapped, bound_to=name)


_rings: dict[Path, KeyRing] = {}
_opening = threading.Lock()


def ring() -> KeyRing:
    """Return this process's key ring, opened by the configured root key file.

    Raises:
        RootKeyRefusedError: the file is missing, unsafe or not a root key.
        WrongRootKeyError: the key store was made with another root key.
        KeyStoreIncompleteError: the key store lacks the row that says which.
    """
    path: Path = settings.SAFELIGHT_ROOT_KEY_FILE
    opened = _rings.get(path)
    if opened is None:
        with _opening:
            opened = _rings.get(path) or KeyRing(read_root_key(path))
            _rings[path] = opened
    return opened
