"""How does an operator say who runs this instance?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from safelight.surfaces.cli.main import Data, boot, fail, staff_app

if TYPE_CHECKING:
    from uuid import UUID

    from safelight.records.accounts.models import StaffRole

_ROLES = "system_admin, security_officer, privacy_official, counsel, auditor or support."


@staff_app.command("appoint")
def appoint(
    data: Data,
    email: Annotated[str, typer.Option(help="The person's e-mail address.")],
    role: Annotated[str, typer.Option(help=_ROLES)],
) -> None:
    """Give somebody a role of this instance. No role opens an exam."""
    boot(data)
    from safelight.kernel import clock
    from safelight.records.accounts.staff import appoint as begin

    account_id, wanted = _account(email), _role(role)
    begin(account_id, wanted, by="operator", at=clock.now())
    print("Appointed. It holds from their next page on.")


@staff_app.command("dismiss")
def dismiss(
    data: Data,
    email: Annotated[str, typer.Option(help="The person's e-mail address.")],
    role: Annotated[str, typer.Option(help=_ROLES)],
) -> None:
    """End somebody's role at this instance, at once."""
    boot(data)
    from safelight.kernel import clock
    from safelight.kernel.errors import NotFoundError
    from safelight.records.accounts.staff import dismiss as end

    account_id, wanted = _account(email), _role(role)
    try:
        end(account_id, wanted, by="operator", at=clock.now())
    except NotFoundError:
        fail("they do not have this role.")
    print("Ended.")


@staff_app.command("list")
def list_all(data: Data) -> None:
    """Print who has which role, by address."""
    boot(data)
    from safelight.records.accounts.queries import account_with, address_of
    from safelight.records.accounts.staff import staff_with

    for each in staff_with():
        address = address_of(account_with(each.account_id))
        print(f"{each.role.value:<17} since {each.since:%Y-%m-%d}  {address}")


def _account(email: str) -> UUID:
    from safelight.kernel.errors import InvalidFieldError
    from safelight.records.accounts.addresses import normalised
    from safelight.records.accounts.queries import account_to_sign_in

    try:
        account = account_to_sign_in(normalised(email))
    except InvalidFieldError:
        account = None
    if account is None:
        fail("there is no such account.")
    return account.pk


def _role(role: str) -> StaffRole:
    from safelight.records.accounts.models import StaffRole

    if role not in set(StaffRole):
        fail(f"this role does not exist. Give {_ROLES}")
    return StaffRole(role)
