"""When may a restored instance be used again, and what is found and said before?

Once everything that ended since the backup has ended again: by the journal, read from
before the backup and found whole. Without one, two persons must say so, and every share
is paused until its giver lets it go on. Until then it is recovering.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from safelight.exchange.access.mode import Mode, mode_now, set_mode
from safelight.exchange.access.powers.approvals import use_approval
from safelight.exchange.access.powers.deeds import Deed
from safelight.exchange.access.powers.kinds import ApprovalKind
from safelight.governance.recovery.errors import RestoreRefusedError
from safelight.governance.recovery.events import RecoveryEvent
from safelight.governance.recovery.journal import Read, begin_anew
from safelight.governance.recovery.manifest import Manifest
from safelight.governance.recovery.replaying import end_all_visits, pause_all_shares, replay
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import Outcome
from safelight.platform.audit.sequencer import BATCH, sequence_once
from safelight.platform.audit.verify import verify_trail
from safelight.records.imaging.models import Instance
from safelight.records.imaging.upkeep.checking import check

_OVERLAP: Final = timedelta(minutes=10)


@dataclass(slots=True, kw_only=True)
class Report:
    """What a restore found and did, for whoever answers for it."""

    backup: str
    made_at: datetime
    trail: int = 0
    trail_problem: str = ""
    exams_read: int = 0
    exams_bad: int = 0
    journal_until: datetime | None = None
    lost_entries: int = 0
    replayed: Counter[tuple[str, str]] = field(default_factory=Counter)
    visits_ended: int = 0
    is_open: bool = False

    @property
    def is_sound(self) -> bool:
        """Whether everything that was looked at is as it was."""
        return not self.trail_problem and not self.exams_bad

    def plain(self) -> dict[str, Any]:
        """Return it as values for JSON."""
        return {
            "backup": self.backup,
            "backup_made_at": self.made_at.isoformat(),
            "trail_entries": self.trail,
            "trail_problem": self.trail_problem,
            "exams_read": self.exams_read,
            "exams_bad": self.exams_bad,
            "journal_until": self.journal_until.isoformat() if self.journal_until else None,
            "trail_entries_lost": self.lost_entries,
            "replayed": [
                {"kind": kind, "outcome": outcome, "times": times}
                for (kind, outcome), times in sorted(self.replayed.items())
            ],
            "visits_ended": self.visits_ended,
            "open": self.is_open,
        }


def begin_recovering(*, at: datetime) -> None:
    """Close a restored instance to all but owners before anything else is done with it."""
    with transaction.atomic():
        set_mode(Mode.RECOVERING, "put back from a backup", actor="system", at=at)


def finish(manifest: Manifest, journal: Read | None, *, exams: int, at: datetime) -> Report:
    """End again what ended, look whether all is sound, and open where that is proved."""
    report = Report(backup=manifest.id, made_at=manifest.made_at)
    _put_in_order()
    found = verify_trail()
    report.trail, report.trail_problem = found.size, found.problem
    if not report.trail_problem and found.size < manifest.audit_size:
        report.trail_problem = "shorter than the backup's manifest says"
    acts = []
    if journal is not None:
        acts = [each for each in journal.acts if each.moment >= manifest.made_at - _OVERLAP]
        report.journal_until = journal.until
        report.lost_entries = max(0, journal.trail - manifest.audit_size)
    report.replayed = replay(acts, at=at)
    report.visits_ended = end_all_visits(at=at)
    report.exams_read, report.exams_bad = _look_at(exams)
    covers = journal is not None and journal.begun <= manifest.made_at
    report.is_open = report.is_sound and covers
    with transaction.atomic():
        record(
            RecoveryEvent.RESTORED,
            actor="operator",
            subject=f"backup/{manifest.id}",
            outcome=Outcome.OK if report.is_sound else Outcome.FAILED,
            reason="open" if report.is_open else "recovering",
            count=sum(report.replayed.values()),
            detail=report.plain(),
            at=at,
        )
        if report.is_open:
            set_mode(Mode.NORMAL, "put back, with its journal", actor="system", at=at)
    # No worker is there yet, and what waits for its place too long looks like tampering.
    _put_in_order()
    begin_anew(at=at)
    return report


def _put_in_order() -> None:
    while sequence_once() == BATCH:
        pass


def deed_of_opening(backup_id: str) -> Deed:
    """Say what two persons agree to: to open what was restored from one backup.

    Without one it is an instance whose record a witness contests.
    """
    subject = f"backup/{backup_id}" if backup_id else "record"
    return Deed(kind=ApprovalKind.OPEN_WITHOUT_JOURNAL, subject=subject)


def open_without_journal(backup_id: str, *, at: datetime) -> int:
    """Open a restored instance on two persons' word, with every share paused; say how many.

    Raises:
        RestoreRefusedError: it is not recovering.
        ApprovalMissingError: nobody else approved exactly this.
    """
    if mode_now() is not Mode.RECOVERING:
        raise RestoreRefusedError("this instance is not recovering")
    with transaction.atomic():
        used = use_approval(
            kind=ApprovalKind.OPEN_WITHOUT_JOURNAL,
            digest=deed_of_opening(backup_id).digest,
            actor="operator",
            at=at,
        )
        paused = pause_all_shares(at=at)
        set_mode(Mode.NORMAL, "opened without its journal", actor="operator", at=at)
        record(
            RecoveryEvent.OPENED,
            actor="operator",
            subject=f"backup/{backup_id}" if backup_id else "",
            reason="without-journal",
            count=paused,
            detail={"approval": str(used.approval_id)},
            at=at,
        )
    return paused


def _look_at(wanted: int) -> tuple[int, int]:
    """Read so many objects of different exams to their last byte, chosen at random."""
    studies = list(Instance.objects.order_by().values_list("study_id", flat=True).distinct())
    chosen = random.sample(studies, min(wanted, len(studies)))
    bad = 0
    for study_id in chosen:
        row = Instance.objects.filter(study_id=study_id).order_by("?").first()
        if row is not None and check(row).is_bad:
            bad += 1
    return len(chosen), bad
