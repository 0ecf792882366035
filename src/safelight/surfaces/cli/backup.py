"""How does an operator keep everything elsewhere, and see that it is kept?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from safelight.surfaces.cli.main import Data, app, boot

if TYPE_CHECKING:
    from safelight.governance.recovery.manifest import Manifest
    from safelight.governance.recovery.setup import Setup

_MIB = 1 << 20
_PATIENCE = 900.0  # seconds


@app.command("backup-key")
def backup_key(
    to: Annotated[Path, typer.Argument(help="The file of the private half; not on this host.")],
) -> None:
    """Make a backup key: FILE opens backups, FILE.pub seals them.

    Only FILE.pub belongs to the host that is served; keep FILE and a printed copy of it
    where the root key's copies are, and never with the backups.
    """
    from safelight.governance.recovery.sealing import make_key

    make_key(to)
    print(f"Made {to} and {to}.pub.")
    print(f"Move {to} away from this host: without it no backup can be opened,")
    print("and whoever has it together with the root key can read everything.")


@app.command("backup")
def backup(
    data: Data,
    to: Annotated[str, typer.Option(help="A folder or s3:// URL, instead of backup_to.")] = "",
    keys_to: Annotated[str, typer.Option(help="The same, instead of backup_keys_to.")] = "",
    public_key: Annotated[
        Path | None, typer.Option(help="The public half, instead of backup_public_key_file.")
    ] = None,
    *,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read the newest backup again; make none.")
    ] = False,
) -> None:
    """Make a backup while the instance is served, or see that the newest is as it was made.

    Only what is new is sent. Cut off, it goes on with the next run. One that the worker
    makes at this moment is waited for, a quarter of an hour at the longest.
    """
    boot(data)
    from django.conf import settings

    from safelight.governance.recovery import journal
    from safelight.governance.recovery.keeping import prune, verify_newest
    from safelight.governance.recovery.setup import arranged
    from safelight.kernel import clock

    setup = arranged(
        to or settings.SAFELIGHT_BACKUP_TO,
        keys_to or settings.SAFELIGHT_BACKUP_KEYS_TO,
        public_key or Path(settings.SAFELIGHT_BACKUP_PUBLIC_KEY_FILE or "/nowhere"),
    )
    if verify:
        manifest, objects = verify_newest(setup, at=clock.now())
        print(f"Backup {manifest.id}: {objects} objects, all as they were made.")
        return
    if journal.is_kept():
        # It shall reach back to before the backup, whenever the worker was started.
        journal.write_on(at=clock.now())
    made = _in_turn(setup)
    print(f"Backup {made.id}: {len(made.files)} files, {made.size / _MIB:.1f} MiB sealed.")
    if settings.SAFELIGHT_BACKUP_PRUNES:
        gone = prune(setup, at=clock.now())
        print(f"{gone.data} old backups and {gone.keys} key stores let go.")


def _in_turn(setup: Setup) -> Manifest:
    """Make a backup, after the one that is under way."""
    from safelight.governance.recovery.backup import make_backup
    from safelight.governance.recovery.errors import BackupUnderWayError
    from safelight.governance.recovery.turns import wait_for_turn
    from safelight.kernel import clock

    while True:
        try:
            return make_backup(setup, at=clock.now())
        except BackupUnderWayError:
            typer.echo("Another backup is under way; this one begins after it.", err=True)
            wait_for_turn(setup.folder, _PATIENCE)
