"""How do a backup's bytes come back to an empty place?

All that can be wrong is found before the first byte is written: the place is not empty,
the manifest was changed, a part is missing, the backup key or the root key is another one.
A run that is cut off goes on where it was; nothing serves the place before the end.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connections

from safelight.governance.recovery.databases import is_empty, load_server
from safelight.governance.recovery.errors import (
    BackupBrokenError,
    BackupKeyRefusedError,
    RestoreRefusedError,
)
from safelight.governance.recovery.manifest import (
    PURPOSE,
    SORT,
    Manifest,
    Part,
    ids_in,
    moment_of,
    read_manifest,
)
from safelight.governance.recovery.places import Place
from safelight.governance.recovery.sealing import PrivateKey
from safelight.platform.audit.offline.keys import PublicKey
from safelight.platform.keys.cipher import derive, unseal
from safelight.platform.keys.errors import SealBrokenError, WrongRootKeyError
from safelight.platform.keys.names import name_of_secret
from safelight.platform.keys.root import RootKey
from safelight.platform.keys.roots import RootProvider
from safelight.platform.keys.signing import Signer, is_signed
from safelight.platform.storage.store import Store, store_for

MARK: Final = "restoring"
_PIECE: Final = 4 << 20
_FILES: Final = {"keys": "keys.sqlite3", "default": "safelight.sqlite3"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a backup is taken from, and with what it is opened."""

    data: Place
    keys: Place
    key: PrivateKey
    root: RootProvider


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A backup that was found whole, and the newest key store that serves it."""

    source: Source
    data: Manifest
    keys: Manifest
    signer: PublicKey


def examine(source: Source, *, before: datetime | None = None) -> Plan:
    """Choose the newest backup, or the newest before a moment, and check all about it.

    Raises:
        BackupBrokenError: there is none, or it was changed, or parts are missing.
        WrongRootKeyError, RootKeyRefusedError, BackupKeyRefusedError: another key is needed.
    """
    found = [each for each in ids_in(source.data, "data") if not before or moment_of(each) < before]
    if not found:
        raise BackupBrokenError("there is no such backup in this place")
    chosen = found[-1]
    keys_id = _keys_for(source.keys, chosen)
    unproved = read_manifest(source.keys, "keys", keys_id, signer=None)
    if unproved.recipient != source.key.public.material.hex():
        raise BackupKeyRefusedError("this backup was sealed for another backup key")
    signer = _signer_of(source, unproved)
    plan = Plan(
        source=source,
        data=read_manifest(source.data, "data", chosen, signer=signer),
        keys=read_manifest(source.keys, "keys", keys_id, signer=signer),
        signer=signer,
    )
    for place, manifest in ((source.keys, plan.keys), (source.data, plan.data)):
        for part in manifest.parts():
            if place.size_of(part.name) != part.size:
                raise BackupBrokenError(f"{part.name} is missing from the backup, or cut short")
    return plan


def _keys_for(place: Place, data_id: str) -> str:
    """Return the newest key backup: it lacks what was destroyed since, and nothing else."""
    found = ids_in(place, "keys")
    if not found or found[-1] < data_id:
        raise BackupBrokenError("no key store was kept with this backup, or it has lapsed")
    return found[-1]


def _signer_of(source: Source, keys: Manifest) -> PublicKey:
    """Open the instance's secret with both keys, and return the first key it signed with.

    Those that followed are endorsed in what they signed.
    """
    part = next(each for each in keys.objects if each.name.startswith("openings/"))
    said = orjson.loads(b"".join(opened(source.keys, source.key, part)))
    root = _root_named(source.root, said["root_id"])
    if root.check_value.hex() != said["check_value"]:
        raise WrongRootKeyError
    try:
        secret = unseal(
            root.material,
            bytes.fromhex(said["wrapped_secret"]),
            bound_to=name_of_secret(root.id),
        )
    except SealBrokenError:
        raise WrongRootKeyError from None
    private = Ed25519PrivateKey.from_private_bytes(derive(secret, f"instance/{PURPOSE}"))
    first = Signer(SORT, private, private.public_key().public_bytes_raw())
    known = PublicKey.parse(first.verifier_key, is_signed)
    try:
        return known.joined(keys.signers) if keys.signers else known
    except ValueError:
        raise BackupBrokenError("the backup names keys that are not this instance's") from None


def _root_named(provider: RootProvider, root_id: str) -> RootKey:
    """Return the current root key or, where it was replaced since, the one before."""
    for root in (provider.current(), *provider.others()):
        if root.id == root_id:
            return root
    raise WrongRootKeyError


def require_empty(data: Path, plan: Plan) -> None:
    """Let pass only where nothing is yet, or what this very restore has begun.

    Raises:
        RestoreRefusedError: something is there.
    """
    mark = data / MARK
    if mark.is_file():
        if json.loads(mark.read_text())["backup"] != plan.data.id:
            raise RestoreRefusedError("the restore of another backup was begun here; empty it")
        return
    if data.is_dir() and any(data.iterdir()):
        raise RestoreRefusedError(f"{data} is not empty")
    for alias in ("default", "keys"):
        if connections[alias].vendor != "sqlite" and not is_empty(alias):
            raise RestoreRefusedError(f"the database {alias} is not empty")
    for alias in ("default", "keys"):
        vendor = "sqlite" if connections[alias].vendor == "sqlite" else "postgresql"
        if vendor != plan.data.vendor:
            raise RestoreRefusedError(
                f"this backup is of {plan.data.vendor}: name databases of that kind"
            )
    if settings.SAFELIGHT_STORE_URL and next(
        _store().idle(idle_for=timedelta(0).total_seconds()), None
    ):
        raise RestoreRefusedError("there are packs in the store already")


def take_back(
    data: Path, plan: Plan, *, told: Callable[[int, int], None] = lambda _done, _all: None
) -> None:
    """Write everything, checked against its digests. Call it again after it was cut off.

    Raises:
        RestoreRefusedError, BackupBrokenError, BackupFailedError, StorageFailedError.
    """
    require_empty(data, plan)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    _note(data, plan, phase="files")
    staging = data / "restore-staging"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o700)
    for number, (name, parts) in enumerate(plan.data.files.items(), 1):
        _take_file(data, plan, name, parts, staging)
        told(number, len(plan.data.files))
    done = json.loads((data / MARK).read_text()).get("databases", [])
    for alias, place, part in (
        ("keys", plan.source.keys, _object(plan.keys, "keys/")),
        ("default", plan.source.data, _object(plan.data, "databases/")),
    ):
        if alias not in done:
            pieces = opened(place, plan.source.key, part, staging=staging)
            _take_database(alias, data, staging, pieces)
            done.append(alias)
            _note(data, plan, phase="databases", databases=done)
    shutil.rmtree(staging)
    _note(data, plan, phase="replay", databases=done)


def settings_of(plan: Plan) -> str:
    """Return the settings file that was kept, or nothing."""
    parts = [each for each in plan.data.objects if each.name.startswith("settings/")]
    if not parts:
        return ""
    return b"".join(opened(plan.source.data, plan.source.key, parts[0])).decode()


def _object(manifest: Manifest, folder: str) -> Part:
    return next(each for each in manifest.objects if each.name.startswith(folder))


def _take_file(data: Path, plan: Plan, name: str, parts: list[Part], staging: Path) -> None:
    is_pack = name.startswith("packs/")
    here = _store().size_of(name) if is_pack else None
    if here == parts[-1].end:
        return
    whole = staging / "whole"
    with whole.open("wb") as file:
        for part in parts:
            for piece in opened(plan.source.data, plan.source.key, part, staging=staging):
                file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if whole.stat().st_size != parts[-1].end:
        raise BackupBrokenError(f"{name} is of another size than the manifest says")
    if is_pack:
        _store().put_back(name, whole)
        return
    to = data / name
    to.parent.mkdir(exist_ok=True, mode=0o700)
    shutil.move(whole, to)


def _take_database(alias: str, data: Path, staging: Path, pieces: Iterator[bytes]) -> None:
    dumped = staging / alias
    with dumped.open("wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    dumped.chmod(0o600)
    if connections[alias].vendor == "sqlite":
        connections[alias].close()
        for more in ("-wal", "-shm"):
            (data / f"{_FILES[alias]}{more}").unlink(missing_ok=True)
        dumped.replace(data / _FILES[alias])
    else:
        load_server(alias, dumped)


def opened(
    place: Place, key: PrivateKey, part: Part, *, staging: Path | None = None
) -> Iterator[bytes]:
    """Yield what one part holds, once its digest was found right.

    Raises:
        BackupBrokenError: it is missing, or other bytes.
    """
    bound_to = part.name.rpartition(".")[0]
    if staging is None:
        sealed = place.read(part.name, 0, part.size)
        if hashlib.sha256(sealed).hexdigest() != part.sha256:
            raise BackupBrokenError(f"{part.name} is not as it was made")
        yield from key.open(bound_to, lambda start, size: sealed[start : start + size], part.size)
        return
    local, digest = staging / "part", hashlib.sha256()
    with local.open("w+b") as file:
        for at in range(0, part.size, _PIECE):
            piece = place.read(part.name, at, min(_PIECE, part.size - at))
            digest.update(piece)
            file.write(piece)
        if digest.hexdigest() != part.sha256:
            raise BackupBrokenError(f"{part.name} is not as it was made")
        file.flush()
        descriptor = file.fileno()
        yield from key.open(
            bound_to, lambda start, size: os.pread(descriptor, size, start), part.size
        )
    local.unlink()


def _store() -> Store:
    return store_for(settings.SAFELIGHT_DATA, settings.SAFELIGHT_STORE_URL)


def _note(data: Path, plan: Plan, *, phase: str, databases: list[str] | None = None) -> None:
    """Write down how far this is, whole or not at all."""
    before = json.loads((data / MARK).read_text()) if (data / MARK).is_file() else {}
    said = before | {"backup": plan.data.id, "phase": phase}
    if databases is not None:
        said["databases"] = databases
    passing = data / f"{MARK}.partial"
    passing.write_text(json.dumps(said))
    passing.replace(data / MARK)
