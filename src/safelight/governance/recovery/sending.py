"""Which parts of a backup are there already, and how are the others brought there?

Parts that an earlier backup, or one that was cut off, brought there are not sent again.
What is sent is sealed first, and named after its digest.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import orjson
from django.conf import settings

from safelight.governance.recovery.errors import (
    BackupBrokenError,
    BackupFailedError,
)
from safelight.governance.recovery.manifest import (
    Part,
    ids_in,
    known_signers,
    read_manifest,
)
from safelight.governance.recovery.places import Place
from safelight.governance.recovery.setup import Setup
from safelight.platform.keys.signing import Signer
from safelight.platform.storage.errors import PackMissingError
from safelight.records.imaging.store import store
from safelight.records.imaging.upkeep.shelved import names

_PIECE: Final = 4 << 20
_RENEW_EVERY: Final = 1200.0  # seconds; a sweep leaves a pack alone for an hour
UPLOADS: Final = "uploads"


@dataclass(slots=True)
class Run:
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
        """Where what is sent lies until it is there."""
        return self.setup.folder / "staging"

    @property
    def unfinished(self) -> Path:
        """What a run that is cut off brought there."""
        return self.setup.folder / "unfinished"


def covering(run: Run, name: str, end: int) -> list[Part]:
    """Return the parts that are there already, where they hold all that is needed."""
    parts = _chain(run, name)
    return parts if parts and parts[-1].end >= end else []


def _chain(run: Run, name: str) -> list[Part]:
    """Return known parts that follow one another from the beginning."""
    parts: list[Part] = []
    while found := run.known.get((name, parts[-1].end if parts else 0)):
        parts.append(max(found, key=lambda part: part.end))
    return parts


def bring(run: Run, name: str, end: int) -> list[Part]:
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
        if name.startswith(UPLOADS) or not names(name):
            run.gone.append(name)
            return []
        raise BackupFailedError("a pack that rows name is missing; see safelight sweep") from error
    folder, _, leaf = name.rpartition("/")
    stem = leaf.partition(".")[0]
    made = send(run, run.setup.data, f"{folder}/{stem}", raw, start=start, end=end)
    raw.unlink()
    with run.unfinished.open("ab") as file:
        file.write(orjson.dumps({"file": name, **asdict(made)}) + b"\n")
        file.flush()
    run.new += 1
    return [*parts, made]


def _read(name: str, start: int, end: int) -> Iterator[bytes]:
    if name.startswith(UPLOADS):
        with (Path(settings.SAFELIGHT_DATA) / name).open("rb") as file:
            file.seek(start)
            while start < end and (piece := file.read(min(_PIECE, end - start))):
                start += len(piece)
                yield piece
        return
    for at in range(start, end, _PIECE):
        yield store().raw(name, at, min(_PIECE, end - at))


def send(run: Run, place: Place, name: str, path: Path, *, start: int = 0, end: int = 0) -> Part:
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


def parts_known(run: Run) -> dict[tuple[str, int], list[Part]]:
    """Return the parts that this instance brought there before and that are still there.

    What is listed there but signed nowhere, and not in our own notes, is not trusted.
    """
    there = {
        name: size for folder in ("packs", UPLOADS) for name, size in run.setup.data.listed(folder)
    }
    found: dict[tuple[str, int], list[Part]] = {}
    for name, part in _noted(run):
        if there.get(part.name) == part.size:
            parts = found.setdefault((name, part.start), [])
            if part not in parts:
                parts.append(part)
    return found


def _noted(run: Run) -> Iterator[tuple[str, Part]]:
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


def renew(run: Run, coming: list[str]) -> None:
    """Let packs that are still to be sent count as in use: a sweep leaves them for an hour."""
    if time.monotonic() - run.renewed < _RENEW_EVERY:
        return
    run.renewed = time.monotonic()
    for name in coming:
        if not name.startswith(UPLOADS):
            store().begin_hour(name)
