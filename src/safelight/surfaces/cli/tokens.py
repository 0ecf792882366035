"""How does an operator make a bearer token for a program?"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

import typer

from safelight.surfaces.cli.main import Data, boot, fail, token_app

_SCOPES: Final = (
    "dicomweb:read, :write, :delete, exchange:read or :write, or for FHIR patient/*.read, "
    "user/ImagingStudy.read and the like; repeatable."
)


@token_app.command("create")
def create(
    data: Data,
    account: Annotated[str, typer.Option(help="The account's e-mail address.")],
    scope: Annotated[list[str], typer.Option(help=_SCOPES)],
    days: Annotated[int, typer.Option(help="How long it is good, 1 to 365 days.")] = 90,
    *,
    no_rate_limit: Annotated[
        bool, typer.Option(help="For machines and benchmarks; shown on the account's token list.")
    ] = False,
) -> None:
    """Make a token and print it, alone, once."""
    boot(data)
    from safelight.kernel import clock
    from safelight.records.accounts.actions.tokens import create_token
    from safelight.records.accounts.addresses import normalised
    from safelight.records.accounts.queries import account_of_address
    from safelight.records.accounts.tokens import Scope

    found = account_of_address(normalised(account))
    if found is None:
        fail("there is no active account with this address.")
    if unknown := set(scope) - set(Scope):
        raise typer.BadParameter(f"unknown: {', '.join(sorted(unknown))}", param_hint="--scope")
    text, _ = create_token(
        found,
        [Scope(each) for each in scope],
        valid_for=timedelta(days=days),
        label="made by the operator",
        no_rate_limit=no_rate_limit,
        actor="operator",
        at=clock.now(),
    )
    print(text)
