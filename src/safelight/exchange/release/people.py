"""How does this room speak of, and to, the people behind its ids?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from safelight.exchange.access.mandates import ACTING
from safelight.exchange.consent.models import Consent
from safelight.platform.notices.actions import send
from safelight.records.accounts.alarms import not_me_page
from safelight.records.accounts.models import Account, Representative
from safelight.records.accounts.queries import address_of
from safelight.records.partners.models import Connection


def name_of(account_id: UUID) -> str:
    """Return the name by which an account is shown."""
    return str(Account.objects.get(pk=account_id).name)


def name_of_system(connection_id: UUID) -> str:
    """Return the name by which a connected system is shown, with its partner's if it has one."""
    row = Connection.objects.select_related("partner").get(pk=connection_id)
    return f"{row.name} ({row.partner.name})" if row.partner is not None else str(row.name)


def address_of_account(account_id: UUID) -> str:
    """Return the address an account has proved."""
    return address_of(Account.objects.get(pk=account_id))


def tell_account(account_id: UUID, template: str, *, at: datetime) -> None:
    """Send a notice to an account's own address; it says when, and links to this instance."""
    facts = {"when": at.isoformat()} if template in _DATED else {}
    if template in _ALARMING:
        facts["page"] = not_me_page(account_id, at=at)
    send(
        template,
        to=address_of_account(account_id),
        context=facts,
        about=f"account/{account_id}",
        at=at,
    )


def representative_named(representative_id: UUID) -> Representative:
    """Return by what right somebody acts for another."""
    return Representative.objects.get(pk=representative_id)


def giver_of(consent: Consent) -> UUID | None:
    """Return who is told of what happens under a consent: who gave it, while they may know.

    Once somebody no longer acts for a person, that person is told instead.
    """
    if consent.representative_id is None:
        return consent.grantor_id
    if representative_named(consent.representative_id).state in ACTING:
        return consent.grantor_id
    return consent.subject_account_id


def told_of(consent: Consent) -> list[UUID]:
    """Return who is to know of what happens under a consent.

    What was passed on is the patient's: they are told, beside who passed it on.
    """
    told = {giver_of(consent)}
    if consent.parent_id is not None:
        told.add(consent.subject_account_id)
    return [account_id for account_id in told if account_id is not None]


def tell_giver(consent_id: UUID, template: str, *, at: datetime) -> None:
    """Send a notice about a share to whoever is to know of it."""
    for account_id in told_of(Consent.objects.get(pk=consent_id)):
        tell_account(account_id, template, at=at)


# Each carries the press by which its reader says that it was not they.
_ALARMING = frozenset({"consent-copy", "alert-device", "alert-sign-in"})
_DATED = frozenset(
    {
        "share-opened",
        "share-verified",
        "share-waiting",
        "share-held",
        "share-locked",
        "share-misdirected",
        "share-declined",
        "share-bounced",
    }
)
