"""How does an operator make an account, and end what it is at an institution?"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from safelight.surfaces.cli.main import Data, account_app, boot, fail

_KINDS = ("individual", "provider")


@account_app.command("create")
def create(
    data: Data,
    email: Annotated[str, typer.Option(help="The person's e-mail address.")],
    name: Annotated[str, typer.Option(help="The person's name.")],
    kind: Annotated[str, typer.Option(help="individual or provider.")] = "individual",
    organization: Annotated[str, typer.Option(help="Where a provider works.")] = "",
    role: Annotated[
        str, typer.Option(help="clinician, imaging_desk, privacy_officer or admin.")
    ] = "clinician",
    *,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from the input.")
    ] = False,
    accept_statement: Annotated[
        bool, typer.Option(help="The person has accepted the privacy statement on paper.")
    ] = False,
) -> None:
    """Make a verified account. The person adds a second factor at the first sign-in."""
    if kind not in _KINDS:
        raise typer.BadParameter("must be individual or provider", param_hint="--kind")
    if not password_stdin:
        raise typer.BadParameter("give the password on the input", param_hint="--password-stdin")
    boot(data)
    from safelight.governance.compliance.actions import create_account
    from safelight.kernel import clock
    from safelight.records.accounts.models import Kind, Role

    if role not in set(Role):
        fail("this role does not exist.")
    create_account(
        email,
        name,
        Kind(kind),
        password=sys.stdin.readline().rstrip("\n"),
        organization=organization,
        role=Role(role),
        accept_statement=accept_statement,
        at=clock.now(),
    )
    print("Made the account. It can sign in now.")


@account_app.command("leave")
def leave(
    data: Data,
    email: Annotated[str, typer.Option(help="The person's e-mail address.")],
    organization: Annotated[str, typer.Option(help="Where they worked, in full.")],
    role: Annotated[
        str, typer.Option(help="One role that ends; without it, all of them there.")
    ] = "",
) -> None:
    """End somebody's membership of an institution, at once, with all that rests on it.

    The account stays, and what was given to the person by name. They are told by mail.
    """
    boot(data)
    from safelight.exchange.access.caring.leaving import leave as end
    from safelight.kernel import clock
    from safelight.kernel.errors import NotFoundError
    from safelight.records.accounts.addresses import normalised
    from safelight.records.accounts.models import Role
    from safelight.records.accounts.queries import account_to_sign_in, organization_named

    if role and role not in set(Role):
        fail("this role does not exist.")
    account, place = account_to_sign_in(normalised(email)), organization_named(organization)
    if account is None or place is None:
        fail("there is no such account, or no such organisation.")
    try:
        end(account.pk, place.pk, role=Role(role) if role else None, at=clock.now())
    except NotFoundError:
        fail("they have no such role there.")
    print("Ended. What rested on it is closed to them from now on.")


@account_app.command("identity-proved")
def identity_proved(
    data: Data,
    reference: Annotated[str, typer.Option(help="The reference that the person names.")],
    how: Annotated[str, typer.Option(help="What you have seen, such as an identity card.")],
) -> None:
    """Say that you have seen who it is that wants to get back into a frozen account.

    Only where neither app nor recovery code is left. The person gets in once 72 hours are over too.
    """
    boot(data)
    from safelight.governance.compromise.recovering import prove_identity
    from safelight.kernel import clock
    from safelight.kernel.errors import NotFoundError

    try:
        prove_identity(reference, how, by="operator", at=clock.now())
    except NotFoundError:
        fail("nobody with this reference waits.")
    print("Kept. The account opens to its owner when the 72 hours are over.")
