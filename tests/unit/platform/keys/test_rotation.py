"""Does everything go on opening while keys are replaced, and after a cut at any step?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from safelight.kernel import clock
from safelight.kernel.ids import new_id
from safelight.platform.keys import rotation, store
from safelight.platform.keys.cipher import seal, unseal
from safelight.platform.keys.errors import (
    KeyDestroyedError,
    KeyUnknownError,
    SealBrokenError,
    WrongRootKeyError,
)
from safelight.platform.keys.models import Instance, Kind, WrappedKey
from safelight.platform.keys.ring import KeyRing
from safelight.platform.keys.root import RootKey, create_root_key
from safelight.platform.keys.signing import Signer
from safelight.platform.keys.succession import keep_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.django_db(databases=["keys"])
LATER = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _known_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "KNOWN_AFTER", 0.0)


@pytest.fixture
def root(tmp_path: Path) -> RootKey:
    return create_root_key(tmp_path / "root.key")


@pytest.fixture
def new(tmp_path: Path) -> RootKey:
    return create_root_key(tmp_path / "new.key")


@pytest.fixture
def keys(root: RootKey, new: RootKey) -> KeyRing:
    Instance.objects.using("keys").all().delete()
    return KeyRing(root, others=lambda: [new])


@pytest.fixture
def vault_id(keys: KeyRing) -> UUID:
    made = new_id()
    keys.create_vault_key(made)
    return made


def all_of(keys: KeyRing, vault_id: UUID, *studies: UUID) -> list[bytes]:
    keys.forget()
    return [
        keys.instance_key("sessions"),
        keys.vault_key(vault_id),
        keys.field_key(vault_id),
        keys.token_key(vault_id, "uid"),
        keys.ledger_key(vault_id),
        *(keys.study_key(study) for study in studies),
    ]


def cut_off(steps: Iterator[object], after: int) -> None:
    for _ in range(after):
        next(steps, None)


@pytest.mark.parametrize("cut_after", [0, 1, 2, 3])
def test_a_root_key_is_replaced_in_steps_that_may_be_cut_off(
    keys: KeyRing,
    root: RootKey,
    new: RootKey,
    vault_id: UUID,
    cut_after: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rotation, "_AT_ONCE", 1)
    study = new_id()
    keys.create_study_key(vault_id, study)
    before = all_of(keys, vault_id, study)

    cut_off(rotation.rewrap_under(keys, new, at=clock.now()), cut_after)
    both = KeyRing(root, others=lambda: [new])
    assert all_of(both, vault_id, study) == before
    assert all_of(keys, vault_id, study) == before
    list(rotation.rewrap_under(both, new, at=clock.now()))

    alone = KeyRing(new)
    assert all_of(alone, vault_id, study) == before
    with pytest.raises(WrongRootKeyError):
        KeyRing(root)


def test_a_vault_made_after_the_change_of_root_is_under_the_new_one(
    keys: KeyRing, new: RootKey, vault_id: UUID
) -> None:
    assert vault_id
    list(rotation.rewrap_under(keys, new, at=clock.now()))
    fresh = new_id()
    keys.create_vault_key(fresh)

    assert KeyRing(new).vault_key(fresh) == keys.vault_key(fresh)


@pytest.mark.parametrize("cut_after", [0, 1, 2, 9])
def test_a_vaults_key_is_replaced_in_steps_that_may_be_cut_off(
    keys: KeyRing, root: RootKey, vault_id: UUID, cut_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "_AT_ONCE", 1)
    studies = [new_id() for _ in range(3)]
    keys.create_study_keys(vault_id, studies)
    before = all_of(keys, vault_id, *studies)
    elsewhere = KeyRing(root)
    assert all_of(elsewhere, vault_id, *studies) == before

    assert rotation.begin_vault(keys, vault_id, at=clock.now()) == 2
    cut_off(rotation.rewrap_studies(keys, vault_id), cut_after)
    for each in (keys, elsewhere, KeyRing(root)):
        assert all_of(each, vault_id, *studies) == before
    fresh = new_id()
    made = elsewhere.create_study_key(vault_id, fresh)

    if cut_after < 4:
        assert rotation.begin_vault(keys, vault_id, at=clock.now()) == 2, "it goes on"
    list(rotation.rewrap_studies(keys, vault_id))
    at = clock.now() + LATER
    assert rotation.end_past(keys, Kind.VAULT, vault_id, before=at, at=at) == 1
    for each in (keys, elsewhere, KeyRing(root)):
        assert all_of(each, vault_id, *studies, fresh) == [*before, made]
    rows = WrappedKey.objects.using("keys").filter(vault_id=vault_id)
    assert set(rows.filter(kind__in=["study", "fields"]).values_list("above", flat=True)) == {2}


def test_a_vault_key_that_still_wraps_something_is_not_ended(keys: KeyRing, vault_id: UUID) -> None:
    keys.create_study_key(vault_id, new_id())
    rotation.begin_vault(keys, vault_id, at=clock.now())

    at = clock.now() + LATER
    assert rotation.end_past(keys, Kind.VAULT, vault_id, before=at, at=at) == 0


def test_a_study_key_under_a_vault_key_that_is_over_is_not_made(
    keys: KeyRing, vault_id: UUID
) -> None:
    row = WrappedKey(
        kind=Kind.STUDY,
        subject_id=new_id(),
        vault_id=vault_id,
        wrapped=b"under a key that nobody has any more",
        above=7,
        created_at=clock.now(),
    )

    with pytest.raises(KeyUnknownError):
        store.keep([row])


def test_a_vault_is_replaced_twice_and_its_secret_stays(keys: KeyRing, vault_id: UUID) -> None:
    study = new_id()
    keys.create_study_key(vault_id, study)
    before = all_of(keys, vault_id, study)
    for version in (2, 3):
        assert rotation.begin_vault(keys, vault_id, at=clock.now()) == version
        list(rotation.rewrap_studies(keys, vault_id))
    at = clock.now() + LATER

    assert rotation.end_past(keys, Kind.VAULT, vault_id, before=at, at=at) == 2
    assert all_of(keys, vault_id, study) == before


def test_a_study_key_goes_from_next_to_current_to_gone(
    keys: KeyRing, root: RootKey, vault_id: UUID
) -> None:
    study = new_id()
    old = keys.create_study_key(vault_id, study)
    sealed_before = seal(old, b"before", bound_to="x")

    assert rotation.begin_next(keys, Kind.STUDY, study, at=clock.now())
    assert not rotation.begin_next(keys, Kind.STUDY, study, at=clock.now()), "it goes on"
    assert keys.study_key(study) == old, "the next one does not seal yet"
    elsewhere = KeyRing(root)
    slow = elsewhere.study_key(study)  # a process that knows both, but not that one seals

    assert rotation.promote(keys, Kind.STUDY, study, at=clock.now())
    assert not rotation.promote(keys, Kind.STUDY, study, at=clock.now())
    fresh = keys.study_key(study)
    assert fresh != old
    sealed_after = seal(fresh, b"after", bound_to="x")
    for key in (slow, fresh, keys.study_keys([study])[study]):
        assert unseal(key, sealed_before, bound_to="x") == b"before"
        assert unseal(key, sealed_after, bound_to="x") == b"after"

    at = clock.now() + LATER
    assert rotation.past_before(Kind.STUDY, at) == [study]
    assert rotation.end_past(keys, Kind.STUDY, study, before=at, at=at) == 1
    assert unseal(keys.study_key(study), sealed_after, bound_to="x") == b"after"
    with pytest.raises(SealBrokenError):
        unseal(keys.study_key(study), sealed_before, bound_to="x")


def test_destroying_a_study_that_is_being_rotated_destroys_every_version(
    keys: KeyRing, vault_id: UUID
) -> None:
    study = new_id()
    keys.create_study_key(vault_id, study)
    rotation.begin_next(keys, Kind.STUDY, study, at=clock.now())
    rotation.promote(keys, Kind.STUDY, study, at=clock.now())

    keys.destroy_study_key(study, at=clock.now())

    assert not WrappedKey.objects.using("keys").filter(subject_id=study).exists()
    with pytest.raises(KeyDestroyedError):
        rotation.begin_next(keys, Kind.STUDY, study, at=clock.now())


def test_destroying_a_vault_leaves_no_version_and_no_secret_of_fields(
    keys: KeyRing, vault_id: UUID
) -> None:
    keys.create_study_key(vault_id, new_id())
    rotation.begin_vault(keys, vault_id, at=clock.now())

    keys.destroy_vault_key(vault_id, at=clock.now())

    left = WrappedKey.objects.using("keys").filter(vault_id=vault_id)
    assert list(left.values_list("kind", flat=True)) == ["ledger"]
    with pytest.raises(KeyDestroyedError):
        keys.vault_key(vault_id)


def test_a_ledger_opens_with_all_its_keys_and_seals_with_the_newest(
    keys: KeyRing, new: RootKey, vault_id: UUID
) -> None:
    kept = [seal(keys.ledger_key(vault_id), b"1", bound_to="row")]
    for _ in range(2):
        rotation.begin_next(keys, Kind.LEDGER, vault_id, at=clock.now())
        rotation.promote(keys, Kind.LEDGER, vault_id, at=clock.now())
        kept.append(seal(keys.ledger_key(vault_id), b"1", bound_to="row"))
    list(rotation.rewrap_under(keys, new, at=clock.now()))

    alone = KeyRing(new).ledger_key(vault_id)
    assert [unseal(alone, each, bound_to="row") for each in kept] == [b"1"] * 3
    assert unseal(bytes(alone), kept[-1], bound_to="row") == b"1"
    with pytest.raises(ValueError, match="ledger"):
        rotation.end_past(keys, Kind.LEDGER, vault_id, before=clock.now(), at=clock.now())


def test_a_signing_key_goes_on_under_the_next_root_key(keys: KeyRing, new: RootKey) -> None:
    private = Ed25519PrivateKey.generate()
    made = Signer("safelight-audit", private, private.public_key().public_bytes_raw())
    keep_private(keys, "audit-signing", 2, made, clock.now())
    assert sum(rotation.rewrap_under(keys, new, at=clock.now())) == 1
    assert KeyRing(new).signing_key("audit-signing", 2) == private.private_bytes_raw()
    with pytest.raises(KeyUnknownError):
        keys.signing_key("audit-signing", 3)
