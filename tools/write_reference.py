"""What do the reference pages say that the code says already?

Writes docs/reference/cli.md from the command line's own help. With `--check` nothing is
written, and a stale page is an error.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from safelight.surfaces import cli
from safelight.surfaces.cli.main import app

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "cli.md"
OPENING = """# The command line

Made from the program's own help by `make docs`. Exit codes: 0 done, 1 refused, 2 usage.
Every setting can also be given as a variable `SAFELIGHT_...` or in `DATA/safelight.toml`.
"""


Command = TyperCommand | TyperGroup


def commands(command: Command, words: str) -> Iterator[tuple[str, Command]]:
    """Yield (words, command) for each visible command that does something."""
    if not isinstance(command, TyperGroup):
        yield words, command
        return
    if command.invoke_without_command:
        yield words, command
    for name, each in sorted(command.commands.items()):
        if isinstance(each, TyperCommand | TyperGroup) and not each.hidden:
            yield from commands(each, f"{words} {name}")


def section(words: str, command: Command) -> Iterator[str]:
    """Yield the lines about one command."""
    arguments = [each for each in command.params if isinstance(each, TyperArgument)]
    options = [each for each in command.params if isinstance(each, TyperOption)]
    usage = " ".join([words, *((each.name or "").upper() for each in arguments)])
    yield from ("", f"## `{usage}`", "", (command.help or "").strip())
    for argument in arguments:
        if argument.help:
            yield from ("", f"`{(argument.name or '').upper()}`: {argument.help}")
    shown = [each for each in options if each.name != "help" and not each.hidden]
    if shown:
        yield from ("", "| option | what it says |", "|---|---|")
    for option in shown:
        name = "`, `".join(option.opts)
        needed = " Required." if option.required else ""
        yield f"| `{name}` | {(option.help or '').strip()}{needed}{default(option)} |"


def default(option: TyperOption) -> str:
    """Return what holds when the option is not given, as a sentence."""
    value = option.default
    if option.required or option.is_flag or value in (None, ""):
        return ""
    return f" Otherwise `{value}`." if isinstance(value, str | int | Path) else ""


def page() -> str:
    """Return the whole page."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safelight.config.settings")
    django.setup()
    for module in pkgutil.iter_modules(cli.__path__, f"{cli.__name__}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    lines = [OPENING.rstrip("\n")]
    whole = get_command(app)
    if not isinstance(whole, TyperGroup):
        raise TypeError(type(whole))
    for words, command in commands(whole, "safelight"):
        lines.extend(section(words, command))
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write the page, or compare it; return the exit code."""
    made = page()
    if arguments == ["--check"]:
        if PAGE.read_text() == made:
            return 0
        print("docs/reference/cli.md is stale; run: make docs")
        return 1
    PAGE.write_text(made)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
