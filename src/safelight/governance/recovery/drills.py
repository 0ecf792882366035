"""How is it known that the way back works? By going it, and putting down what it took.

The record says how old the backup was (the recovery point), how long the way back took
(the recovery time), and what was checked; the instance signs it, so that whoever asks for
proof of a disaster recovery plan has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import transaction

from safelight.governance.recovery.backup import signer
from safelight.governance.recovery.events import RecoveryEvent
from safelight.governance.recovery.manifest import known_signers, moment_of
from safelight.governance.recovery.models import Drill
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Practised:
    """One restore to an empty place: its report, when it began and how long it took."""

    report: dict[str, Any]
    began_at: datetime
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether everything that was looked at is as it was, and there was something."""
        sound = not self.report["trail_problem"] and not self.report["exams_bad"]
        return sound and self.report["trail_entries"] > 0


def file_drill(done: Practised, *, at: datetime) -> Drill:
    """Keep the signed record of a drill."""
    backup_id = str(done.report["backup"])
    lost = max(0, round((done.began_at - moment_of(backup_id)).total_seconds()))
    by = signer()
    body = orjson.dumps(
        {
            "v": 1,
            "at": at.isoformat(),
            "signer": by.verifier_key,
            "recovery_point_seconds": lost,
            "recovery_time_seconds": round(done.seconds, 1),
            "passed": done.passed,
            **done.report,
        },
        option=orjson.OPT_SORT_KEYS,
    )
    with transaction.atomic():
        drill = Drill.objects.create(
            at=at,
            backup_id=backup_id,
            passed=done.passed,
            lost_seconds=lost,
            took_seconds=done.seconds,
            exams=int(done.report["exams_read"]),
            note=f"{body.decode()}\n{by.sign(body).hex()}\n",
        )
        record(
            RecoveryEvent.DRILL_DONE if done.passed else RecoveryEvent.DRILL_FAILED,
            actor="operator",
            subject=f"drill/{drill.pk}",
            outcome=Outcome.OK if done.passed else Outcome.FAILED,
            count=drill.exams,
            at=at,
        )
    return drill


def note_failed(reason: str, *, at: datetime) -> None:
    """Record a drill that did not come to its end."""
    with transaction.atomic():
        record(
            RecoveryEvent.DRILL_FAILED,
            actor="operator",
            outcome=Outcome.FAILED,
            reason=reason,
            at=at,
        )


def is_genuine(drill: Drill) -> bool:
    """Say whether a drill's record is as it was signed."""
    body, _, signature = drill.note.partition("\n")
    by = known_signers().signer(
        body.encode(), bytes.fromhex(signature.strip()), at=drill.at.isoformat()
    )
    return by is not None
