"""What can an operator do from the command line?

Exit 0 done, 1 refused, 2 usage. Each command names its data folder, sets the
program up for it, and calls one action.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError

from safelight.kernel.errors import ExpectedError
from safelight.surfaces.cli.held_clock import hold
from safelight.surfaces.cli.private_memory import leave_no_copy

app = typer.Typer(
    help="Safelight: a medical image exchange in which the person in the pictures decides.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
account_app = typer.Typer(help="People who can sign in.", no_args_is_help=True)
token_app = typer.Typer(help="Bearer tokens for programs.", no_args_is_help=True)
audit_app = typer.Typer(help="The record of what happened.", no_args_is_help=True)
consent_app = typer.Typer(help="Consents and their receipts.", no_args_is_help=True)
registry_app = typer.Typer(help="Registries that exams can be given to.", no_args_is_help=True)
connection_app = typer.Typer(
    help="Systems that an institution is connected with.", no_args_is_help=True
)
transfer_app = typer.Typer(
    help="Exams on their way to other institutions' systems.", no_args_is_help=True
)
agreement_app = typer.Typer(help="Agreements with partners.", no_args_is_help=True)
watch_app = typer.Typer(help="What is watched for misuse.", no_args_is_help=True)
staff_app = typer.Typer(help="Those that run this instance.", no_args_is_help=True)
approvals_app = typer.Typer(help="Acts that need a second person.", no_args_is_help=True)
keys_app = typer.Typer(help="The keys that everything is sealed with.", no_args_is_help=True)
demo_app = typer.Typer(help="A served demonstration.", invoke_without_command=True)
app.add_typer(account_app, name="account")
app.add_typer(token_app, name="token")
app.add_typer(audit_app, name="audit")
app.add_typer(consent_app, name="consent")
app.add_typer(registry_app, name="registry")
app.add_typer(connection_app, name="connection")
app.add_typer(transfer_app, name="transfer")
app.add_typer(agreement_app, name="agreement")
app.add_typer(watch_app, name="watch")
app.add_typer(staff_app, name="staff")
app.add_typer(approvals_app, name="approvals")
app.add_typer(keys_app, name="keys")
app.add_typer(demo_app, name="demo")

Data = Annotated[Path, typer.Option("--data", help="The folder that holds this instance's data.")]


def boot(data: Path) -> None:
    """Point the program at a data folder and set Django up.

    Raises:
        typer.Exit: the folder is not an instance's.
    """
    load(data)
    keep_time(data)


def load(data: Path) -> None:
    """Do as `boot` does, but start no thread, so that this process may fork."""
    leave_no_copy()
    if not (data / "safelight.toml").is_file():
        fail(f"{data} is not the data folder of an instance. Make one with: safelight init")
    os.environ["SAFELIGHT_DATA"] = str(data.absolute())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safelight.config.settings")
    import django

    django.setup()


def keep_time(data: Path) -> None:
    """Let a demo's process follow the demo's clock, and any other never go back in time."""
    from django.conf import settings

    if settings.SAFELIGHT_DEMO:
        from safelight.surfaces.cli.demo_clock import follow

        follow(data)
    else:
        hold()


def fail(sentence: str) -> NoReturn:
    """Say why not, and end with 1."""
    print(f"Not done: {sentence}", file=sys.stderr)
    raise typer.Exit(1)


def run() -> None:
    """Run the command line; expected errors end with 1 and one sentence."""
    from safelight.surfaces.cli import (  # noqa: F401 (each registers its commands)
        accounts,
        agreements,
        approvals,
        audit,
        backup,
        connections,
        consents,
        demo,
        doctor,
        drill,
        importing,
        instance,
        keys,
        mode,
        registries,
        restore,
        serving,
        staff,
        tokens,
        transfers,
        upkeep,
        watch,
        witness,
    )

    try:
        app()
    except Exception as error:
        if not said(error):
            raise
        sys.exit(1)


def said(error: Exception) -> bool:
    """Say in one sentence why not, if the error is of a kind that has one."""
    if isinstance(error, (ExpectedError, ImproperlyConfigured)):
        print(f"Not done: {error}", file=sys.stderr)
    elif isinstance(error, OperationalError):
        # What a driver says of a server names it, and never the password.
        print(f"Not done: the database cannot be used: {error}", file=sys.stderr)
    else:
        return False
    return True


if __name__ == "__main__":
    run()
