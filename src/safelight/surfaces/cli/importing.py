"""How are files, folders, zips, CDs and images of them brought in from a disk?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safelight.surfaces.cli.main import Data, app, boot, fail


@app.command("import")
def import_(
    data: Data,
    account: Annotated[str, typer.Option(help="Whose exams these are: an account's address.")],
    paths: Annotated[list[Path], typer.Argument(help="Files, folders, zips or discs (.iso).")],
) -> None:
    """Bring exams in; each item that cannot be taken is named with its reason."""
    boot(data)
    from safelight.surfaces.cli.import_run import bring_in

    summary = bring_in(account, paths)
    if summary is None:
        fail("there is no active account with this address.")
    print(summary.sentence)
    for line in summary.refused_lines:
        print(f"  {line}")
    if summary.refused_lines:
        raise typer.Exit(1)
