"""Is there a fresh backup, a journal elsewhere, and was the way back practised?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from safelight.surfaces.cli.doctor.checked import Checked


def examine(data: Path) -> Iterator[Checked]:
    """Look at what the record says of backups and drills, and at the settings."""
    from safelight.exchange.access.mode import Mode, mode_now
    from safelight.governance.recovery.journal import is_kept, silent_since
    from safelight.governance.recovery.keeping import LATE_AFTER
    from safelight.governance.recovery.reminding import DRILL_AT_LEAST, last_backup_at, last_drill
    from safelight.kernel import clock

    at = clock.now()
    last = last_backup_at()
    yield Checked(
        f"the last good backup is of {last:%Y-%m-%d %H:%M} UTC" if last else "there is no backup",
        last is not None and at - last <= LATE_AFTER,
        "set up backup_to, backup_keys_to and backup_public_key_file "
        f"(docs/how-to/back-up-and-restore.md), then: safelight backup --data {data}",
    )
    silent = silent_since(at=at) if is_kept() else None
    yield Checked(
        "what ends is kept elsewhere within seconds"
        if is_kept()
        else "what ends is not kept elsewhere",
        is_kept() and silent is None,
        "see that the worker runs and journal_to can be written"
        if is_kept()
        else "set journal_to: without it a restore opens only by two persons, all shares paused",
    )
    drill = last_drill()
    yield Checked(
        f"the way back was practised on {drill.at:%Y-%m-%d}"
        if drill
        else "the way back was never practised",
        drill is not None and at - drill.at <= DRILL_AT_LEAST,
        f"safelight drill --data {data} --backup-key FILE",
    )
    mode = mode_now()
    yield Checked(
        f"the instance's mode is {mode.value.replace('_', '-')}",
        mode is Mode.NORMAL,
        f"once its cause is mended: safelight mode normal --data {data} --reason ...",
    )
