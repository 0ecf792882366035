"""How does everything end that rests on an account, each with an entry of its own?"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from safelight.exchange.access.facts import NOBODY, Party
from safelight.exchange.access.representing.ending import finish
from safelight.exchange.access.representing.recording import tell
from safelight.exchange.receive.asked.links import withdraw_link
from safelight.exchange.release.sharing.withdraw import EndedBy, end_consent
from safelight.exchange.release.transfer.arriving import end
from safelight.exchange.release.transfer.models import TransferState
from safelight.governance.closing.consequences import (
    acting_of,
    given_by,
    links_of,
    transfers_of,
)
from safelight.governance.closing.models import Inactivation
from safelight.records.accounts.models import Account, State

_CAUSE: Final = "account-inactive"


def end_what_rests_on(party: Party, account: Account, *, at: datetime) -> tuple[int, int]:
    """End shares, transfers, links and acting inside the caller's transaction; count the first two.

    The transfers end first, so each ends once and as what it was: cancelled by its owner.
    """
    transfers = list(transfers_of(account, at=at).select_for_update())
    for row in transfers:
        end(row, TransferState.STOPPED, _CAUSE, at=at, by=party.name, session=party.session)
    given = list(given_by(account.pk, at=at))
    for consent in given:
        end_consent(party, consent, EndedBy.GIVER, at=at)
    if party.account_id is not None:
        for link in links_of(account.pk):
            withdraw_link(party, link.pk, at=at)
    for right in acting_of(account.pk):
        by = "representative" if right.account_id == account.pk else "represented"
        if finish(party, right, by, at=at):
            for other in {right.account_id, right.represented_id} - {account.pk, None}:
                tell(other, "acting-ended", at=at)
    return len(given), len(transfers)


def end_what_came_late(row: Inactivation, *, at: datetime) -> None:
    """End once more, for a request that was let in a moment before and signed a moment after."""
    account = Account.objects.select_for_update().get(pk=row.account_id)
    if account.state == State.INACTIVE:
        end_what_rests_on(NOBODY, account, at=at)
