"""How does somebody get back in who forgot the password? With a code sent to the address.

Known and unknown addresses are answered alike. The second factor stays as it is:
a new password alone opens nothing. Every session of the account ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from safelight.platform.audit.actions import record
from safelight.platform.notices.actions import send
from safelight.records.accounts import proofs, throttle
from safelight.records.accounts.actions.passwords import set_password
from safelight.records.accounts.actions.register import check_password_choice
from safelight.records.accounts.addresses import normalised
from safelight.records.accounts.events import AccountEvent
from safelight.records.accounts.models import Account, Purpose
from safelight.records.accounts.pace import even_pace
from safelight.records.accounts.queries import account_of_address, address_of

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


def ask_reset(address: str, *, source: str, at: datetime) -> UUID:
    """Send a code if the address is known, and return the proof to carry on with.

    Raises:
        InvalidFieldError: this is no e-mail address.
        RateLimitedError: too many were asked for.
    """
    address = normalised(address)
    throttle.take(throttle.RESET_SOURCE, throttle.network_of(source), at=at)
    throttle.take(throttle.RESET_ADDRESS, address, at=at)
    # No password is hashed here that would hide the few milliseconds more of a known address.
    with even_pace():
        return _begin_reset(address, source=source, at=at)


@transaction.atomic
def _begin_reset(address: str, *, source: str, at: datetime) -> UUID:
    account = account_of_address(address)
    proof_id, code = proofs.begin_proof(account, Purpose.RESET, at=at)
    if account is None:
        send("address-unknown", to=address, context={}, at=at)
    else:
        send("reset-password", to=address, context={"code": code}, at=at)
    record(
        AccountEvent.RESET_ASKED,
        actor="anonymous",
        subject=f"account/{account.pk}" if account else "",
        at=at,
        origin=source,
    )
    return proof_id


def reset_password(proof_id: UUID, code: str, password: str, *, at: datetime) -> Account:
    """Take the code and set the new password.

    Raises:
        CodeRefusedError: wrong, used, too old, or no tries left.
        InvalidFieldError: the password is too weak; the code stays good.
    """
    check_password_choice(password, name="", address="")
    account = proofs.spend_try(proof_id, Purpose.RESET, code, at=at)
    check_password_choice(password, name=account.name, address=address_of(account))
    with transaction.atomic():
        proofs.use_proof(proof_id, at=at)
        set_password(account, password, at=at)
    return account
