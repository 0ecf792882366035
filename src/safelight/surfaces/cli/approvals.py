"""How does an operator see what two people agreed to, to name it to a command?"""

from __future__ import annotations

from typing import Annotated

import typer

from safelight.surfaces.cli.main import Data, approvals_app, boot


@approvals_app.command("list")
def list_all(
    data: Data,
    everything: Annotated[  # noqa: FBT002 (a flag of the command line)
        bool, typer.Option("--all", help="Also those that are used, refused or over.")
    ] = False,
) -> None:
    """Print the requests for acts that need two people: id, state, until when, and the act.

    Asking and approving are done on the pages, each by a signature of exactly the act.
    """
    boot(data)
    from django.db import transaction

    from safelight.exchange.access.powers.approvals import newest_requests, note_listing, state_of
    from safelight.exchange.access.powers.kinds import ApprovalState
    from safelight.kernel import clock

    at = clock.now()
    is_open = {ApprovalState.WAITING, ApprovalState.APPROVED}
    with transaction.atomic():
        note_listing("operator", at=at)
        found = newest_requests()
    for each in found:
        state = state_of(each, at=at)
        if everything or state in is_open:
            until = each.use_by or each.lapses_at
            print(f"{each.pk}  {state.value:<9} until {until:%Y-%m-%d %H:%M} UTC  {each.deed}")
