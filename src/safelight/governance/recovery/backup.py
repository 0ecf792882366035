"""How is everything copied elsewhere while it is in use?

In this order, so that whatever a row of the copy names is in the backup too:

1. The main database as of one moment, and how far its rows need each pack.
2. The key store, later: it has every key that those rows need, but for what was
   destroyed in between, and of that it has the destruction.
3. The packs, up to where the rows need them. Bytes that a row names never change. A pack
   that an erasure took away meanwhile is named as gone; nothing else may be missing.
   Packs still to come are marked as in use, so that no sweep takes them first.
4. The manifest, last: without it there is no backup.

Parts of packs that an earlier backup, or one that was cut off, brought there already are
not sent again. The host can open none of it afterwards (sealing.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import orjson
from django.conf import settings
from django.db import transaction

from safelight.governance.recovery.databases import Dumped, dump
from safelight.governance.recovery.errors import (
    BackupFailedError,
    BackupUnderWayError,
)
from safelight.governance.recovery.events import RecoveryEvent
from safelight.governance.recovery.manifest import (
    PURPOSE,
    SORT,
    Manifest,
    Part,
    id_at,
    place_of,
)
from safelight.governance.recovery.places import Place
from safelight.governance.recovery.sending import (
    UPLOADS,
    Run,
    bring,
    covering,
    parts_known,
    renew,
    send,
)
from safelight.governance.recovery.setup import Setup
from safelight.governance.recovery.turns import alone
from safelight.kernel.errors import ExpectedError
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import Outcome
from safelight.platform.keys import store as key_store
from safelight.platform.keys.signing import Signer, keys_beside, signer_for


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backup is: files done of all, and bytes that were sent."""

    done: int
    files: int
    sent: int


def signer() -> Signer:
    """Return who signs manifests and drill records."""
    return signer_for(PURPOSE, SORT)


def make_backup(
    setup: Setup, *, at: datetime, told: Callable[[Progress], None] = lambda _: None
) -> Manifest:
    """Make a backup and record it; a failure is recorded, too.

    Raises:
        BackupUnderWayError: another run makes one at this moment; nothing is recorded of it.
        BackupFailedError: bytes that rows name are missing.
        StoreUnreachableError, StorageFailedError, DatabaseToolError: see there.
    """
    try:
        with alone(setup.folder):
            manifest, new = _make(setup, at, told)
    except BackupUnderWayError:
        raise
    except Exception as error:
        note_failed_backup(error, at=at)
        raise
    with transaction.atomic():
        record(
            RecoveryEvent.BACKUP_MADE,
            actor="system",
            subject=f"backup/{manifest.id}",
            count=new,
            size=manifest.size,
            at=at,
        )
    return manifest


def note_failed_backup(error: Exception, *, at: datetime) -> None:
    """Record that there is no new backup, and why as a code."""
    reason = error.code if isinstance(error, ExpectedError) else "fault"
    with transaction.atomic():
        record(
            RecoveryEvent.BACKUP_FAILED,
            actor="system",
            outcome=Outcome.FAILED,
            reason=reason,
            at=at,
        )


def _make(setup: Setup, at: datetime, told: Callable[[Progress], None]) -> tuple[Manifest, int]:
    run = Run(setup, id_at(at), signer(), {})
    run.known = parts_known(run)
    dumped = dump("default", run.staging / "main")
    keys_id = _keep_keys(run)
    files = _keep_files(run, dumped, told)
    objects = [send(run, setup.data, f"databases/{run.identity}", dumped.path)]
    settings_file = Path(settings.SAFELIGHT_DATA) / "safelight.toml"
    if settings_file.is_file():
        objects.append(send(run, setup.data, f"settings/{run.identity}", settings_file))
    manifest = Manifest(
        id=run.identity,
        kind="data",
        version=version("safelight"),
        recipient=setup.key.material.hex(),
        signer=run.by.public.hex(),
        signers=keys_beside(PURPOSE, SORT),
        root_id=_root_id(),
        vendor=dumped.vendor,
        objects=objects,
        files=files,
        gone=run.gone,
        keys_id=keys_id,
        audit_size=dumped.audit_size,
        audit_note=dumped.audit_note,
    )
    _put_manifest(run, setup.data, manifest)
    run.unfinished.unlink(missing_ok=True)
    return manifest, run.new


def _root_id() -> str:
    row = key_store.instance()
    return row.root_id if row is not None else ""


def _keep_keys(run: Run) -> str:
    """Back the key store up into its own place, and return the id of that."""
    dumped = dump("keys", run.staging / "keys")
    row = key_store.instance()
    if row is None:
        raise BackupFailedError("the key store is empty")
    opening = run.staging / "opening"
    opening.write_bytes(
        orjson.dumps(
            {
                "root_id": row.root_id,
                "check_value": bytes(row.check_value).hex(),
                "wrapped_secret": bytes(row.wrapped_secret).hex(),
            }
        )
    )
    place, identity = run.setup.keys, run.identity
    manifest = Manifest(
        id=identity,
        kind="keys",
        version=version("safelight"),
        recipient=run.setup.key.material.hex(),
        signer=run.by.public.hex(),
        signers=keys_beside(PURPOSE, SORT),
        root_id=row.root_id,
        vendor=dumped.vendor,
        objects=[
            send(run, place, f"keys/{identity}", dumped.path),
            send(run, place, f"openings/{identity}", opening),
        ],
    )
    _put_manifest(run, place, manifest)
    return identity


def _put_manifest(run: Run, place: Place, manifest: Manifest) -> None:
    written = run.staging / "manifest"
    written.write_bytes(manifest.signed(run.by))
    place.put(place_of(manifest.kind, manifest.id), written)


def _keep_files(
    run: Run, dumped: Dumped, told: Callable[[Progress], None]
) -> dict[str, list[Part]]:
    """Bring packs there up to where rows need them, and uploads that wait as far as they are."""
    wanted: dict[str, int] = dict(sorted(dumped.ends.items()))
    waiting = Path(settings.SAFELIGHT_DATA) / UPLOADS
    for path in sorted(waiting.glob("*.part")):
        wanted[f"{UPLOADS}/{path.name}"] = path.stat().st_size
    files = {}
    for number, (name, end) in enumerate(wanted.items()):
        renew(
            run, [each for each in list(wanted)[number:] if not covering(run, each, wanted[each])]
        )
        parts = covering(run, name, end) or bring(run, name, end)
        if parts:
            files[name] = parts
        told(Progress(number + 1, len(wanted), run.sent))
    return files
