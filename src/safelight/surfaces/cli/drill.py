"""How does an operator practise the way back, and keep the proof?"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from safelight.surfaces.cli.main import Data, app, boot, fail

_PLACES = ("DATABASE_URL", "KEYS_DATABASE_URL", "STORE_URL")


@app.command("drill")
def drill(
    data: Data,
    backup_key: Annotated[Path, typer.Option(help="The private half of the backup key.")],
    backup: Annotated[str, typer.Option(help="Where the backups are; else backup_to.")] = "",
    keys: Annotated[str, typer.Option(help="The key stores' backups; else backup_keys_to.")] = "",
    journal: Annotated[str, typer.Option(help="The journal; else journal_to.")] = "",
    root_key_file: Annotated[
        Path | None, typer.Option(help="A copy of the root key; else the instance's own.")
    ] = None,
    scratch: Annotated[
        Path | None, typer.Option(help="Where there is room for all of it meanwhile.")
    ] = None,
) -> None:
    """Restore the newest backup to an empty temporary place, check it, and file the record.

    Best with a copy of the root key as it was put away, to see that it is the right one.
    A backup of PostgreSQL needs empty databases, and one of S3 may go to a folder:
    SAFELIGHT_DRILL_DATABASE_URL, SAFELIGHT_DRILL_KEYS_DATABASE_URL, SAFELIGHT_DRILL_STORE_URL.
    """
    boot(data)
    from django.conf import settings

    from safelight.governance.recovery.drills import Practised, file_drill, note_failed
    from safelight.kernel import clock

    journal = journal or settings.SAFELIGHT_JOURNAL_TO
    folder = Path(tempfile.mkdtemp(prefix="safelight-drill-", dir=scratch))
    began_at, began = clock.now(), time.monotonic()
    try:
        done = subprocess.run(  # noqa: S603 (this program, with paths that the operator gave)
            [
                *(sys.executable, "-m", "safelight.surfaces.cli", "restore"),
                *("--data", str(folder / "data")),
                *("--backup", backup or settings.SAFELIGHT_BACKUP_TO),
                *("--keys", keys or settings.SAFELIGHT_BACKUP_KEYS_TO),
                *("--backup-key", str(backup_key)),
                *_root_key(root_key_file),
                *(("--journal", journal) if journal else ()),
            ],
            env=_elsewhere() | _key_service(),
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.monotonic() - began
        written = folder / "data" / "restore-report.json"
        if not written.is_file():
            note_failed("not-restored", at=clock.now())
            print(done.stderr, file=sys.stderr)
            fail("the drill did not come to its end.")
        report = json.loads(written.read_text())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    kept = file_drill(Practised(report=report, began_at=began_at, seconds=seconds), at=clock.now())
    print(f"Backup {kept.backup_id} was put back in {kept.took_seconds:.0f} s (recovery time).")
    print(f"It was {kept.lost_seconds} s old (recovery point).")
    print(f"The record is whole: {report['trail_entries']} entries. Exams read: {kept.exams}.")
    if not kept.passed:
        fail("what came back is not as it was; see the record of the drill.")
    print(f"Filed and signed as drill {kept.pk}.")


def _elsewhere() -> dict[str, str]:
    """Return this process's surroundings, with the drill's places and none of the instance's."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("SAFELIGHT_") or name.endswith(("_ACCESS_KEY", "_SECRET_KEY"))
    }
    places = {
        f"SAFELIGHT_{name}": os.environ[f"SAFELIGHT_DRILL_{name}"]
        for name in _PLACES
        if f"SAFELIGHT_DRILL_{name}" in os.environ
    }
    return kept | places


def _root_key(given: Path | None) -> tuple[str, ...]:
    """Name the file of the root key, unless the instance has it in its surroundings."""
    from django.conf import settings

    from safelight.platform.keys.roots import FileRoot

    provider = settings.SAFELIGHT_ROOT_KEY
    if given is None and not isinstance(provider, FileRoot):
        return ()
    return ("--root-key-file", str(given or settings.SAFELIGHT_ROOT_KEY_FILE))


def _key_service() -> dict[str, str]:
    """Return what the instance's root key is opened with, where that is no file alone."""
    from django.conf import settings

    from safelight.platform.keys.roots import VARIABLE, EnvironmentRoot, KmsRoot

    provider = settings.SAFELIGHT_ROOT_KEY
    if isinstance(provider, KmsRoot):
        service = provider.kms
        return {
            "SAFELIGHT_KMS_URL": service.url,
            "SAFELIGHT_KMS_KEY": service.key,
            "SAFELIGHT_KMS_REGION": service.region,
            "SAFELIGHT_KMS_CA": service.authority,
        }
    if isinstance(provider, EnvironmentRoot):
        mine = (VARIABLE, f"{VARIABLE}_NEXT", f"{VARIABLE}_OLD")
        return {name: os.environ[name] for name in mine if name in os.environ}
    return {}
