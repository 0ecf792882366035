"""How does what ended survive the loss of the host? In a journal elsewhere, seconds later.

Segments follow one another, each sealed for the backup key, signed inside, and naming the
digest of the one before. The head beside them is signed and in the clear; it says how many
there are and how long the trail was, each minute anew, so that a missing tail is noticed.
After a restore a new run of segments begins beside the old ones.
"""

from __future__ import annotations

import fcntl
import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import orjson
from django.conf import settings
from django.db import connection, transaction

from safelight.governance.recovery.acts import Act, act_of, acts_in, destroyed
from safelight.governance.recovery.backup import signer
from safelight.governance.recovery.errors import BackupBrokenError, JournalBrokenError
from safelight.governance.recovery.events import RecoveryEvent
from safelight.governance.recovery.manifest import PURPOSE, SORT, id_at, moment_of
from safelight.governance.recovery.models import JournalTip
from safelight.governance.recovery.places import Place, place_at, read_whole
from safelight.governance.recovery.sealing import PrivateKey, PublicKey, read_public
from safelight.kernel.errors import ExpectedError
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import Outcome
from safelight.platform.audit.models import Entry
from safelight.platform.audit.offline.keys import PublicKey as Signers
from safelight.platform.audit.watching import entries_after
from safelight.platform.keys.models import Destruction
from safelight.platform.keys.signing import keys_beside

BEAT: Final = timedelta(seconds=60)
_FOLDER: Final = "journal"
_AT_ONCE: Final = 1000
_DEPTH: Final = 2  # slashes in the name of a segment
_SAY_AGAIN: Final = timedelta(hours=1)


def is_kept() -> bool:
    """Say whether a journal is configured."""
    return bool(settings.SAFELIGHT_JOURNAL_TO)


def write_on(*, at: datetime) -> int:
    """Bring what ended since the last turn elsewhere; return how many acts those were.

    Raises:
        PlaceUnknownError, BackupKeyRefusedError, StoreUnreachableError, StorageFailedError:
            nothing of it counts as written; the next turn tries again.
    """
    place = place_at(settings.SAFELIGHT_JOURNAL_TO)
    key = read_public(Path(settings.SAFELIGHT_BACKUP_PUBLIC_KEY_FILE or "/nowhere"))
    with _one_at_a_time() as is_mine:
        return _write_on(place, key, at) if is_mine else 0


