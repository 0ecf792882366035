"""Who stands on the closed lists that this party manages?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from safelight.exchange.access.facts import Party
from safelight.kernel.errors import NotFoundError
from safelight.records.accounts.models import Group, GroupMember


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One person of a list, since when."""

    account_id: UUID
    name: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """One closed list with everybody who is on it now, in the order they came."""

    group_id: UUID
    name: str
    created_at: datetime
    members: tuple[Entry, ...]


def rolls_of(party: Party) -> list[Roll]:
    """List the groups that a party manages, the oldest first."""
    return _rolls(Group.objects.filter(manager_id=party.account, ended_at__isnull=True))


def roll_of(party: Party, group_id: UUID) -> Roll:
    """Return one group that a party manages.

    Raises:
        NotFoundError: it manages no such group.
    """
    mine = Group.objects.filter(pk=group_id, manager_id=party.account, ended_at__isnull=True)
    for roll in _rolls(mine):
        return roll
    raise NotFoundError


def _rolls(groups: Iterable[Group]) -> list[Roll]:
    rows = sorted(groups, key=lambda group: (group.created_at, group.pk))
    on_them = GroupMember.objects.select_related("account").filter(
        group__in=rows, ended_at__isnull=True
    )
    entries: dict[UUID, list[Entry]] = {}
    for each in on_them.order_by("since", "pk"):
        entry = Entry(account_id=each.account_id, name=each.account.name, since=each.since)
        entries.setdefault(each.group_id, []).append(entry)
    return [
        Roll(
            group_id=group.pk,
            name=group.name,
            created_at=group.created_at,
            members=tuple(entries.get(group.pk, ())),
        )
        for group in rows
    ]
