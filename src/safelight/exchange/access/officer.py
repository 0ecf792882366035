"""Who may read the record of what happened, and whom may they look for in it?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.facts import Party
from safelight.exchange.access.reading import Reading, officer_of, reading_of
from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import AuditEvent
from safelight.platform.audit.queries import TrailFilter, has_entries
from safelight.records.accounts.addresses import normalised
from safelight.records.accounts.queries import account_to_sign_in, accounts_named
from safelight.records.imaging.models import Vault


def is_officer(party: Party) -> bool:
    """Say whether a party is an institution's privacy officer, fully signed in (requirements 6)."""
    return bool(officer_of(party))


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

    The reader brings the words and gets opaque ids; nothing else of a person is told, and to an
    institution's officer only of people who occur in what is theirs to read.

    Raises:
        NotFoundError: this party reads no names.
    """
    reading = reading_of(party)
    if not reading.may_name:
        raise NotFoundError
    known = _by_address(words) if "@" in words else tuple(each.pk for each in accounts_named(words))
    found = tuple(each for each in known if _occurs(each, reading))
    for account_id in found:
        record(AuditEvent.PERSON_SOUGHT, actor=party.name, subject=f"account/{account_id}", at=at)
    if not found:
        record(AuditEvent.PERSON_SOUGHT, actor=party.name, reason="nobody", at=at)
    return found


def may_look_for(party: Party, account_id: UUID) -> bool:
    """Say whether somebody occurs in what is a party's to read. Raises NotFoundError."""
    return _occurs(account_id, reading_of(party))


def own_vault(account_id: UUID) -> UUID | None:
    """Return the vault of a person's own exams, for entries about what is theirs."""
    return Vault.objects.filter(account_id=account_id).values_list("id", flat=True).first()


def _occurs(account_id: UUID, reading: Reading) -> bool:
    if reading.is_whole:
        return True
    name = f"account/{account_id}"
    theirs = TrailFilter(subject=name, owned_vault_id=own_vault(account_id), within=reading.within)
    return has_entries(theirs) or has_entries(TrailFilter(actor=name, within=reading.within))


def _by_address(words: str) -> tuple[UUID, ...]:
    try:
        account = account_to_sign_in(normalised(words))
    except InvalidFieldError:
        return ()
    return (account.pk,) if account else ()
