"""Who of an institution has taken an exam on, as another of its members reads it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from safelight.exchange.access.facts import Party
from safelight.platform.database.asking import as_id, as_time, ask, marks
from safelight.records.accounts.models import Account

# Whoever left the institution has taken nothing on there any more.
_LIVE: Final = """
    SELECT held.study_id, held.account_id, held.since FROM inbox_assignment AS held
    WHERE held.study_id IN ({studies}) AND held.organization_id IN ({places})
    AND held.ended_at IS NULL AND EXISTS (
        SELECT 1 FROM accounts_membership AS member WHERE member.account_id = held.account_id
        AND member.organization_id = held.organization_id AND member.state = 'active')
    ORDER BY held.since DESC
"""


@dataclass(frozen=True, slots=True)
class Held:
    """That somebody has taken an exam on."""

    account_id: UUID
    name: str
    since: datetime
    is_me: bool


def held_by(party: Party, study_ids: Sequence[UUID]) -> dict[UUID, Held]:
    """Say of each exam who of the party's own institutions has taken it on; nobody is absent."""
    if not study_ids or not party.organizations:
        return {}
    statement = _LIVE.format(studies=marks(study_ids), places=marks(party.organizations))
    rows = ask(statement, *study_ids, *party.organizations)
    accounts = Account.objects.in_bulk({as_id(account) for _, account, _ in rows})
    return {
        as_id(study): Held(
            account_id=as_id(account),
            name=accounts[as_id(account)].name,
            since=as_time(since),
            is_me=as_id(account) == party.account,
        )
        for study, account, since in reversed(rows)
    }
