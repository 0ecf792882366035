"""How does an instance come to be?"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Annotated

import typer

from safelight.platform.database.urls import without_secret
from safelight.platform.keys.root import create_root_key
from safelight.surfaces.cli.main import Data, app, boot, fail

_WHO = """\
# Who runs this place, and whom to ask about privacy: both stand at the foot of every page.
# operator = "Example Clinic"
# privacy_contact = "privacy@clinic.example"
"""
_PLACES = ("database_url", "keys_database_url", "store_url")


def default_key_file(instance: str) -> Path:
    """Return where the root key goes when nothing is said: apart from every data folder."""
    if os.geteuid() == 0:
        return Path("/etc/safelight/keys") / f"{instance}.key"
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "safelight" / "keys" / f"{instance}.key"


def make_instance(data: Path, key_file: Path | None, extra: str = "") -> Path:
    """Make an empty instance with a fresh root key; return the key's file."""
    if (data / "safelight.toml").exists():
        fail(f"{data} is an instance already.")
    instance = secrets.token_hex(8)
    key_file = (key_file or default_key_file(instance)).absolute()
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    create_root_key(key_file)
    settings = f'instance = "{instance}"\nroot_key_file = "{key_file}"\n{_places()}{extra}'
    written = data / "safelight.toml"
    written.write_text(settings)
    written.chmod(0o600)
    boot(data)
    migrate()
    return key_file


def _places() -> str:
    """Return the lines that remember where rows and packs lie, without any password."""
    named = {name: os.environ.get(f"SAFELIGHT_{name.upper()}", "") for name in _PLACES}
    return "".join(
        f"{name} = {json.dumps(without_secret(url))}\n" for name, url in named.items() if url
    )


def migrate() -> None:
    """Bring both databases to this version's form."""
    from django.core.management import call_command

    from safelight.governance.compliance.actions import publish_shipped

    call_command("migrate", database="keys", verbosity=0, interactive=False)
    call_command("migrate", verbosity=0, interactive=False)
    publish_shipped()


@app.command()
def init(
    data: Data,
    root_key_file: Annotated[
        Path | None, typer.Option(help="Where the root key goes; keep it apart from the data.")
    ] = None,
) -> None:
    """Make a new, empty instance. Asks nothing."""
    key_file = make_instance(data, root_key_file, _WHO)
    print(f"Made an instance in {data}.")
    print(f"Its root key is {key_file}. Without it nothing in {data} can ever be read:")
    print("keep a copy of the key, apart from the copies of the data.")
    print(f"Next: name operator and privacy_contact in {data / 'safelight.toml'}, then serve it")
    print(f"to this machine alone: safelight serve --data {data} --listen 127.0.0.1:8000")
    print("or with TLS to others, as docs/tutorials/first-day.md says from step 3 on.")


@app.command()
def upgrade(data: Data) -> None:
    """Bring an instance's databases to this version's form.

    SQLite files are copied into the data folder before they are changed.
    """
    boot(data)
    _keep_as_they_are(data)
    migrate()
    print("The databases are in this version's form.")


def _keep_as_they_are(data: Path) -> None:
    """Copy what a migration is about to change; a server's databases are its own tools' work."""
    from safelight.kernel import clock
    from safelight.platform.database.copies import behind, copy_files

    waiting = behind()
    if not waiting:
        return
    copied = copy_files(data, waiting, at=clock.now())
    if copied is None:
        print("PostgreSQL is not copied here: take a dump (pg_dump) first, if there is none.")
    else:
        print(f"As they were until now they are in {copied}.")
