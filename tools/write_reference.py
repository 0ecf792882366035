"""What do the reference pages say that the code says already?

Writes docs/reference/cli.md from the command line's own help, and docs/reference/api.md from the
description of the JSON API. With `--check` nothing is written, and a stale page is an error.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from safelight.surfaces import cli
from safelight.surfaces.cli.main import app

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "reference"
OPENING = """# The command line

Made from the program's own help by `make docs`. Exit codes: 0 done, 1 refused, 2 usage.
Every setting can also be given as a variable `SAFELIGHT_...` or in `DATA/safelight.toml`.
"""

API_OPENING = """# The JSON API

Made from its own description by `make docs`. The whole of it, with every shape, is served at
`/openapi.json` (OpenAPI 3.1); [sharing from a script](../how-to/share-from-a-script.md) shows how
it goes.

Everything lies below `/api/v1`. Requests and answers are JSON in UTF-8. Ids are 26 letters and
digits. Moments are ISO 8601 in UTC. A program sends `Authorization: Bearer TOKEN`; a token has
scopes, and what it may do is still judged each time. A script of our own pages uses the page's
session, with the page's `Origin` and its CSRF token in `X-CSRF-Token` for whatever changes
something. Nobody signs with a token alone: confirming a share carries the person's password and
app code, or their passkey's answer.

Lists come in pages: `limit` (at most 200) and `offset`, and `next_offset` in the answer; activity
goes by moments (`before`, `older_than`). At most 600 requests a minute and account, and 30
signatures an hour.

Every refusal is a problem (RFC 9457, `application/problem+json`) with a stable `code`; where
fields are unfit, `errors` names each. What is absent and what is not yours are answered alike.
"""
ANYWHERE = "Every operation can also answer:"


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


def api_page() -> str:
    """Return the page about the JSON API."""
    # Imported here: Django must be set up first.
    from safelight.surfaces.api.description import description  # noqa: PLC0415

    told = description()
    operations = [
        (method, path, operation)
        for path, methods in told["paths"].items()
        for method, operation in methods.items()
    ]
    everywhere = set.intersection(*(_codes(operation) for _, _, operation in operations))
    lines = [API_OPENING.rstrip("\n"), "", ANYWHERE, "", *_table(everywhere)]
    tag = ""
    for method, path, operation in operations:
        if operation["tags"][0] != tag:
            tag = operation["tags"][0]
            lines += ["", f"## {tag.capitalize()}"]
        lines += ["", f"### `{method.upper()} {path}`", "", operation["description"], ""]
        asked = [each["name"] for each in operation["parameters"] if each["in"] == "query"]
        if asked:
            lines += [f"Query: {', '.join(f'`{name}`' for name in asked)}.", ""]
        lines += list(_fields(operation, told["components"]["schemas"]))
        lines += list(_answers(operation))
        lines += _table(_codes(operation) - everywhere)
    return "\n".join(lines).rstrip("\n") + "\n"


def _codes(operation: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (status, code)
        for status, answer in operation["responses"].items()
        for code in answer.get("x-codes", ())
    }


def _table(codes: set[tuple[str, str]]) -> list[str]:
    if not codes:
        return []
    rows = [f"| {status} | `{code}` |" for status, code in sorted(codes)]
    return ["| status | code |", "|---|---|", *rows]


def _fields(operation: dict[str, Any], shapes: dict[str, Any]) -> Iterator[str]:
    """Yield what a request's body may hold."""
    body = operation.get("requestBody")
    if body is None:
        return
    name = body["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[-1]
    needed = set(shapes[name].get("required", ()))
    fields = [f"`{each}`" + " (needed)" * (each in needed) for each in shapes[name]["properties"]]
    yield from (f"Body: {', '.join(fields)}.", "")


def _answers(operation: dict[str, Any]) -> Iterator[str]:
    """Yield as what it answers when all is well."""
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            kinds = ", ".join(f"`{kind}`" for kind in answer.get("content", ()))
            yield from (f"Answers {status}{f' with {kinds}' if kinds else ', without a body'}.", "")


def main(arguments: list[str]) -> int:
    """Write the pages, or compare them; return the exit code."""
    stale = False
    for name, made in (("cli.md", page()), ("api.md", api_page())):
        place = PAGES / name
        if arguments != ["--check"]:
            place.write_text(made)
        elif not place.exists() or place.read_text() != made:
            stale = True
            print(f"docs/reference/{name} is stale; run: make docs")
    return int(stale)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
