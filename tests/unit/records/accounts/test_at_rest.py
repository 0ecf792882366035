"""What a thief finds who has the database file and no key: nothing about anybody."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.db import connection
from django.test import Client

from safelight.kernel import clock
from safelight.records.accounts.actions.factors import add_passkey, make_recovery_codes
from safelight.records.accounts.actions.tokens import create_token
from safelight.records.accounts.models import Account
from safelight.records.accounts.queries import account_of_address, address_of
from safelight.records.accounts.sessions import SessionStore
from safelight.records.accounts.tokens import Scope

if TYPE_CHECKING:
    from collections.abc import Callable

PASSWORD = "a quiet room full of lamps"
ADDRESS = "ada.owner@example.org"


class App(Protocol):
    """Shows codes."""

    secret: str

    def code(self, steps: int = 0) -> str:
        """Show the code of now."""


def _file() -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path = Path(connection.settings_dict["NAME"])
    wal = path.with_name(path.name + "-wal")
    return path.read_bytes() + (wal.read_bytes() if wal.exists() else b"")


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_the_database_file_says_nothing_about_anybody(
    owner: Account, app: App, soft_authenticator: Callable[..., Any]
) -> None:
    passkey = soft_authenticator()
    session = SessionStore()
    session.create()
    from safelight.records.accounts.actions.factors import offer_passkey  # noqa: PLC0415

    credential = passkey.create(offer_passkey(session, owner))
    add_passkey(session, owner, credential, "Telephone of Ada", at=clock.now())
    codes = make_recovery_codes(owner, at=clock.now())
    token, _ = create_token(owner, [Scope.DICOMWEB_READ], label="Archive box", at=clock.now())
    browser = Client(headers={"User-Agent": "Firefox/1 Windows"}, REMOTE_ADDR="203.0.113.77")
    browser.post("/account/sign-in/", {"email": ADDRESS, "password": "wrong password"})
    browser.post("/account/sign-in/", {"email": ADDRESS, "password": PASSWORD})
    browser.post("/account/sign-in/factor/", {"code": app.code()})

    kept = _file()
    secrets = [
        "Ada Owner",
        "ada.owner",
        "example.org",
        PASSWORD,
        app.secret,
        "Telephone",
        "Archive box",
        "Firefox",
        "203.0.113",
        token,
        token.split("_")[3],
        browser.cookies["__Host-session"].value,
        browser.cookies["__Host-device"].value,
        credential["rawId"],
        credential["response"]["attestationObject"][:40],
        *codes,
    ]
    assert bytes(str(owner.pk.hex), "ascii") in kept  # the search itself finds what is there
    for secret in secrets:
        for written in (secret.encode(), base64.b64encode(secret.encode()).rstrip(b"=")[:-1]):
            assert written not in kept, secret
    assert passkey.credential_id not in kept
    assert json.dumps("used_mask").encode() not in kept


@pytest.mark.django_db(databases=["default", "keys"])
def test_an_address_is_found_and_unique_though_it_is_sealed(owner: Account) -> None:
    assert account_of_address("ADA.Owner@EXAMPLE.org") == owner
    assert address_of(owner) == ADDRESS
    with connection.cursor() as cursor:
        cursor.execute("SELECT email FROM account_emailaddress")
        assert "@" not in cursor.fetchone()[0]


@pytest.mark.django_db(databases=["default", "keys"])
@pytest.mark.parametrize("lookup", ["email__contains", "email__startswith", "email__gt"])
def test_a_sealed_address_refuses_comparisons_it_cannot_answer(owner: Account, lookup: str) -> None:
    with pytest.raises(FieldError):
        EmailAddress.objects.filter(**{lookup: "ada"}).exists()


@pytest.mark.django_db(databases=["default", "keys"])
def test_a_factor_moved_to_another_column_or_changed_does_not_open(
    owner: Account, app: App
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        sealed = bytearray(base64.b64decode(json.loads(cursor.fetchone()[0])))
        sealed[-1] ^= 1
        written = json.dumps(base64.b64encode(sealed).decode())
        cursor.execute("UPDATE mfa_authenticator SET data = %s", [written])

    with pytest.raises(Exception, match="seal"):
        Authenticator.objects.get()


@pytest.mark.django_db(databases=["default", "keys"])
def test_sealing_allauths_columns_leaves_its_migrations_as_they_are() -> None:
    call_command("makemigrations", "accounts", "account", "mfa", check=True, dry_run=True)
