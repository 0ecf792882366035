"""How does an operator put an instance back on an empty machine?"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from safelight.platform.database.urls import without_secret
from safelight.platform.keys.roots import VARIABLE, is_wrapped
from safelight.surfaces.cli.main import Data, app, boot, fail
from safelight.surfaces.cli.private_memory import leave_no_copy

if TYPE_CHECKING:
    from safelight.governance.recovery.opening import Report
    from safelight.governance.recovery.taking_back import Plan

REPORT = "restore-report.json"
_PLACES = ("database_url", "keys_database_url", "store_url")
_SERVICE = ("kms_url", "kms_key", "kms_region", "kms_ca")
_OURS = (*_PLACES, "root_key_provider", "root_key_file", *_SERVICE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Where the backup is, and what opens it."""

    data: Path
    backup: str
    keys: str
    backup_key: Path
    root_key_file: Path | None = None  # else the variable holds it
    journal: str = ""
    before: datetime | None = None
    exams: int = 20


@app.command("restore")
def restore(
    data: Data,
    backup: Annotated[str, typer.Option(help="Where the backups are.")] = "",
    keys: Annotated[str, typer.Option(help="Where the key stores' backups are.")] = "",
    backup_key: Annotated[Path, typer.Option(help="The private half of the backup key.")] = Path(),
    root_key_file: Annotated[
        Path | None,
        typer.Option(
            help=f"The root key, plain or wrapped, put where it stays; else {VARIABLE} holds it."
        ),
    ] = None,
    journal: Annotated[str, typer.Option(help="Where the journal is, if one was kept.")] = "",
    before: Annotated[
        datetime | None, typer.Option(help="The newest backup before this moment (UTC).")
    ] = None,
    *,
    open_it: Annotated[
        bool, typer.Option("--open", help="Open what is recovering, on two persons' word.")
    ] = False,
) -> None:
    """Put an instance back into an empty folder, from the newest backup or one before a moment.

    What ended since the backup is ended again by the journal before anybody gets in.
    PostgreSQL and S3 are named as for init: SAFELIGHT_DATABASE_URL and so on, all empty.
    A root key that a key service wrapped needs SAFELIGHT_KMS_URL and SAFELIGHT_KMS_KEY.
    """
    if open_it:
        _open(data)
        return
    has_root = root_key_file.is_file() if root_key_file else VARIABLE in os.environ
    if not (backup and keys and backup_key.is_file() and has_root):
        fail(f"give --backup, --keys, --backup-key and --root-key-file (or set {VARIABLE}).")
    asked = Asked(
        data=data.absolute(),
        backup=backup,
        keys=keys,
        backup_key=backup_key.absolute(),
        root_key_file=root_key_file.absolute() if root_key_file else None,
        journal=journal,
        before=before,
    )
    report = put_back(asked)
    say(asked.data, report)
    if not report.is_sound:
        raise typer.Exit(1)


def put_back(asked: Asked) -> Report:
    """Restore, and return what was found. Call it in a process that has set up nothing yet."""
    _prepare(asked)
    from datetime import UTC

    from django.conf import settings

    from safelight.governance.recovery.journal import read_journal
    from safelight.governance.recovery.opening import begin_recovering, finish
    from safelight.governance.recovery.places import place_at
    from safelight.governance.recovery.sealing import read_private
    from safelight.governance.recovery.taking_back import MARK, Source, examine, take_back
    from safelight.kernel import clock
    from safelight.surfaces.cli.instance import migrate

    source = Source(
        data=place_at(asked.backup),
        keys=place_at(asked.keys),
        key=read_private(asked.backup_key),
        root=settings.SAFELIGHT_ROOT_KEY,
    )
    before = asked.before.replace(tzinfo=asked.before.tzinfo or UTC) if asked.before else None
    plan = examine(source, before=before)
    journal = None
    if asked.journal:
        journal = read_journal(place_at(asked.journal), source.key, signers=plan.signer)
        if journal is None:
            fail("there is no journal in this place. Nothing was written.")
    print(f"Backup {plan.data.id} is whole: {len(plan.data.files)} files.")
    take_back(asked.data, plan)
    _write_settings(asked, plan)
    migrate()
    at = clock.now()
    begin_recovering(at=at)
    report = finish(plan.data, journal, exams=asked.exams, at=at)
    (asked.data / MARK).unlink()
    (asked.data / REPORT).write_text(json.dumps(report.plain(), indent=1) + "\n")
    return report


