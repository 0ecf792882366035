"""The cast of these tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)

from safelight.kernel import clock
from safelight.records.accounts.actions.register import create_account
from safelight.records.accounts.models import Account, Kind
from soft_passkey import SoftAuthenticator

if TYPE_CHECKING:
    from collections.abc import Callable

PASSWORD = "a quiet room full of lamps"
ADDRESS = "ada.owner@example.org"


class App:
    """An authenticator app on a phone, which knows the secret and the time."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def code(self, steps: int = 0) -> str:
        """Return the code of now, or of `steps` half-minutes from now."""
        before, now, after = yield_hotp_counters_from_time()
        counter = {-1: before, 0: now, 1: after}[steps]
        return str(format_hotp_value(hotp_value(self.secret, counter)))


@pytest.fixture
def soft_authenticator() -> Callable[..., SoftAuthenticator]:
    """Make passkeys."""
    return SoftAuthenticator


@pytest.fixture
def owner(db: None) -> Account:
    """Make a person with a proved address and a password, and no second factor yet."""
    return create_account(ADDRESS, "Ada Owner", Kind.INDIVIDUAL, password=PASSWORD, at=clock.now())


@pytest.fixture
def app(owner: Account) -> App:
    """Give the owner an authenticator app."""
    secret = generate_totp_secret()
    TOTP.activate(owner, secret)
    return App(secret)


@pytest.fixture
def stranger(db: None) -> Account:
    """Make somebody else."""
    return create_account(
        "sam@elsewhere.example", "Sam Stranger", Kind.INDIVIDUAL, password=PASSWORD, at=clock.now()
    )
