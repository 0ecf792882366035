"""How does Django find the account behind a session? By id, and only while it may sign in.

Passwords are checked by `actions.sign_in`, which counts and records; this backend
authenticates nobody, so that no other door can be opened by a password alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.backends import BaseBackend

from safelight.records.accounts.models import Account

if TYPE_CHECKING:
    from uuid import UUID


class AccountBackend(BaseBackend):
    """Loads the account of a session."""

    def get_user(self, user_id: UUID) -> Account | None:
        """Return the account, or None when it may not hold a session."""
        account = Account.objects.filter(pk=user_id).first()
        return account if account is not None and account.is_active else None
