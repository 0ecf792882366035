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

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import orjson
from django.conf import settings
from django.db import transaction

from safelight.governance.recovery.databases import Dumped, dump
from safelight.governance.recovery.errors import (
    BackupBrokenError,
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
    ids_in,
    known_signers,
    place_of,
    read_manifest,
)
from safelight.governance.recovery.places import Place
from safelight.governance.recovery.setup import Setup
from safelight.governance.recovery.turns import alone
from safelight.kernel.errors import ExpectedError
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import Outcome
from safelight.platform.keys import store as key_store
from safelight.platform.keys.signing import Signer, keys_beside, signer_for
from safelight.platform.storage.errors import PackMissingError
from safelight.records.imaging.store import store
from safelight.records.imaging.upkeep.shelved import names

_PIECE: Final = 4 << 20
_RENEW_EVERY: Final = 1200.0  # seconds; a sweep leaves a pack alone for an hour
_UPLOADS: Final = "uploads"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backup is: files done of all, and bytes that were sent."""

    done: int
    files: int
    sent: int


@dataclass(slots=True)
class _Run:
    """What one run knows and has done."""

    setup: Setup
    identity: str
    by: Signer
    known: dict[tuple[str, int], list[Part]]
    sent: int = 0
    new: int = 0
    gone: list[str] = field(default_factory=list)
    renewed: float = field(default_factory=time.monotonic)

    @property
    def staging(self) -> Path:
        return self.setup.folder / "staging"

    @property
    def unfinished(self) -> Path:
        return self.setup.folder / "unfinished"


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
    run = _Run(setup, id_at(at), signer(), {})
    run.known = _known(run)
    dumped = dump("default", run.staging / "main")
    keys_id = _keep_keys(run)
    files = _keep_files(run, dumped, told)
    objects = [_send(run, setup.data, f"databases/{run.identity}", dumped.path)]
    settings_file = Path(settings.SAFELIGHT_DATA) / "safelight.toml"
    if settings_file.is_file():
        objects.append(_send(run, setup.data, f"settings/{run.identity}", settings_file))
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


def _keep_keys(run: _Run) -> str:
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
            _send(run, place, f"keys/{identity}", dumped.path),
            _send(run, place, f"openings/{identity}", opening),
        ],
    )
    _put_manifest(run, place, manifest)
    return identity


def _put_manifest(run: _Run, place: Place, manifest: Manifest) -> None:
    written = run.staging / "manifest"
    written.write_bytes(manifest.signed(run.by))
    place.put(place_of(manifest.kind, manifest.id), written)


def _keep_files(
    run: _Run, dumped: Dumped, told: Callable[[Progress], None]
) -> dict[str, list[Part]]:
    """Bring packs there up to where rows need them, and uploads that wait as far as they are."""
    wanted: dict[str, int] = dict(sorted(dumped.ends.items()))
    waiting = Path(settings.SAFELIGHT_DATA) / _UPLOADS
    for path in sorted(waiting.glob("*.part")):
        wanted[f"{_UPLOADS}/{path.name}"] = path.stat().st_size
    files = {}
    for number, (name, end) in enumerate(wanted.items()):
        _renew(
            run, [each for each in list(wanted)[number:] if not _covering(run, each, wanted[each])]
        )
        parts = _covering(run, name, end) or _bring(run, name, end)
        if parts:
            files[name] = parts
        told(Progress(number + 1, len(wanted), run.sent))
    return files


def _covering(run: _Run, name: str, end: int) -> list[Part]:
    """Return the parts that are there already, where they hold all that is needed."""
    parts = _chain(run, name)
    return parts if parts and parts[-1].end >= end else []


def _chain(run: _Run, name: str) -> list[Part]:
    """Return known parts that follow one another from the beginning."""
    parts: list[Part] = []
    while found := run.known.get((name, parts[-1].end if parts else 0)):
        parts.append(max(found, key=lambda part: part.end))
    return parts


def _bring(run: _Run, name: str, end: int) -> list[Part]:
    """Send what is missing of a file, and return all its parts; none where it was erased."""
    parts = _chain(run, name)
    start = parts[-1].end if parts else 0
    if end == start:
        return parts
    raw = run.staging / "raw"
    try:
        with raw.open("wb") as file:
            for piece in _read(name, start, end):
                file.write(piece)
    except (PackMissingError, FileNotFoundError) as error:
        if name.startswith(_UPLOADS) or not names(name):
            run.gone.append(name)
            return []
        raise BackupFailedError("a pack that rows name is missing; see safelight sweep") from error
    folder, _, leaf = name.rpartition("/")
    stem = leaf.partition(".")[0]
    made = _send(run, run.setup.data, f"{folder}/{stem}", raw, start=start, end=end)
    raw.unlink()
    with run.unfinished.open("ab") as file:
        file.write(orjson.dumps({"file": name, **asdict(made)}) + b"\n")
        file.flush()
    run.new += 1
    return [*parts, made]


def _read(name: str, start: int, end: int) -> Iterator[bytes]:
    if name.startswith(_UPLOADS):
        with (Path(settings.SAFELIGHT_DATA) / name).open("rb") as file:
            file.seek(start)
            while start < end and (piece := file.read(min(_PIECE, end - start))):
                start += len(piece)
                yield piece
        return
    for at in range(start, end, _PIECE):
        yield store().raw(name, at, min(_PIECE, end - at))


def _send(run: _Run, place: Place, name: str, path: Path, *, start: int = 0, end: int = 0) -> Part:
    """Seal a file and put it there, under a name that ends in its digest."""
    sealed = run.staging / "sealed"
    digest, size = hashlib.sha256(), 0
    bound_to = f"{name}/{start}-{end}"
    with path.open("rb") as plain, sealed.open("wb") as written:
        for piece in run.setup.key.seal(bound_to, iter(lambda: plain.read(_PIECE), b"")):
            digest.update(piece)
            size += len(piece)
            written.write(piece)
    full = f"{bound_to}.{digest.hexdigest()}"
    place.put(full, sealed)
    sealed.unlink()
    run.sent += size
    return Part(full, start, end, size, digest.hexdigest())


def _known(run: _Run) -> dict[tuple[str, int], list[Part]]:
    """Return the parts that this instance brought there before and that are still there.

    What is listed there but signed nowhere, and not in our own notes, is not trusted.
    """
    there = {
        name: size for folder in ("packs", _UPLOADS) for name, size in run.setup.data.listed(folder)
    }
    found: dict[tuple[str, int], list[Part]] = {}
    for name, part in _noted(run):
        if there.get(part.name) == part.size:
            parts = found.setdefault((name, part.start), [])
            if part not in parts:
                parts.append(part)
    return found


def _noted(run: _Run) -> Iterator[tuple[str, Part]]:
    for identity in ids_in(run.setup.data, "data")[-3:]:
        try:
            manifest = read_manifest(run.setup.data, "data", identity, signer=known_signers())
        except BackupBrokenError:
            continue
        if manifest.recipient == run.setup.key.material.hex():
            for name, parts in manifest.files.items():
                yield from ((name, part) for part in parts)
    if run.unfinished.is_file():
        for line in run.unfinished.read_bytes().splitlines():
            try:
                said = orjson.loads(line)
                yield said.pop("file"), Part(**said)
            except (ValueError, TypeError, KeyError):
                continue  # the run was ended while it wrote this line


def _renew(run: _Run, coming: list[str]) -> None:
    """Let packs that are still to be sent count as in use: a sweep leaves them for an hour."""
    if time.monotonic() - run.renewed < _RENEW_EVERY:
        return
    run.renewed = time.monotonic()
    for name in coming:
        if not name.startswith(_UPLOADS):
            store().begin_hour(name)
