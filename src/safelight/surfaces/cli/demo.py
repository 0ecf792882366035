"""How does somebody see Safelight at work within minutes?

The demo makes a data folder of its own with random secrets, five people and
real-looking exams of nobody, and serves them in the foreground.
"""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import sys
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from safelight.surfaces.cli import family
from safelight.surfaces.cli.instance import make_instance, migrate
from safelight.surfaces.cli.main import boot, demo_app, fail, load
from safelight.surfaces.cli.places import address
from safelight.surfaces.cli.serving import run_family

_TRIES = 50
Folder = Annotated[Path, typer.Option("--data", help="The demo's own folder.")]
_HERE = Path("demo-data")
_CHOSEN = """\
demo = "yes"
operator = "Example University Hospital"
privacy_contact = "privacy@demo.example"
"""


@demo_app.callback()
def demo(
    context: typer.Context,
    data: Folder = _HERE,
    listen: Annotated[str, typer.Option(help="HOST:PORT.")] = "127.0.0.1:8000",
) -> None:
    """Serve a demonstration with made-up people. A second run reuses its folder."""
    context.obj = data
    if context.invoked_subcommand is not None:
        return
    host, port = address(listen)
    free = _free_port(host, port)
    if free != port:
        print(f"Port {port} is taken; using {free}.", flush=True)
    public = f"http://localhost:{free}"
    os.environ["SAFELIGHT_PUBLIC_URL"] = public
    if not (data / "safelight.toml").exists():
        print("Making a demo with random secrets and exams of nobody ...", flush=True)
    family.apart(partial(_prepare, data))
    load(data)
    from safelight.surfaces.cli.demo_people import kept_people

    people = kept_people(data)

    def ready() -> None:
        print(f"ready {public}", flush=True)
        for person in people:
            for line in person.lines():
                print(line, flush=True)
        command = _typed(data)
        print(f"\nA code changes every 30 seconds: {command} code EMAIL", flush=True)
        print(f"Mail that was sent: {command} mail", flush=True)
        print("Stop with Ctrl+C.", flush=True)

    run_family(data, host, free, on_ready=ready)


def _prepare(data: Path) -> None:
    if not (data / "safelight.toml").exists():
        make_instance(data, data / "root.key", _CHOSEN)
    boot(data)
    migrate()
    from safelight.surfaces.cli.demo_people import ensure_people

    ensure_people(data)


@demo_app.command("code")
def code(context: typer.Context, email: str) -> None:
    """Print the code that a demo person's authenticator app shows now."""
    boot(context.obj)
    from safelight.surfaces.cli.demo_people import kept_people

    for person in kept_people(context.obj):
        if person.email == email:
            print(person.code())
            return
    fail("there is no such person in this demo.")


@demo_app.command("clock")
def clock_command(context: typer.Context, days: float) -> None:
    """Move the demo's clock by DAYS, e.g. 31, to see what ends by itself."""
    boot(context.obj)
    from safelight.kernel import clock
    from safelight.surfaces.cli.demo_clock import move

    move(context.obj, days)
    print(f"The demo's clock goes to {clock.now() + timedelta(days=days):%d %B %Y, %H:%M} UTC.")


@demo_app.command("mail")
def mail(context: typer.Context) -> None:
    """Print the messages that the demo sent, the newest last."""
    folder = context.obj / "mail"
    for path in sorted(folder.glob("*"), key=lambda each: each.stat().st_mtime):
        print(f"----- {path.name}")
        print(path.read_text())


def _typed(data: Path) -> str:
    """Return what to type in this folder to ask this demo something."""
    program = Path(sys.argv[0])
    if program.name == "__main__.py":
        words = [_near(Path(sys.executable)), "-m", "safelight.surfaces.cli"]
    else:
        found = shutil.which(program.name)
        on_path = found is not None and Path(found).resolve() == program.resolve()
        words = [program.name if on_path else _near(program)]
    chosen = [] if data == _HERE else ["--data", str(data)]
    return shlex.join([*words, "demo", *chosen])


def _near(path: Path) -> str:
    """Write a path as seen from here, if it lies below."""
    # Not resolved: the interpreter of a virtual environment is a link that must stay one.
    whole = path.absolute()
    return str(whole.relative_to(Path.cwd()) if whole.is_relative_to(Path.cwd()) else whole)


def _free_port(host: str, port: int) -> int:
    """Return the port, or the next one that nobody uses."""
    for candidate in range(port, port + _TRIES):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind((host, candidate))
                return candidate
    return fail(f"no port from {port} to {port + _TRIES} is free.")
