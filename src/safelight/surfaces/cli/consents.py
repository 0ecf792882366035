"""Is this receipt what was signed, and how does somebody else find that out?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safelight.surfaces.cli.main import Data, boot, consent_app


@consent_app.command("verify")
def verify(
    paper: Annotated[Path, typer.Argument(help="The receipt, or another paper that was signed.")],
    key: Annotated[str, typer.Option("--key", help="The public key, or a file that holds it.")],
) -> None:
    """Check a signed paper; no data folder is needed."""
    from safelight.exchange.release.papers.verify_receipt import main as verify_paper

    raise typer.Exit(verify_paper([str(paper), "--key", key]))


@consent_app.command("key")
def key(data: Data) -> None:
    """Print the public key of this instance's papers, and those that followed it.

    Tell it to people by several ways.
    """
    boot(data)
    from safelight.exchange.release.papers.sealing import paper_keys

    print(paper_keys())


@consent_app.command("verifier")
def verifier(
    to: Annotated[Path, typer.Argument(help="The file to write, e.g. verify_receipt.py.")],
) -> None:
    """Write the verifier as one Python file that needs nothing else."""
    from safelight.exchange.release.papers.one_file import verifier_script

    to.write_text(verifier_script(), encoding="utf-8")
