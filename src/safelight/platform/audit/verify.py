"""Is the trail in this database whole, in order, and as it was signed?

The same reading as the one-file verifier's, with what only the instance can add:
whether each entry was written by it, whether the columns say what the entry says,
whether entries wait for a place, and whether the triggers are there.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
from django.db import connection
from django.db.models import Subquery
from django.db.models.functions import Coalesce, Greatest

from safelight.kernel import clock
from safelight.platform.audit.asking import known_witnesses
from safelight.platform.audit.checkpoints import known_keys
from safelight.platform.audit.entry import mac, time_text
from safelight.platform.audit.kept_hashes import KeptHashes, count_of_kept
from safelight.platform.audit.models import Checkpoint, Cosignature, Entry, Tip
from safelight.platform.audit.offline.trail import SIGNED, BrokenTrailError, Trail
from safelight.platform.audit.triggers import TRIGGERS
from safelight.platform.database.triggers import missing
from safelight.platform.keys.ring import ring

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

WAITS_AT_MOST = timedelta(seconds=10)
_COLUMNS = (
    "row",
    "seq",
    "chain",
    "mac",
    "text",
    "at",
    "entry_id",
    "kind",
    "outcome",
    "actor",
    "subject",
    "vault_id",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What verification found: `seq` is the first broken sequence, `problem` empty if none."""

    size: int
    seq: int = 0
    problem: str = ""

    @property
    def is_whole(self) -> bool:
        """Say whether nothing is wrong."""
        return not self.problem


def verify_trail(*, witnesses: Sequence[str] = ()) -> Finding:
    """Verify the whole trail as of now. `witnesses` are checkpoints that were kept elsewhere.

    Takes no lock, so acts go on meanwhile, and flat memory.
    """
    key = known_keys()
    trail = Trail(key)
    try:
        trail.witnessed = dict(key.open(note) for note in witnesses)
    except ValueError:
        return Finding(0, 0, "a witness is not signed by this instance")
    try:
        _read(trail)
        _check_cosignatures(trail.size)
        _read_waiting(trail.size + 1)
    except BrokenTrailError as broken:
        return Finding(trail.size, broken.seq, broken.reason)
    if absent := missing(connection, TRIGGERS):
        return Finding(trail.size, 0, f"triggers are missing: {', '.join(absent)}")
    return Finding(trail.size)


def _read(trail: Trail) -> None:
    tip = _tip_with_newest()
    if tip is None:
        if Entry.objects.filter(seq__isnull=False).exists() or Checkpoint.objects.exists():
            raise BrokenTrailError(1, "the tip is missing")
        return
    if tip.newest > tip.size:
        raise BrokenTrailError(tip.size + 1, "added after the trail was signed")
    checkpoints = list(Checkpoint.objects.filter(size__lte=tip.size).order_by("-size"))
    signed_at: dict[str, datetime] = {}
    key = ring().instance_key("audit-entry")
    entries = Entry.objects.filter(seq__lte=tip.size).order_by("seq").values_list(*_COLUMNS)
    kept_hashes = KeptHashes(tip.size)
    trail.on_subtree = kept_hashes.came_about
    newest_row = 0
    for row, seq, chain, made, text, *columns in entries.iterator(chunk_size=2000):
        if seq == trail.size + 1:
            _check_written(seq, key, text, made)
        said = trail.entry(seq, text, chain)
        if row <= newest_row and _rows_follow_commits():
            raise BrokenTrailError(seq, "its row was moved")
        newest_row = row
        _compare(seq, said, columns)
        kept_hashes.compare()
        if said["kind"] == SIGNED and signed_at.pop(said["subject"], None) != columns[0]:
            raise BrokenTrailError(seq, "its checkpoint is missing or another")
        while checkpoints and checkpoints[-1].size <= seq:
            checkpoint = checkpoints.pop()
            trail.checkpoint(checkpoint.note)
            signed_at[f"checkpoint/{checkpoint.size}"] = checkpoint.at
    _check_end(trail, tip, kept_hashes)


def _check_end(trail: Trail, tip: Any, kept_hashes: KeptHashes) -> None:  # noqa: ANN401
    if tip.size:
        trail.end(tip.note)
    kept = (tip.size, tip.chain, tip.frontier)
    if (trail.size, trail.chain, b"".join(trail.peaks)) != kept:
        raise BrokenTrailError(trail.size, "the tip was changed")
    if tip.hashes != kept_hashes.due:
        raise BrokenTrailError(trail.size + 1, "a hash is kept over entries that are not there")


def _check_cosignatures(size: int) -> None:
    keys = {each.key.name: each.key for each in known_witnesses()}
    lines = Cosignature.objects.filter(witness__in=keys, checkpoint__size__lte=size)
    for line in lines.select_related("checkpoint").order_by("checkpoint").iterator():
        body = line.checkpoint.note.rpartition("\n\n")[0]
        try:
            keys[line.witness].signed_at(f"{body}\n\n{line.line}")
        except ValueError:
            reason = "what a witness signed was changed"
            raise BrokenTrailError(line.checkpoint.size, reason) from None


def _tip_with_newest() -> Any:  # noqa: ANN401 (a Tip with the annotations `newest` and `hashes`)
    """Return the tip, the newest sequence and how many hashes are kept, read in one statement."""
    newest_entry = Entry.objects.filter(seq__isnull=False).order_by("-seq").values("seq")[:1]
    newest_checkpoint = Checkpoint.objects.order_by("-size").values("size")[:1]
    return Tip.objects.annotate(
        newest=Greatest(
            Coalesce(Subquery(newest_entry), 0), Coalesce(Subquery(newest_checkpoint), 0)
        ),
        hashes=count_of_kept(),
    ).first()


def _rows_follow_commits() -> bool:
    # One writer at a time; elsewhere a later row may be committed first.
    return connection.vendor == "sqlite"


def _check_written(seq: int, key: bytes, text: str, made: bytes) -> None:
    if not hmac.compare_digest(mac(key, text), made):
        raise BrokenTrailError(seq, "not written by this instance")


def _compare(seq: int, said: dict[str, Any], columns: Sequence[Any]) -> None:
    at, entry_id, kind, outcome, actor, subject, vault_id = columns
    shown = (time_text(at), str(entry_id), kind, outcome, actor, subject, str(vault_id or ""))
    if shown != tuple(
        said[name] for name in ("at", "id", "kind", "outcome", "actor", "subject", "vault")
    ):
        raise BrokenTrailError(seq, "its columns say something else")


def _read_waiting(next_seq: int) -> None:
    key = ring().instance_key("audit-entry")
    now = clock.now()
    waiting = Entry.objects.filter(seq__isnull=True).order_by("row").values_list(*_COLUMNS)
    for _row, _seq, _chain, made, text, *columns in waiting.iterator(chunk_size=2000):
        _check_written(next_seq, key, text, made)
        _compare(next_seq, orjson.loads(text), columns)
        if now - columns[0] > WAITS_AT_MOST:
            raise BrokenTrailError(next_seq, "an entry has waited too long for its place")
