"""Which account is this, and what belongs to it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from safelight.platform.keys.fields import normalise
from safelight.records.accounts.addresses import normalised
from safelight.records.accounts.models import (
    Account,
    ApiToken,
    Membership,
    Organization,
    Session,
    State,
)
from safelight.records.accounts.sessions import ends_at

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


def account_of_address(address: str) -> Account | None:
    """Return the active account that has proved this address, if there is one."""
    row = (
        EmailAddress.objects.select_related("user")
        .filter(email=normalised(address), verified=True)
        .first()
    )
    return row.user if row is not None and row.user.state == State.ACTIVE else None


def account_with(account_id: UUID) -> Account:
    """Return the account of somebody who is known already."""
    return Account.objects.get(pk=account_id)


def account_to_sign_in(address: str) -> Account | None:
    """Return the account that may try to sign in with an address in its one form.

    The one that has proved it, else the latest that claims it.
    """
    row = (
        EmailAddress.objects.select_related("user")
        .filter(email=address)
        .order_by("-verified", "-pk")
        .first()
    )
    return row.user if row is not None else None


def accounts_named(name: str) -> list[Account]:
    """Return the accounts with exactly this name, however it is written in capitals and spaces.

    Names are sealed differently each time, so every one is opened: for rare, recorded questions.
    """
    wanted = _one_form(name)
    rows = Account.objects.only("id", "name").iterator()
    return [row for row in rows if wanted and _one_form(row.name) == wanted]


def organization_named(name: str) -> Organization | None:
    """Return the institution of exactly this name, whatever the capitals and spaces."""
    return Organization.objects.filter(same_name=" ".join(name.split())).first()


def address_of(account: Account) -> str:
    """Return an account's address, proved or not; empty when it has none."""
    row = EmailAddress.objects.filter(user=account).order_by("-primary", "pk").first()
    return row.email if row is not None else ""


def has_verified_address(account: Account) -> bool:
    """Tell whether an account has proved an address."""
    return bool(EmailAddress.objects.filter(user=account, verified=True).exists())


def factors_of(account: Account) -> list[Authenticator]:
    """Return an account's second factors, oldest first, recovery codes left out."""
    return list(
        Authenticator.objects.filter(user=account)
        .exclude(type=Authenticator.Type.RECOVERY_CODES)
        .order_by("pk")
    )


def has_factor(account: Account) -> bool:
    """Tell whether an account has a second factor."""
    return bool(factors_of(account))


def recovery_codes_left(account: Account) -> int:
    """Count the recovery codes that were not used yet."""
    row = Authenticator.objects.filter(user=account, type=Authenticator.Type.RECOVERY_CODES).first()
    return len(row.wrap().get_unused_codes()) if row is not None else 0


def sessions_of(account: Account, *, at: datetime) -> list[Session]:
    """Return an account's live sessions, the last seen first."""
    rows = Session.objects.select_related("account").filter(account=account)
    return [row for row in rows.order_by("-last_seen_at") if ends_at(row) > at]


def tokens_of(account: Account) -> list[ApiToken]:
    """Return an account's tokens that were not revoked, the newest first."""
    return list(
        ApiToken.objects.filter(account=account, revoked_at__isnull=True).order_by("-created_at")
    )


def memberships_of(account_id: UUID) -> tuple[Membership, ...]:
    """Return an account's active memberships with their organisations."""
    return tuple(
        Membership.objects.select_related("organization").filter(
            account_id=account_id, state=Membership.State.ACTIVE
        )
    )


def _one_form(name: str) -> str:
    return " ".join(normalise(name).split())
