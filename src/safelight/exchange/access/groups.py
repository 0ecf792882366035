"""Who belongs to a closed list, and what follows for what was agreed with it?

A group is managed by one person. Whoever leaves loses at once what the group was
given. Whoever joins gets only what was given to members to come (R08, E34).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.epoch import turn_epoch
from safelight.exchange.access.events import AccessEvent
from safelight.exchange.access.facts import Party
from safelight.exchange.consent.models import Consent, ConsentMember
from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.platform.audit.actions import record
from safelight.records.accounts.models import Account, Group, GroupMember
from safelight.records.accounts.queries import account_of_address
from safelight.records.accounts.throttle import GROUP_MEMBER, take

_LONGEST_NAME = 120


def make_group(party: Party, name: str, *, at: datetime) -> Group:
    """Begin a closed list; its manager is on it from the start.

    Raises:
        InvalidFieldError: the name is empty or too long.
    """
    name = " ".join(name.split())
    if not 1 <= len(name) <= _LONGEST_NAME:
        raise InvalidFieldError("name", "Give the group a name of up to 120 letters.")
    with transaction.atomic():
        group = Group.objects.create(
            manager_id=party.account, name=name, same_name=name, created_at=at
        )
        GroupMember.objects.create(group=group, account_id=party.account, since=at)
        _note(AccessEvent.GROUP_MADE, party, group, at=at)
    return group


def admit_member(party: Party, group_id: UUID, address: str, *, at: datetime) -> Account:
    """Put somebody on the list, by the exact address of their account.

    Raises:
        NotFoundError: this party manages no such group.
        InvalidFieldError: nobody has proved this address.
        RateLimitedError: so many addresses within the hour are a search for people.
    """
    group = managed_group(party, group_id)
    take(GROUP_MEMBER, str(party.account), at=at)
    account = account_of_address(address)
    if account is None:
        raise InvalidFieldError("address", "Nobody here has proved this address.")
    with transaction.atomic():
        _, is_new = GroupMember.objects.get_or_create(
            group=group, account=account, ended_at=None, defaults={"since": at}
        )
        if is_new:
            ConsentMember.objects.bulk_create(
                ConsentMember(consent_id=consent_id, account_id=account.pk, since=at)
                for consent_id in _open_to_joiners(group)
            )
            turn_epoch()
            _note(AccessEvent.MEMBER_ADMITTED, party, group, account.pk, at=at)
    return account


def dismiss_member(party: Party, group_id: UUID, account_id: UUID, *, at: datetime) -> None:
    """Take somebody off the list; what the group was given is closed to them from the commit on.

    Raises:
        NotFoundError: this party manages no such group, or nobody of that id is on it.
    """
    group = managed_group(party, group_id)
    with transaction.atomic():
        on_it = GroupMember.objects.filter(
            group=group, account_id=account_id, ended_at__isnull=True
        )
        if not on_it.update(ended_at=at):
            raise NotFoundError
        consents = Consent.objects.filter(recipient_group_id=group.pk).values("id")
        ConsentMember.objects.filter(
            consent_id__in=consents, account_id=account_id, ended_at__isnull=True
        ).update(ended_at=at)
        turn_epoch()
        _note(AccessEvent.MEMBER_DISMISSED, party, group, account_id, at=at)


def managed_group(party: Party, group_id: UUID) -> Group:
    """Return a group that this party manages.

    Raises:
        NotFoundError: there is none.
    """
    group = Group.objects.filter(
        pk=group_id, manager_id=party.account, ended_at__isnull=True
    ).first()
    if group is None or party.token_scopes is not None:
        raise NotFoundError
    return group


def _open_to_joiners(group: Group) -> list[UUID]:
    """Return the consents that mean members to come, too."""
    meant = Consent.objects.filter(
        recipient_group_id=group.pk, future_members=True, revoked_at__isnull=True
    )
    return list(meant.values_list("id", flat=True))


def _note(
    event: AccessEvent,
    party: Party,
    group: Group,
    member_id: UUID | None = None,
    *,
    at: datetime,
) -> None:
    record(
        event,
        actor=party.name,
        session=party.session,
        subject=f"group/{group.pk}",
        detail={"member": str(member_id)} if member_id else None,
        at=at,
    )
