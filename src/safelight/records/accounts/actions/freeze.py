"""How is an account closed to everybody at once, its owner included, and how is it opened again?

Frozen, it lets nobody in: its sessions are over, its tokens revoked, its known browsers
forgotten, and neither a password nor a code nor a passkey is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator

from safelight.records.accounts.actions.passwords import set_password
from safelight.records.accounts.models import (
    Account,
    AddressProof,
    ApiToken,
    Challenge,
    KnownDevice,
    Session,
    State,
)
from safelight.records.accounts.queries import factors_of


@dataclass(frozen=True, slots=True)
class Ended:
    """How much ended with the freezing."""

    sessions: int
    tokens: int


def freeze_account(account: Account, state: State = State.LOCKED, *, at: datetime) -> Ended:
    """Close an account to everybody, inside a transaction that holds its row.

    `state` says why: somebody else may have used it, or its owner has left.
    """
    Account.objects.filter(pk=account.pk).update(state=state)
    sessions = Session.objects.filter(account=account)
    ended = sessions.count()
    sessions.delete()
    KnownDevice.objects.filter(account=account).delete()
    tokens = ApiToken.objects.filter(account=account, revoked_at=None).update(revoked_at=at)
    AddressProof.objects.filter(account=account).delete()
    Challenge.objects.filter(account=account, answered_at=None).delete()
    return Ended(ended, tokens)


def open_again(account: Account, password: str, *, at: datetime) -> None:
    """Open a frozen account with a new password, inside the caller's transaction.

    Only after its owner has proved to be the one.
    """
    Account.objects.filter(pk=account.pk, state=State.LOCKED).update(state=State.ACTIVE)
    account.state = State.ACTIVE
    set_password(account, password, at=at)


def drop_factors(account: Account, *, since: datetime) -> int:
    """Remove second factors and recovery codes that came lately: somebody else may have added them.

    Of an account that is new itself, the first factor and the codes stay.
    """
    young = Authenticator.objects.filter(user=account, created_at__gte=since)
    if account.created_at >= since:
        first = [each.pk for each in factors_of(account)[:1]]
        young = young.exclude(type=Authenticator.Type.RECOVERY_CODES).exclude(pk__in=first)
    return int(young.delete()[0])


def drop_all_factors(account: Account) -> None:
    """Remove every second factor: their owner has lost them, and adds one at the next sign-in."""
    Authenticator.objects.filter(user=account).delete()
