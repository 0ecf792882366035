"""How does an operator stop all changes in an emergency, and let them go on?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from safelight.surfaces.cli.main import Data, app, boot, fail
from safelight.surfaces.cli.restore import REPORT

_GIVEN = {"normal": "normal", "read-only": "read_only"}


@app.command("mode")
def mode(
    data: Data,
    wanted: Annotated[str, typer.Argument(help="read-only or normal; nothing: say which.")] = "",
    reason: Annotated[str, typer.Option(help="Why, in your own words. It is kept sealed.")] = "",
) -> None:
    """Say which mode the instance is in, or give it another, at once.

    In read-only mode people look, sign in and take back what they shared; nothing else is
    changed. A restored instance is recovering until it is opened: see safelight restore.
    """
    boot(data)
    from safelight.exchange.access.mode import Mode, latest_change, mode_now, set_mode
    from safelight.kernel import clock
    from safelight.kernel.errors import InvalidFieldError

    now = mode_now()
    if not wanted:
        last = latest_change()
        since = f" since {last.at:%Y-%m-%d %H:%M} UTC: {last.reason}" if last else ""
        print(f"{now.value.replace('_', '-')}{since}")
        return
    if wanted not in _GIVEN:
        fail("give read-only or normal.")
    if now is Mode.RECOVERING and not _was_replayed(data):
        fail("this instance is recovering. Two persons open it: safelight restore --open")
    try:
        is_new = set_mode(Mode(_GIVEN[wanted]), reason, actor="operator", at=clock.now())
    except InvalidFieldError as wrong:
        fail(f"{wrong} Give it with --reason.")
    print(f"The mode is {wanted} now." if is_new else f"The mode is {wanted} already.")


def _was_replayed(data: Path) -> bool:
    """Say whether it was put back with its journal: then only a witness still contests it."""
    report = data / REPORT
    return report.is_file() and bool(json.loads(report.read_text())["open"])