def _prepare(asked: Asked) -> None:
    """Point the program at a folder where no instance is yet."""
    leave_no_copy()
    if (asked.data / "safelight.toml").exists() and not (asked.data / "restoring").exists():
        fail(f"{asked.data} is an instance already. Nothing was written.")
    os.environ["SAFELIGHT_DATA"] = str(asked.data)
    _choose_provider(asked.root_key_file)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safelight.config.settings")
    import django

    django.setup()


def _choose_provider(file: Path | None) -> None:
    """Say where the root key comes from, by what was given.

    Whoever lost the key service, too, gives the plain key from the safe instead.
    """
    if file is None:
        os.environ.pop("SAFELIGHT_ROOT_KEY_FILE", None)
        os.environ["SAFELIGHT_ROOT_KEY_PROVIDER"] = "environment"
        return
    os.environ["SAFELIGHT_ROOT_KEY_FILE"] = str(file)
    os.environ["SAFELIGHT_ROOT_KEY_PROVIDER"] = "kms" if is_wrapped(file) else "file"


def _write_settings(asked: Asked, plan: Plan) -> None:
    """Write the settings that were kept, with the places of this machine."""
    from safelight.governance.recovery.taking_back import settings_of

    kept = [
        line
        for line in settings_of(plan).splitlines()
        if line.partition("=")[0].strip() not in _OURS
    ]
    said = {name: os.environ.get(f"SAFELIGHT_{name.upper()}", "") for name in _OURS}
    here = said | {name: without_secret(said[name]) for name in _PLACES if said[name]}
    if said["root_key_provider"] != "kms":
        here |= dict.fromkeys(_SERVICE, "")
    ours = [f"{name} = {json.dumps(value)}" for name, value in here.items() if value]
    written = asked.data / "safelight.toml"
    written.touch(mode=0o600)
    written.write_text("\n".join([*ours, *kept]) + "\n")


def say(data: Path, report: Report) -> None:
    """Print what was found and done, and what is to be done next."""
    print(f"The record: {report.trail_problem or f'whole, {report.trail} entries'}.")
    print(f"Exams read to their last byte: {report.exams_read}, damaged: {report.exams_bad}.")
    for (kind, outcome), times in sorted(report.replayed.items()):
        print(f"  {kind}: {times} {outcome}")
    print(f"{report.visits_ended} sessions and visits ended: everybody signs in again.")
    if report.lost_entries:
        print(f"{report.lost_entries} entries of the record came after this backup and are lost;")
        print("a witness will say so: its last checkpoint is larger than this record.")
    print(f"All of this is in {data / REPORT}.")
    if report.is_open:
        print(f"It is open. Serve it: safelight serve --data {data}")
        return
    print("It is recovering: only owners see their exams, and no link opens.")
    if report.is_sound:
        print("There was no journal from before this backup. Serve it, let two of the staff agree")
        print(f"to: open_without_journal backup/{report.backup}")
        print(f"and then: safelight restore --data {data} --open. All shares are paused then.")


def _open(data: Path) -> None:
    boot(data)
    from safelight.governance.recovery.opening import deed_of_opening, open_without_journal
    from safelight.kernel import clock
    from safelight.kernel.errors import ExpectedError

    written = data / REPORT
    report = json.loads(written.read_text()) if written.is_file() else {}
    backup_id = report.get("backup", "")
    try:
        paused = open_without_journal(backup_id, at=clock.now())
    except ExpectedError as refused:
        fail(f"{refused} Two of the staff agree to: {deed_of_opening(backup_id).line}")
    if report:
        written.write_text(json.dumps(report | {"open": True}, indent=1) + "\n")
    print(f"Opened. {paused} shares are paused until their givers let them go on.")
