"""How is a password changed? By whoever just proved to be its owner, and all sessions end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.hashers import make_password
from django.db import transaction

from safelight.platform.audit.actions import record
from safelight.platform.notices.actions import send
from safelight.records.accounts.actions.register import check_password_choice
from safelight.records.accounts.alarms import not_me_page
from safelight.records.accounts.events import AccountEvent
from safelight.records.accounts.models import Account, Session
from safelight.records.accounts.queries import address_of

if TYPE_CHECKING:
    from datetime import datetime


@transaction.atomic
def change_password(account: Account, password: str, *, at: datetime) -> None:
    """Give an account another password; call it only after a step-up.

    Raises:
        InvalidFieldError: the password is too weak.
    """
    check_password_choice(password, name=account.name, address=address_of(account))
    set_password(account, password, at=at)


def set_password(account: Account, password: str, *, at: datetime) -> None:
    """Set a password, end every session, and tell the owner, in the caller's transaction."""
    account.password = make_password(password)
    account.password_changed_at = at
    account.save(update_fields=["password", "password_changed_at"])
    Session.objects.filter(account=account).delete()
    facts = {"when": at.isoformat(), "page": not_me_page(account.pk, at=at)}
    send("password-changed", to=address_of(account), context=facts, at=at)
    record(AccountEvent.PASSWORD_CHANGED, actor=f"account/{account.pk}", at=at)