@contextmanager
def _one_at_a_time() -> Iterator[bool]:
    """Let one turn write; another that comes meanwhile leaves it at that.

    A file's lock holds on this machine. Where several share a server's database, its row
    is locked too; SQLite's writers shall not wait for a store elsewhere.
    """
    with (Path(settings.SAFELIGHT_DATA) / ".journal-lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        if connection.vendor == "sqlite":
            yield True
            return
        with transaction.atomic():
            JournalTip.objects.select_for_update().first()
            yield True


def _write_on(place: Place, key: PublicKey, at: datetime) -> int:
    tip = _tip(at)
    written, more = 0, True
    while more:
        acts, more = _read_on(tip)
        if acts:
            _put_segment(place, key, tip, acts, at)
            written += len(acts)
        if acts or tip.beat_at is None or at - tip.beat_at >= BEAT:
            _put_head(place, tip, at)
        tip.failed_at = None
        tip.save()
    return written


def silent_since(*, at: datetime) -> datetime | None:
    """Return when the head was written last, if that is three turns ago or more."""
    tip = JournalTip.objects.first()
    beat = tip.beat_at if tip is not None else None
    if beat is None:
        return at
    return beat if at - beat >= 3 * BEAT else None


def note_failure(error: ExpectedError, *, at: datetime) -> None:
    """Record that the journal cannot be written; once an hour while that lasts."""
    with transaction.atomic():
        tip = _tip(at)
        if tip.failed_at is not None and at - tip.failed_at < _SAY_AGAIN:
            return
        JournalTip.objects.filter(pk=tip.pk).update(failed_at=at)
        record(
            RecoveryEvent.JOURNAL_FAILED,
            actor="system",
            outcome=Outcome.FAILED,
            reason=error.code,
            at=at,
        )


def begin_anew(*, at: datetime) -> None:
    """Let the next turn begin a new run of segments, from where the trail ends now."""
    JournalTip.objects.all().delete()
    _tip(at)


def _tip(at: datetime) -> JournalTip:
    tip, _ = JournalTip.objects.get_or_create(
        pk=1,
        defaults={
            "begun": id_at(at),
            "seq": _end_of_trail(),
            "destruction": _last_destruction(),
        },
    )
    return tip


def _end_of_trail() -> int:
    last = Entry.objects.filter(seq__isnull=False).order_by("-seq")
    return last.values_list("seq", flat=True).first() or 0


def _last_destruction() -> int:
    rows = Destruction.objects.using("keys").order_by("-number")
    return rows.values_list("number", flat=True).first() or 0


def _read_on(tip: JournalTip) -> tuple[list[Act], bool]:
    """Read what came since; moves `tip` along, for the caller to keep once it is written."""
    entries = entries_after(tip.seq, limit=_AT_ONCE)
    acts = acts_in(entries)
    tip.seq = entries[-1].seq if entries else tip.seq
    rows = Destruction.objects.using("keys").filter(number__gt=tip.destruction).order_by("number")
    for row in rows:
        acts.append(destroyed(row))
        tip.destruction = row.number
    return acts, len(entries) == _AT_ONCE


def _put_segment(
    place: Place, key: PublicKey, tip: JournalTip, acts: list[Act], at: datetime
) -> None:
    by = signer()
    number = tip.number + 1
    body = orjson.dumps(
        {
            "v": 1,
            "begun": tip.begun,
            "number": number,
            "prev": tip.last_hash,
            "at": at.isoformat(),
            "trail": tip.seq,
            "acts": [act.plain() for act in acts],
        }
    )
    name = _name(tip.begun, number)
    sealed = b"".join(key.seal(name, [body + b"\n" + by.sign(body).hex().encode()]))
    _put(place, name, sealed)
    tip.number, tip.last_hash = number, hashlib.sha256(sealed).hexdigest()


def _put_head(place: Place, tip: JournalTip, at: datetime) -> None:
    by = signer()
    body = orjson.dumps(
        {
            "v": 1,
            "signer": by.public.hex(),
            "begun": tip.begun,
            "number": tip.number,
            "last": tip.last_hash,
            "trail": tip.seq,
            "at": at.isoformat(),
            **({"signers": listed} if (listed := keys_beside(PURPOSE, SORT)) else {}),
        }
    )
    _put(place, f"{_FOLDER}/{tip.begun}/head", body + b"\n" + by.sign(body).hex().encode())
    tip.beat_at = at


def _put(place: Place, name: str, data: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=settings.SAFELIGHT_DATA, prefix=".journal-") as file:
        file.write(data)
        file.flush()
        place.put(name, Path(file.name))


def _name(begun: str, number: int) -> str:
    return f"{_FOLDER}/{begun}/{number:012d}"


@dataclass(frozen=True, slots=True)
class Read:
    """A journal that was read: since when and until when it tells, how long the trail was."""

    begun: datetime
    until: datetime
    trail: int
    acts: list[Act]


def read_journal(place: Place, key: PrivateKey, *, signers: Signers) -> Read | None:
    """Read all runs of a journal, the oldest first, and check them; None where there is none.

    Raises:
        JournalBrokenError: a segment is missing, was changed, or is not ours.
    """
    there = [name for name, _ in place.listed(_FOLDER) if name.count("/") == _DEPTH]
    runs = sorted({name.split("/")[1] for name in there})
    if not runs:
        return None
    acts: list[Act] = []
    until, trail = moment_of(runs[0]), 0
    for begun in runs:
        head, signers = _head(place, begun, signers)
        for segment in _segments(place, key, begun, head, signers):
            acts.extend(act_of(each) for each in segment["acts"])
        until = max(until, datetime.fromisoformat(head["at"]))
        trail = max(trail, head["trail"])
    return Read(moment_of(runs[0]), until, trail, acts)


def _head(place: Place, begun: str, signers: Signers) -> tuple[dict[str, Any], Signers]:
    try:
        raw = read_whole(place, f"{_FOLDER}/{begun}/head")
    except BackupBrokenError:
        raise JournalBrokenError("a run of the journal has no head") from None
    try:
        listed = orjson.loads(raw.partition(b"\n")[0]).get("signers")
        signers = signers.joined(listed) if listed else signers
    except (ValueError, AttributeError):
        raise JournalBrokenError("the journal is not signed by this instance") from None
    return _signed(raw, signers), signers


def _segments(
    place: Place, key: PrivateKey, begun: str, head: dict[str, Any], signers: Signers
) -> Iterator[dict[str, Any]]:
    before = ""
    # A segment that was put just before the loss may be there without being in the head.
    for number in range(1, head["number"] + 2):
        name = _name(begun, number)
        size = place.size_of(name)
        if size is None and number > head["number"]:
            return
        try:
            sealed = place.read(name, 0, size or 0)
            opened = b"".join(key.open(name, _reader(sealed), len(sealed)))
        except BackupBrokenError:
            raise JournalBrokenError(f"segment {number} of the journal cannot be read") from None
        said = _signed(opened, signers)
        if (said["number"], said["prev"], said["begun"]) != (number, before, begun):
            raise JournalBrokenError(f"segment {number} of the journal does not follow")
        before = hashlib.sha256(sealed).hexdigest()
        if number == head["number"] and before != head["last"]:
            raise JournalBrokenError("the journal's head names another end")
        yield said


def _reader(sealed: bytes) -> Callable[[int, int], bytes]:
    return lambda start, size: sealed[start : start + size]


def _signed(raw: bytes, signers: Signers) -> dict[str, Any]:
    body, _, signature = raw.partition(b"\n")
    try:
        said: dict[str, Any] = orjson.loads(body)
        by = signers.signer(body, bytes.fromhex(signature.decode()), at=str(said["at"]))
        if by is None:
            raise JournalBrokenError("the journal is not signed by this instance")
    except (ValueError, KeyError, TypeError):
        raise JournalBrokenError from None
    return said
