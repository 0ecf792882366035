"""Which key opens this?

    root key (roots.py says where it is)
      -> instance secret -> one key per purpose of the instance
      -> vault key       -> field key, token keys
         -> study key    -> object keys (random, wrapped, kept by the caller)
      -> ledger key      (per vault, outlives the vault key)
      -> signing keys    (per purpose, after the first)

Keys are opened once and kept in memory for a bounded while; when any process
destroys or rotates a key, all others have dropped theirs within a second. While a
key is rotated the ring gives out all its versions: the first seals, all open. Object keys are
not kept here: `wrap` and `unwrap` are all that this room does for them.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings

from safelight.kernel import clock
from safelight.platform.keys import store
from safelight.platform.keys.cipher import KEY_SIZE, KeyWithPast, derive, seal, unseal
from safelight.platform.keys.errors import SealBrokenError, WrongRootKeyError
from safelight.platform.keys.memory import Memory
from safelight.platform.keys.models import Instance, Kind, WrappedKey
from safelight.platform.keys.names import (
    id_of_purpose,
    name_of_fields,
    name_of_secret,
    name_of_study,
    name_under_root,
)
from safelight.platform.keys.root import RootKey
from safelight.platform.keys.roots import RootProvider, at_hand

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from uuid import UUID


class KeyRing(Memory):
    """The keys of one instance, opened by its root key. Safe to use from many threads."""

    def __init__(
        self, root: RootKey, *, others: Callable[[], Sequence[RootKey]] = lambda: ()
    ) -> None:
        """Open with `root`, and with the `others` where a row names one of them."""
        super().__init__()
        self._root = root
        self._roots = {root.id: root}
        self._others = others
        self._instance_secret = self._open_instance()

    def instance_key(self, purpose: str, length: int = KEY_SIZE) -> bytes:
        """Return the instance's key for one purpose, e.g. "sessions"."""
        name = (f"instance/{length}", purpose)
        return self._kept(
            name, lambda: derive(self._instance_secret, f"instance/{purpose}", length)
        )

    def signing_key(self, purpose: str, version: int) -> bytes:
        """Return what signs for a purpose: the first descends from the instance secret.

        Raises:
            KeyUnknownError: there is none, or it was destroyed after it was replaced.
        """
        if version == 1:
            return self.instance_key(purpose)
        subject = id_of_purpose(purpose)
        return self._kept(
            (f"signing/{version}", subject),
            lambda: self.open_row(
                Kind.SIGNING, subject, store.version_of(Kind.SIGNING, subject, version)
            ),
        )

    def signing_line(self, purpose: str) -> bytes:
        """Return what may be told of the keys that followed the first, as JSON."""
        return self._kept(("signing-line", purpose), lambda: store.signing_line(purpose))

    def create_vault_key(self, vault_id: UUID) -> None:
        """Make a vault's key and its ledger key, durable before return.

        Raises:
            KeyExistsError: the vault has a key already.
            KeyDestroyedError: the vault's key was destroyed.
        """
        root = self.sealing_root()
        kinds = (Kind.VAULT, Kind.LEDGER)
        store.keep([self._new_under_root(kind, vault_id, root) for kind in kinds])

    def vault_key(self, vault_id: UUID) -> bytes:
        """Return a vault's own secret: its first key, whatever wraps its studies' keys by now.

        Fields and search tokens descend from it and objects that wait are wrapped by it, so
        it stays when the vault's key is rotated, as a row wrapped by the new one.

        Raises:
            KeyUnknownError: there is none.
            KeyDestroyedError: it was destroyed.
        """
        return self._kept(("vault", vault_id), lambda: self._open_fields(vault_id))

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
            ("ledger", vault_id),
            lambda: self._open_all(Kind.LEDGER, vault_id, store.versions_of(Kind.LEDGER, vault_id)),
        )

    def ledger_keys(self, vault_ids: Sequence[UUID]) -> dict[UUID, bytes]:
        """Return the ledger keys of many vaults with one query; unknown ones are absent."""
        keys, forgotten = self._held("ledger", vault_ids)
        missing = [vault_id for vault_id in vault_ids if vault_id not in keys]
        for vault_id, rows in store.rows_of(Kind.LEDGER, missing).items():
            keys[vault_id] = self._open_all(Kind.LEDGER, vault_id, rows)
            self._keep(("ledger", vault_id), keys[vault_id], forgotten)
        return keys

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
        wraps = store.row_of(Kind.VAULT, vault_id)
        above = self.wrapping_key(vault_id, wraps.version)
        at = clock.now()
        keys = {study_id: secrets.token_bytes(KEY_SIZE) for study_id in study_ids}
        store.keep(
            [
                WrappedKey(
                    kind=Kind.STUDY,
                    subject_id=study_id,
                    vault_id=vault_id,
                    wrapped=seal(above, key, bound_to=name_of_study(study_id, vault_id)),
                    above=wraps.version,
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
        return self._kept(
            ("study", study_id),
            lambda: self._open_all(Kind.STUDY, study_id, store.versions_of(Kind.STUDY, study_id)),
        )

    def study_keys(self, study_ids: Sequence[UUID]) -> dict[UUID, bytes]:
        """Return the keys of many studies with two queries; destroyed and unknown ones are absent.

        Raises:
            KeyDestroyedError: the key of a vault was destroyed.
        """
        keys, forgotten = self._held("study", study_ids)
        missing = [study_id for study_id in study_ids if study_id not in keys]
        if missing:
            for study_id, rows in store.rows_of(Kind.STUDY, missing).items():
                keys[study_id] = self._open_all(Kind.STUDY, study_id, rows)
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

    def wrapping_key(self, vault_id: UUID, version: int) -> bytes:
        """Return the version of a vault's key that wraps studies' keys. Raises like `vault_key`."""

        def opened() -> bytes:
            return self.open_row(
                Kind.VAULT, vault_id, store.version_of(Kind.VAULT, vault_id, version)
            )

        return self._kept((f"wrapping/{version}", vault_id), opened)

    def open_row(self, kind: Kind, subject_id: UUID, row: store.Wrapped) -> bytes:
        """Open one version of a key from its row, past all that is kept in memory.

        Raises:
            SealBrokenError: the row is not what was kept, or belongs elsewhere.
            WrongRootKeyError: it is wrapped by a root key that is not at hand.
        """
        if row.root_id:
            above = self.root_named(row.root_id).material
            name = name_under_root(kind.value, row.vault_id, row.root_id, row.version)
        else:
            above = self.wrapping_key(row.vault_id, row.above)
            name = (
                name_of_fields(row.vault_id)
                if kind is Kind.FIELDS
                else name_of_study(subject_id, row.vault_id, row.version)
            )
        return unseal(above, row.wrapped, bound_to=name)

    def root_named(self, root_id: str) -> RootKey:
        """Return the root key of this id, looked for anew where it is not known yet.

        Raises:
            WrongRootKeyError: it is at hand nowhere.
        """
        root = self._roots.get(root_id)
        if root is None:
            self._roots.update({other.id: other for other in self._others()})
            root = self._roots.get(root_id)
        if root is None:
            raise WrongRootKeyError
        return root

    def sealing_root(self) -> RootKey:
        """Return the root key under which new keys are wrapped now."""
        row = store.instance_row()
        return self._root if row is None else self.root_named(row.root_id)

    def wrap(self, above: bytes, key: bytes, *, bound_to: str) -> bytes:
        """Wrap `key` under the key `above`, for the caller to keep: 29 bytes longer."""
        return seal(above, key, bound_to=bound_to)

    def unwrap(self, above: bytes, wrapped: bytes, *, bound_to: str) -> bytes:
        """Open what `wrap` made.

        Raises:
            SealBrokenError: other bytes, another key, or another `bound_to`.
        """
        return unseal(above, wrapped, bound_to=bound_to)

    def _destroy(self, kind: Kind, subject_id: UUID, at: datetime) -> None:
        try:
            store.destroy(kind, subject_id, at=at)
        finally:
            self.forget()

    def _open_instance(self) -> bytes:
        row = store.instance()
        if row is None:
            row = store.keep_instance(self._new_instance())
        root = self.root_named(row.root_id)
        if not hmac.compare_digest(bytes(row.check_value), root.check_value):
            raise WrongRootKeyError
        try:
            return unseal(
                root.material, bytes(row.wrapped_secret), bound_to=name_of_secret(root.id)
            )
        except SealBrokenError:
            raise WrongRootKeyError from None

    def _new_instance(self) -> Instance:
        return Instance(
            root_id=self._root.id,
            check_value=self._root.check_value,
            wrapped_secret=_new_wrapped(self._root, name_of_secret(self._root.id)),
            created_at=clock.now(),
        )

    def _new_under_root(self, kind: Kind, vault_id: UUID, root: RootKey) -> WrappedKey:
        return WrappedKey(
            kind=kind,
            subject_id=vault_id,
            vault_id=vault_id,
            root_id=root.id,
            wrapped=_new_wrapped(root, name_under_root(kind.value, vault_id, root.id)),
            created_at=clock.now(),
        )

    def _open_all(self, kind: Kind, subject_id: UUID, rows: Sequence[store.Wrapped]) -> bytes:
        first, *past = [self.open_row(kind, subject_id, row) for row in rows]
        return KeyWithPast(first, past) if past else first

    def _open_fields(self, vault_id: UUID) -> bytes:
        rows = store.versions_of(Kind.VAULT, vault_id)
        if len(rows) == 1 and rows[0].version == 1:
            return self.open_row(Kind.VAULT, vault_id, rows[0])
        return self.open_row(Kind.FIELDS, vault_id, store.row_of(Kind.FIELDS, vault_id))


def _new_wrapped(root: RootKey, name: str) -> bytes:
    return seal(root.material, secrets.token_bytes(KEY_SIZE), bound_to=name)


_rings: dict[RootProvider, KeyRing] = {}
_opening = threading.Lock()


def ring() -> KeyRing:
    """Return this process's key ring, opened by the configured root key.

    Raises:
        RootKeyRefusedError: the root key is missing, unsafe or not one.
        WrongRootKeyError: the key store was made with another root key.
        KeyStoreIncompleteError: the key store lacks the row that says which.
    """
    provider: RootProvider = settings.SAFELIGHT_ROOT_KEY
    opened = _rings.get(provider)
    if opened is None:
        with _opening:
            opened = _rings.get(provider)
            if opened is None:
                opened = KeyRing(provider.current(), others=partial(at_hand, provider))
                _rings[provider] = opened
    return opened
