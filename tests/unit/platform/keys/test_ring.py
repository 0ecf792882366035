"""Which keys does the ring give, and which does it refuse?"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from django.db import connections

from safelight.kernel import clock
from safelight.kernel.ids import new_id
from safelight.platform.keys import store
from safelight.platform.keys.errors import (
    KeyDestroyedError,
    KeyExistsError,
    KeyStoreIncompleteError,
    KeyUnknownError,
    SealBrokenError,
    WrongRootKeyError,
)
from safelight.platform.keys.models import Destruction, Instance, Kind, WrappedKey
from safelight.platform.keys.ring import KeyRing, ring
from safelight.platform.keys.root import RootKey, create_root_key

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(databases=["keys"])


@pytest.fixture
def root(tmp_path: Path) -> RootKey:
    return create_root_key(tmp_path / "root.key")


@pytest.fixture
def keys(root: RootKey) -> KeyRing:
    Instance.objects.using("keys").all().delete()
    return KeyRing(root)


def test_the_process_has_one_ring() -> None:
    assert ring() is ring()


def test_keys_are_the_same_after_forgetting_and_after_a_restart(
    keys: KeyRing, root: RootKey
) -> None:
    vault_id, study_id = new_id(), new_id()
    keys.create_vault_key(vault_id)
    study_key = keys.create_study_key(vault_id, study_id)

    def all_of(opened: KeyRing) -> list[bytes]:
        return [
            opened.instance_key("sessions"),
            opened.instance_key("account-fields", 64),
            opened.vault_key(vault_id),
            opened.field_key(vault_id),
            opened.token_key(vault_id, "patient-name"),
            opened.ledger_key(vault_id),
            opened.study_key(study_id),
        ]

    before = all_of(keys)
    keys.forget()

    assert all_of(keys) == before
    assert all_of(KeyRing(root)) == before
    assert before[-1] == study_key
    assert len(set(before)) == len(before)


def test_a_short_instance_key_is_not_the_start_of_a_long_one(keys: KeyRing) -> None:
    assert keys.instance_key("pepper", 64)[:32] != keys.instance_key("pepper", 32)


def test_a_wrong_root_key_is_refused_before_anything_is_written(keys: KeyRing) -> None:
    keys.create_vault_key(new_id())
    before = list(Instance.objects.using("keys").values())

    with pytest.raises(WrongRootKeyError):
        KeyRing(RootKey.of(b"\x01" * 32))

    assert list(Instance.objects.using("keys").values()) == before
    assert WrappedKey.objects.using("keys").count() == 2


def test_a_store_with_keys_but_no_check_row_is_refused(keys: KeyRing, root: RootKey) -> None:
    keys.create_vault_key(new_id())
    Instance.objects.using("keys").all().delete()

    with pytest.raises(KeyStoreIncompleteError):
        KeyRing(root)


def test_unknown_keys_are_told_apart_from_destroyed_ones(keys: KeyRing) -> None:
    vault_id, study_id = new_id(), new_id()
    keys.create_vault_key(vault_id)
    keys.create_study_key(vault_id, study_id)

    with pytest.raises(KeyUnknownError):
        keys.study_key(new_id())
    with pytest.raises(KeyUnknownError):
        keys.vault_key(new_id())

    keys.destroy_study_key(study_id, at=clock.now())
    with pytest.raises(KeyDestroyedError):
        keys.study_key(study_id)
    with pytest.raises(KeyDestroyedError):
        keys.create_study_key(vault_id, study_id)


def test_many_study_keys_come_at_once_without_those_that_are_gone(keys: KeyRing) -> None:
    vault_id, erased, unknown = new_id(), new_id(), new_id()
    keys.create_vault_key(vault_id)
    made = keys.create_study_keys(vault_id, [new_id() for _ in range(1200)])
    keys.create_study_key(vault_id, erased)
    keys.destroy_study_key(erased, at=clock.now())

    for _ in range(2):
        assert keys.study_keys([*made, erased, unknown]) == made
    assert keys.study_keys([]) == {}


def test_a_restored_store_forgets_what_the_journal_says(keys: KeyRing) -> None:
    vault_id, study_id = new_id(), new_id()
    keys.create_vault_key(vault_id)
    keys.create_study_key(vault_id, study_id)
    keys.destroy_study_key(study_id, at=clock.now())
    journal = [(Kind(row.kind), row.subject_id, row.at) for row in store.destructions()]
    Destruction.objects.using("keys").all().delete()
    WrappedKey.objects.using("keys").create(
        kind=Kind.STUDY,
        subject_id=study_id,
        vault_id=vault_id,
        wrapped=b"from a backup",
        created_at=clock.now(),
    )

    store.replay(journal)

    assert not WrappedKey.objects.using("keys").filter(subject_id=study_id).exists()
    with pytest.raises(KeyDestroyedError):
        keys.study_key(study_id)


def test_no_more_keys_are_kept_in_memory_than_allowed(
    keys: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("safelight.platform.keys.memory._KEPT_AT_MOST", 10)
    vault_id = new_id()
    keys.create_vault_key(vault_id)
    made = keys.create_study_keys(vault_id, [new_id() for _ in range(30)])

    for _ in range(2):
        for study_id, key in made.items():
            assert keys.study_key(study_id) == key
            assert len(keys._opened) <= 10


def test_destroying_a_vault_takes_its_studies_and_leaves_its_ledger(keys: KeyRing) -> None:
    vault_id, study_id = new_id(), new_id()
    keys.create_vault_key(vault_id)
    keys.create_study_key(vault_id, study_id)
    ledger_key = keys.ledger_key(vault_id)

    keys.destroy_vault_key(vault_id, at=clock.now())

    for asked in (keys.vault_key, keys.field_key):
        with pytest.raises(KeyDestroyedError):
            asked(vault_id)
    with pytest.raises(KeyDestroyedError):
        keys.create_study_key(vault_id, new_id())
    with pytest.raises(KeyUnknownError):
        keys.study_key(study_id)
    assert keys.ledger_key(vault_id) == ledger_key

    keys.destroy_ledger_key(vault_id, at=clock.now())
    with pytest.raises(KeyDestroyedError):
        keys.ledger_key(vault_id)


def test_destroying_twice_leaves_one_journal_entry(keys: KeyRing) -> None:
    vault_id = new_id()
    keys.create_vault_key(vault_id)

    keys.destroy_vault_key(vault_id, at=clock.now())
    keys.destroy_vault_key(vault_id, at=clock.now())

    assert Destruction.objects.using("keys").filter(subject_id=vault_id).count() == 1


def test_a_row_that_came_back_from_a_backup_stays_destroyed(keys: KeyRing) -> None:
    vault_id, study_id = new_id(), new_id()
    keys.create_vault_key(vault_id)
    keys.create_study_key(vault_id, study_id)
    kept = WrappedKey.objects.using("keys").get(subject_id=study_id)
    keys.destroy_study_key(study_id, at=clock.now())
    kept.save(using="keys", force_insert=True)

    with pytest.raises(KeyDestroyedError):
        keys.study_key(study_id)


def test_another_process_stops_reading_within_a_second(
    keys: KeyRing, root: RootKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault_id, study_id = new_id(), new_id()
    keys.create_vault_key(vault_id)
    keys.create_study_key(vault_id, study_id)
    elsewhere = KeyRing(root)
    elsewhere.study_key(study_id)
    keys.destroy_study_key(study_id, at=clock.now())

    elsewhere._looked_at -= 1.0

    with pytest.raises(KeyDestroyedError):
        elsewhere.study_key(study_id)


def test_a_name_is_used_once(keys: KeyRing) -> None:
    vault_id, study_id = new_id(), new_id()
    keys.create_vault_key(vault_id)
    first = keys.create_study_key(vault_id, study_id)

    with pytest.raises(KeyExistsError):
        keys.create_vault_key(vault_id)
    with pytest.raises(KeyExistsError):
        keys.create_study_keys(vault_id, [new_id(), study_id])

    keys.forget()
    assert keys.study_key(study_id) == first
    assert WrappedKey.objects.using("keys").filter(vault_id=vault_id).count() == 3


def test_a_wrapped_key_moved_to_another_row_does_not_open(keys: KeyRing) -> None:
    vault_id, mine, other = new_id(), new_id(), new_id()
    keys.create_vault_key(vault_id)
    keys.create_study_keys(vault_id, [mine, other])
    rows = WrappedKey.objects.using("keys")
    rows.filter(subject_id=mine).update(wrapped=rows.get(subject_id=other).wrapped)

    with pytest.raises(SealBrokenError):
        keys.study_key(mine)


def test_an_object_key_opens_only_under_its_own_name(keys: KeyRing) -> None:
    above, key = b"\x02" * 32, b"\x03" * 32
    wrapped = keys.wrap(above, key, bound_to="object|1")

    assert keys.unwrap(above, wrapped, bound_to="object|1") == key
    with pytest.raises(SealBrokenError):
        keys.unwrap(above, wrapped, bound_to="object|2")


@pytest.mark.django_db(databases=["default", "keys"], transaction=True)
def test_a_key_row_is_committed_when_the_call_returns(root: RootKey) -> None:
    keys = KeyRing(root)
    vault_id = new_id()
    keys.create_vault_key(vault_id)
    seen: list[int] = []

    def look() -> None:
        seen.append(WrappedKey.objects.using("keys").filter(vault_id=vault_id).count())
        connections["keys"].close()

    other = threading.Thread(target=look)
    other.start()
    other.join()

    assert seen == [2]


@pytest.mark.sqlite_files
@pytest.mark.django_db(databases=["default", "keys"], transaction=True)
def test_a_destroyed_key_leaves_no_bytes_in_the_file_or_its_log(root: RootKey) -> None:
    connection = connections["keys"]
    keys = KeyRing(root)
    vault_id, study_id = new_id(), new_id()
    keys.create_vault_key(vault_id)
    keys.create_study_key(vault_id, study_id)
    wrapped = bytes(store.row_of(Kind.STUDY, study_id).wrapped)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA database_list")
        path = str(cursor.fetchone()[2])

    def on_disk() -> bytes:
        parts = []
        for suffix in ("", "-wal", "-journal"):
            try:
                with open(path + suffix, "rb") as file:  # noqa: PTH123 (a name made of a suffix)
                    parts.append(file.read())
            except FileNotFoundError:
                parts.append(b"")
        return b"".join(parts)

    assert wrapped in on_disk()
    keys.destroy_study_key(study_id, at=clock.now())
    assert wrapped not in on_disk()


@pytest.mark.django_db(databases=["default", "keys"], transaction=True)
def test_sixteen_threads_that_open_a_key_at_once_get_the_same_one(root: RootKey) -> None:
    keys = KeyRing(root)
    vault_id = new_id()
    keys.create_vault_key(vault_id)
    keys.forget()
    got: list[bytes] = []
    start = threading.Barrier(16)

    def open_it() -> None:
        start.wait()
        got.append(keys.vault_key(vault_id))
        connections["keys"].close()

    threads = [threading.Thread(target=open_it) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(got) == 16
    assert len(set(got)) == 1
