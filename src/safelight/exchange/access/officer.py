"""Who may read the record of what happened, and whom may they look for in it?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.facts import Party, PartyKind
from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import AuditEvent
from safelight.records.accounts.addresses import normalised
from safelight.records.accounts.models import Role
from safelight.records.accounts.queries import account_to_sign_in, accounts_named, memberships_of
from safelight.records.imaging.models import Vault


def is_officer(party: Party) -> bool:
    """Say whether a party is a privacy officer, fully signed in (requirements 6)."""
    if party.kind is not PartyKind.PROVIDER or party.token_scopes is not None:
        return False
    if not (party.second_factor and party.active and party.statement_accepted):
        return False
    return any(row.role == Role.PRIVACY_OFFICER for row in memberships_of(party.account))


def require_officer(party: Party) -> None:
    """Let only privacy officers pass; for all others there is nothing here.

    Raises:
        NotFoundError: this party is not one.
    """
    if not is_officer(party):
        raise NotFoundError


@transaction.atomic
def people_asked_for(party: Party, words: str, *, at: datetime) -> tuple[UUID, ...]:
    """Return the accounts with exactly this address or name. The record keeps that it was asked.

    The officer brings the words and gets opaque ids; nothing else of a person is told.

    Raises:
        NotFoundError: this party is no officer.
    """
    require_officer(party)
    found = _by_address(words) if "@" in words else tuple(each.pk for each in accounts_named(words))
    for account_id in found:
        record(AuditEvent.PERSON_SOUGHT, actor=party.name, subject=f"account/{account_id}", at=at)
    if not found:
        record(AuditEvent.PERSON_SOUGHT, actor=party.name, reason="nobody", at=at)
    return found


def own_vault(account_id: UUID) -> UUID | None:
    """Return the vault of a person's own exams, for entries about what is theirs."""
    return Vault.objects.filter(account_id=account_id).values_list("id", flat=True).first()


def _by_address(words: str) -> tuple[UUID, ...]:
    try:
        account = account_to_sign_in(normalised(words))
    except InvalidFieldError:
        return ()
    return (account.pk,) if account else ()
