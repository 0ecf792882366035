"""How does somebody at an operator's machine send an exam to a partner, and follow it?

An operator decides about no exam: whoever orders, stops or retries a transfer is of the
institution's desk, and signs with their own password and code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from safelight.surfaces.cli.colleague import signed_by
from safelight.surfaces.cli.main import Data, boot, fail, transfer_app

if TYPE_CHECKING:
    from uuid import UUID

    from safelight.exchange.release.transfer.listing import Standing

_ORDERS = "I order this transfer"
Orderer = Annotated[
    str, typer.Option("--account", help="Whose password and code say yes, by e-mail address.")
]
_Id = Annotated[str, typer.Argument(help="The transfer's id, as the list prints it.")]


@transfer_app.command("start")
def start(
    data: Data,
    account: Orderer,
    study: Annotated[str, typer.Option(help="The exam, by its Study Instance UID.")],
    connection: Annotated[str, typer.Option(help="The connection's id.")],
    patient_id: Annotated[str, typer.Option(help="The patient's number there.")] = "",
    issuer: Annotated[str, typer.Option(help="Who gave that number.")] = "",
    accession: Annotated[str, typer.Option(help="The accession number there.")] = "",
) -> None:
    """Send an exam over a connection, as the patient agreed.

    What would be changed for the receiver is shown, and asked about, before it is ordered.
    """
    boot(data)
    from safelight.exchange.release.transfer.coercion import Wish
    from safelight.exchange.release.transfer.ordering import order, preview
    from safelight.kernel import clock
    from safelight.kernel.errors import ExpectedError

    party = signed_by(account, f"transfer {study} to connection/{connection}", _ORDERS)
    wish = Wish(patient_id=patient_id, issuer=issuer, accession=accession)
    try:
        changes = preview(party, study, _id(connection), wish, at=clock.now())
        for each in changes:
            print(f"{each.name}: {each.old or '(empty)'} -> {each.new}")
        if changes and not typer.confirm("Send it with these changes?"):
            fail("nothing was ordered.")
        row = order(party, study, _id(connection), at=clock.now(), wish=wish)
    except ExpectedError as refused:
        fail(str(refused))
    print(f"{row.pk}")
    print(f"Ordered: {row.wanted} objects.")


@transfer_app.command("list")
def list_all(data: Data, account: Orderer) -> None:
    """Print the transfers of one's institution, the newest first."""
    boot(data)
    from safelight.exchange.release.transfer.listing import transfers
    from safelight.kernel import clock
    from safelight.kernel.errors import ExpectedError

    try:
        found = transfers(signed_by(account, "list transfers", _ORDERS), at=clock.now())
    except ExpectedError as refused:
        fail(str(refused))
    for each in found:
        print(_line(each))


@transfer_app.command("show")
def show(data: Data, account: Orderer, transfer: _Id) -> None:
    """Print where a transfer stands, and what became of its objects."""
    boot(data)
    from safelight.exchange.release.transfer.listing import one_transfer
    from safelight.kernel import clock
    from safelight.kernel.errors import ExpectedError

    party = signed_by(account, f"show transfer/{transfer}", _ORDERS)
    try:
        standing, objects = one_transfer(party, _id(transfer), at=clock.now())
    except ExpectedError as refused:
        fail(str(refused))
    print(_line(standing))
    for (state, cause), count in sorted(objects.items()):
        print(f"  {count} {state}  {cause}".rstrip())
    if standing.next_at is not None:
        print(f"  tried again at {standing.next_at.isoformat(timespec='seconds')}")
    if standing.proof:
        print(f"  SHA-256 over the hashes of all, in order: {standing.proof}")


@transfer_app.command("retry")
def retry(data: Data, account: Orderer, transfer: _Id) -> None:
    """Try again now: what was refused, too."""
    _do(data, account, transfer, "retry", "It is tried again.")


@transfer_app.command("stop")
def stop(data: Data, account: Orderer, transfer: _Id) -> None:
    """Let nothing more leave. What arrived is there."""
    _do(data, account, transfer, "stop", "Stopped.")


def _do(data: Data, account: str, transfer: str, act: str, done: str) -> None:
    boot(data)
    from safelight.exchange.release.transfer import changing
    from safelight.kernel import clock
    from safelight.kernel.errors import ExpectedError

    party = signed_by(account, f"{act} transfer/{transfer}", _ORDERS)
    try:
        getattr(changing, act)(party, _id(transfer), at=clock.now())
    except ExpectedError as refused:
        fail(str(refused))
    print(done)


def _line(each: Standing) -> str:
    when = each.ordered_at.isoformat(timespec="seconds")
    count = f"{each.sent}/{each.wanted}"
    return f"{each.transfer_id}  {when}  {each.state:<9}  {count}  {each.to}  {each.cause}".rstrip()


def _id(text: str) -> UUID:
    from uuid import UUID

    try:
        return UUID(text)
    except ValueError:
        fail("that is no id.")
