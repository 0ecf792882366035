"""How does an operator record an agreement with a partner, and end one?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safelight.surfaces.cli.colleague import sign_as
from safelight.surfaces.cli.connections import Colleague, house_named, partner_named
from safelight.surfaces.cli.main import Data, agreement_app, boot, fail

_House = Annotated[str, typer.Option(help="Whose agreement it is, by name.")]
_Partner = Annotated[str, typer.Option(help="With whom, by name.")]
_Id = Annotated[str, typer.Argument(help="The agreement's id, as the list prints it.")]


@agreement_app.command("add")
def add(
    data: Data,
    organization: _House,
    partner: _Partner,
    kind: Annotated[str, typer.Option(help="baa, participation, dpa, data_use, scc, qsoa ...")],
    parties: Annotated[str, typer.Option(help="Who signed it, for whom.")],
    first: Annotated[str, typer.Option("--from", help="Its first day, such as 2026-01-31.")],
    last: Annotated[str, typer.Option("--to", help="Its last day.")],
    paper: Annotated[Path, typer.Option(help="The signed paper, a PDF.")],
) -> None:
    """Record an agreement. It opens nothing until somebody of the desk has verified it."""
    boot(data)
    from safelight.exchange.access.connecting import OPERATOR
    from safelight.governance.agreements.recording import AgreementWish, record_agreement
    from safelight.kernel import clock
    from safelight.kernel.errors import ExpectedError

    other = partner_named(house_named(organization), partner)
    wish = AgreementWish(kind=kind, parties=parties, starts_on=first, ends_on=last)
    try:
        row = record_agreement(OPERATOR, other, wish, paper.read_bytes(), at=clock.now())
    except ExpectedError as refused:
        fail(str(refused))
    print(f"{row.pk}")
    print("Recorded. Somebody of the desk must verify it.")


@agreement_app.command("list")
def list_all(data: Data, organization: _House, partner: _Partner) -> None:
    """Print the agreements with a partner: id, kind, state and days."""
    boot(data)
    from datetime import timedelta

    from safelight.exchange.access.connecting import OPERATOR
    from safelight.governance.agreements.recording import agreements_with, state_of
    from safelight.kernel import clock

    at = clock.now()
    for row in agreements_with(OPERATOR, partner_named(house_named(organization), partner)):
        days = f"{row.starts_at:%Y-%m-%d} to {row.ends_at - timedelta(days=1):%Y-%m-%d}"
        print(f"{row.pk}  {row.kind:<17}  {state_of(row, at=at).value:<8}  {days}")


@agreement_app.command("verify")
def verify(data: Data, agreement: _Id, account: Colleague = "") -> None:
    """Verify an agreement that somebody else recorded, or let a colleague verify it."""
    boot(data)
    from uuid import UUID

    from safelight.exchange.access.connecting import OPERATOR
    from safelight.governance.agreements.recording import verify_agreement
    from safelight.kernel import clock
    from safelight.kernel.errors import ExpectedError

    hand = sign_as(account, f"verify agreement/{agreement}") if account else OPERATOR
    try:
        verify_agreement(hand, UUID(agreement), at=clock.now())
    except (ExpectedError, ValueError) as refused:
        fail(str(refused))
    print("Verified.")


@agreement_app.command("end")
def end(
    data: Data,
    agreement: _Id,
    because: Annotated[str, typer.Option(help="Why it ends.")],
) -> None:
    """End an agreement before its time: what rests on it is closed at once."""
    boot(data)
    from uuid import UUID

    from safelight.exchange.access.connecting import OPERATOR
    from safelight.governance.agreements.recording import end_agreement
    from safelight.kernel import clock
    from safelight.kernel.errors import ExpectedError

    try:
        end_agreement(OPERATOR, UUID(agreement), because, at=clock.now())
    except (ExpectedError, ValueError) as refused:
        fail(str(refused))
    print("Ended.")
