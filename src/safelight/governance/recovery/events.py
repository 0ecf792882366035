"""What may this room write into the record?"""

from __future__ import annotations

from enum import StrEnum


class RecoveryEvent(StrEnum):
    """Things that happen to what is kept elsewhere. Values are stable codes."""

    BACKUP_MADE = "backup.made"
    BACKUP_FAILED = "backup.failed"
    BACKUP_LATE = "backup.late"
    BACKUP_PRUNED = "backup.pruned"
    BACKUP_VERIFIED = "backup.verified"
    RESTORED = "restore.done"
    REPLAYED = "restore.replayed"
    OPENED = "restore.opened"
    GOING_ON = "restore.going-on"
    DRILL_DONE = "drill.done"
    DRILL_FAILED = "drill.failed"
    DRILL_DUE = "drill.due"
    JOURNAL_FAILED = "journal.failed"
