"""Who outside holds the end of this trail, and do they see the same one as we?

Each witness is asked for its signature under the newest checkpoint. What it says that
is news is recorded: that it signs (once an hour), that it is silent, that it refuses.
Beside the witnesses, the newest checkpoint may be kept in a file apart from the database.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import transaction

from safelight.platform.audit.actions import record
from safelight.platform.audit.asking import KnownWitness, Said, Trouble, known_witnesses
from safelight.platform.audit.checkpoints import known_keys, signer
from safelight.platform.audit.errors import TreeBrokenError
from safelight.platform.audit.events import AuditEvent, Outcome
from safelight.platform.audit.models import Checkpoint, Cosignature, Standing, Tip
from safelight.platform.audit.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

HIGH_WATER: Final = "high-water-file"
SAID_EVERY: Final = timedelta(hours=1)
CONTESTED: Final = frozenset({Trouble.MISSING, Trouble.FORKED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Somebody holds another end of this trail. It parts from theirs at `seq` or later."""

    by: str
    trouble: Trouble
    seq: int
    held: int
    is_news: bool


def ask_witnesses(*, at: datetime) -> list[Contest]:
    """Ask each witness for its signature, keep what it says, and return who contests the trail.

    Raises:
        ImproperlyConfigured: the settings name witnesses wrongly.
    """
    newest = Checkpoint.objects.order_by("-size").first()
    found = [_asked(witness, newest, at) for witness in known_witnesses()]
    found.append(_compared_with_file(newest, at))
    return [each for each in found if each is not None]


def parts_at(notes: Iterable[str]) -> int:
    """Return from which sequence on the trail may differ from signed notes; 0 if it does not."""
    key = known_keys()
    tip = Tip.objects.first()
    size, good = (0 if tip is None else tip.size), 0
    for held, root in sorted(key.open(note) for note in notes):
        if held > size:
            return size + 1
        try:
            is_same = Tree(held).root() == root
        except TreeBrokenError:
            is_same = False
        if not is_same:
            return good + 1
        good = held
    return 0


def cosigned(checkpoint: Checkpoint) -> str:
    """Return a checkpoint's note with the lines of its witnesses under it."""
    lines = Cosignature.objects.filter(checkpoint=checkpoint).order_by("witness")
    return checkpoint.note + "".join(lines.values_list("line", flat=True))


def _asked(witness: KnownWitness, newest: Checkpoint | None, at: datetime) -> Contest | None:
    name = witness.key.name
    before = Standing.objects.filter(witness=name).first() or Standing(witness=name)
    if newest is None:
        # Nothing was signed here yet. A witness that has seen more says so to an empty trail.
        newest = _nothing()
    said = witness.sign(newest, old=min(before.size, newest.size))
    _keep(before, newest, said, at)
    if said.trouble not in CONTESTED:
        return None
    try:
        seq = parts_at(_bodies(witness))
    except (OSError, ValueError):
        seq = 0
    if not seq:
        seq = newest.size + 1 if said.trouble is Trouble.MISSING else 1
    contest = Contest(
        by=name,
        trouble=said.trouble,
        seq=seq,
        held=said.size,
        is_news=before.trouble != said.trouble,
    )
    if contest.is_news:
        _record_contest(contest, at)
    return contest


def _nothing() -> Checkpoint:
    from safelight.platform.audit.checkpoints import note  # noqa: PLC0415
    from safelight.platform.audit.merkle import Frontier  # noqa: PLC0415

    return Checkpoint(size=0, note=note(signer(), 0, Frontier().root()))


def _bodies(witness: KnownWitness) -> list[str]:
    """Return what the witness signed, each note with our own signature only if it is signed so."""
    notes = witness.notes()
    for note in notes:
        witness.key.signed_at(note)
    return notes


def _keep(before: Standing, newest: Checkpoint, said: Said, at: datetime) -> None:
    """Keep how it stands with a witness now, and record it where that is news."""
    trouble = said.trouble or ""
    is_news = before.trouble != trouble
    signs_again = before.said_at is None or at - before.said_at >= SAID_EVERY
    with transaction.atomic():
        after, _ = Standing.objects.select_for_update().get_or_create(witness=before.witness)
        after.trouble = trouble
        if is_news:
            after.since = at
        if said.trouble is not Trouble.SILENT:
            after.answered_at = at
        if said.line:
            after.size = said.size
            if newest.size:
                Cosignature.objects.get_or_create(
                    checkpoint=newest,
                    witness=before.witness,
                    defaults={"at": at, "line": said.line},
                )
            if is_news or (signs_again and newest.size != before.size):
                after.said_at = at
                _record(AuditEvent.WITNESSED, newest.size, before.witness, at)
        elif is_news and said.trouble not in CONTESTED:
            silent = said.trouble is Trouble.SILENT
            kind = AuditEvent.WITNESS_SILENT if silent else AuditEvent.WITNESS_REFUSED
            _record(kind, newest.size, before.witness, at, outcome=Outcome.FAILED)
        after.save()


def _record(
    kind: AuditEvent, size: int, witness: str, at: datetime, outcome: Outcome = Outcome.OK
) -> None:
    record(
        kind, actor="system", at=at, subject=f"checkpoint/{size}", reason=witness, outcome=outcome
    )


def _record_contest(contest: Contest, at: datetime) -> None:
    with transaction.atomic():
        record(
            AuditEvent.WITNESS_REFUSED,
            actor="system",
            at=at,
            subject=f"checkpoint/{contest.held}",
            outcome=Outcome.FAILED,
            reason=contest.trouble,
            count=contest.seq,
            detail={"by": contest.by},
        )


def _compared_with_file(newest: Checkpoint | None, at: datetime) -> Contest | None:
    """Compare with the newest checkpoint that is kept apart, and put the newer one there."""
    if not settings.SAFELIGHT_HIGH_WATER_FILE:
        return None
    path = Path(settings.SAFELIGHT_HIGH_WATER_FILE)
    before = Standing.objects.filter(witness=HIGH_WATER).first() or Standing(witness=HIGH_WATER)
    said = Said(newest.size if newest else 0, line="kept")
    if path.exists():
        try:
            kept = path.read_text()
            held, _ = known_keys().open(kept)
            seq = parts_at([kept])
        except (OSError, ValueError):
            # It is no longer what this instance wrote: somebody was there.
            held, seq = 0, 1
        if seq:
            tip = Tip.objects.first()
            is_short = held > (0 if tip is None else tip.size)
            trouble = Trouble.MISSING if is_short else Trouble.FORKED
            return _contested_by_file(before, Said(held, trouble=trouble), seq, at)
        if newest is None or held >= newest.size:
            return None
    if newest is not None:
        _write(path, newest.note)
        Standing.objects.update_or_create(
            witness=HIGH_WATER,
            defaults={"size": said.size, "answered_at": at, "trouble": "", "since": None},
        )
    return None


def _contested_by_file(before: Standing, said: Said, seq: int, at: datetime) -> Contest:
    trouble = said.trouble or Trouble.FORKED
    is_news = before.trouble != trouble
    contest = Contest(by=HIGH_WATER, trouble=trouble, seq=seq, held=said.size, is_news=is_news)
    if is_news:
        with transaction.atomic():
            Standing.objects.update_or_create(
                witness=HIGH_WATER, defaults={"trouble": trouble, "since": at, "answered_at": at}
            )
            _record_contest(contest, at)
    return contest


def _write(path: Path, note: str) -> None:
    new = path.with_name(path.name + ".new")
    with new.open("w") as file:
        file.write(note)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
