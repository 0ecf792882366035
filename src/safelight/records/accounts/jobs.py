"""Which work does the room have itself? Forgetting what is over, so that it cannot leak."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.db import transaction

from safelight.kernel import clock
from safelight.platform.audit.actions import record
from safelight.platform.jobs.registry import task
from safelight.platform.jobs.schedule import schedule
from safelight.records.accounts import throttle
from safelight.records.accounts.events import AccountEvent
from safelight.records.accounts.models import (
    Account,
    AddressProof,
    Challenge,
    KnownDevice,
    State,
)
from safelight.records.accounts.sessions import SessionStore

if TYPE_CHECKING:
    from datetime import datetime

UNPROVED_FOR = timedelta(days=7)
DEVICES_FOR = timedelta(days=365)
_AN_HOUR = timedelta(hours=1)


@task("accounts.forget")
def forget() -> None:
    """Delete sessions, codes, questions and counters that are over, and accounts never proved."""
    at = clock.now()
    SessionStore.clear_expired()
    throttle.forget_old(at=at)
    AddressProof.objects.filter(expires_at__lt=at - _AN_HOUR).delete()
    Challenge.objects.filter(expires_at__lt=at - _AN_HOUR, answered_at=None).delete()
    KnownDevice.objects.filter(last_seen_at__lt=at - DEVICES_FOR).delete()
    _forget_unproved(before=at - UNPROVED_FOR, at=at)


schedule(forget, every=_AN_HOUR)


def _forget_unproved(*, before: datetime, at: datetime) -> None:
    # The rows stay, because an acceptance points at them; name, address and password go.
    for account in Account.objects.filter(state=State.UNVERIFIED, created_at__lt=before):
        with transaction.atomic():
            EmailAddress.objects.filter(user=account).delete()
            account.state, account.name, account.password = State.ERASED, "", ""
            account.save(update_fields=["state", "name", "password"])
            record(AccountEvent.FORGOTTEN, actor="system", subject=f"account/{account.pk}", at=at)
