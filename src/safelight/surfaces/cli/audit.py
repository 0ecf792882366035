"""Is the record whole?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from safelight.surfaces.cli.main import Data, audit_app, boot, fail


@audit_app.command("verify")
def verify(
    data: Data,
    witness: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint kept elsewhere; again for another.")
    ] = None,
) -> None:
    """Check every entry, the chain, the tree and the signed checkpoints, and put it on record."""
    boot(data)
    from safelight.governance.watch.checks import verify as verified
    from safelight.kernel import clock

    kept = [each.read_text() for each in witness or []]
    finding = verified(by="operator", witnesses=kept, at=clock.now())
    if finding.is_whole:
        print(f"The record is whole: {finding.size} entries, none changed, none missing.")
        return
    print(f"The record is broken at entry {finding.seq}: {finding.problem}.")
    raise typer.Exit(1)


@audit_app.command("checkpoint")
def checkpoint(data: Data) -> None:
    """Print the newest checkpoint, with the signatures of witnesses, to be kept elsewhere."""
    boot(data)
    from safelight.platform.audit.proving import newest_checkpoint

    note = newest_checkpoint()
    if not note:
        fail("no checkpoint is signed yet. There is one each minute while it is served.")
    print(note, end="")


@audit_app.command("prove")
def prove(
    data: Data,
    entry: Annotated[list[UUID], typer.Argument(help="An entry's id; again for another.")],
    to: Annotated[Path, typer.Option(help="The file to write.")],
) -> None:
    """Write the proof that entries are in the signed record, and print the key to check it with."""
    boot(data)
    from safelight.platform.audit.export import public_key
    from safelight.platform.audit.proving import prove as proved

    to.write_bytes(proved(entry))
    print(public_key())


@audit_app.command("verifier")
def verifier(
    to: Annotated[Path, typer.Argument(help="The file to write, e.g. verify_audit.py.")],
) -> None:
    """Write the verifier of the record as one Python file that needs nothing else."""
    from safelight.platform.audit import verify_audit
    from safelight.platform.audit.offline.one_file import one_file

    to.write_text(one_file(verify_audit), encoding="utf-8")


@audit_app.command("export")
def export(
    data: Data, to: Annotated[Path, typer.Argument(help="The file to write, one entry a line.")]
) -> None:
    """Write the trail for the one-file verifier, and print the public key to check it with."""
    boot(data)
    from safelight.governance.trail.errors import ManyPeopleError
    from safelight.governance.trail.leaving import export_whole
    from safelight.kernel import clock
    from safelight.platform.audit.export import public_key

    try:
        lines = export_whole("operator", at=clock.now())
    except ManyPeopleError as missing:
        print("Two people must agree to this first. One asks on the page Requests, with:")
        print(f"  {missing.line}")
        fail("nobody else has approved exactly this.")
    with to.open("wb") as file:
        for line in lines:
            file.write(line)
    print(public_key())
