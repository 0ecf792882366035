"""Is the record whole?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safelight.surfaces.cli.main import Data, audit_app, boot


@audit_app.command("verify")
def verify(data: Data) -> None:
    """Check every entry, the chain, the tree and the signed checkpoints."""
    boot(data)
    from safelight.platform.audit.verify import verify_trail

    finding = verify_trail()
    if finding.is_whole:
        print(f"The record is whole: {finding.size} entries, none changed, none missing.")
        return
    print(f"The record is broken at entry {finding.seq}: {finding.problem}.")
    raise typer.Exit(1)


@audit_app.command("export")
def export(
    data: Data, to: Annotated[Path, typer.Argument(help="The file to write, one entry a line.")]
) -> None:
    """Write the trail for the one-file verifier, and print the public key to check it with."""
    boot(data)
    from safelight.kernel import clock
    from safelight.platform.audit.export import export_trail, public_key

    with to.open("wb") as file:
        for line in export_trail("operator", at=clock.now()):
            file.write(line)
    print(public_key())
