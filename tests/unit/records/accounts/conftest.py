"""The cast of these tests, and an authenticator made of software."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import TYPE_CHECKING, Any

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import Aaguid, AttestedCredentialData, AuthenticatorData

from safelight.kernel import clock
from safelight.records.accounts.actions.register import create_account
from safelight.records.accounts.models import Account, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

ORIGIN = "http://localhost:8000"
PASSWORD = "a quiet room full of lamps"
ADDRESS = "ada.owner@example.org"


class SoftAuthenticator:
    """A passkey: makes one credential and signs what it is asked to sign."""

    def __init__(
        self,
        *,
        origin: str = ORIGIN,
        verifies_person: bool = True,
        attachment: str | None = "platform",
        transports: object = ("internal",),
        is_backed_up: bool = False,
    ) -> None:
        self.origin = origin
        self.attachment = attachment
        self.transports = list(transports) if isinstance(transports, tuple) else transports
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = secrets.token_bytes(16)
        self.counter = 0
        self.user_handle = b""
        self.flags = AuthenticatorData.FLAG.UP
        if verifies_person:
            self.flags |= AuthenticatorData.FLAG.UV
        if is_backed_up:
            self.flags |= AuthenticatorData.FLAG.BE

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.create`."""
        asked = options["publicKey"]
        self.user_handle = _decoded(asked["user"]["id"])
        public = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        attested = AttestedCredentialData.create(Aaguid.NONE, self.credential_id, public)
        data = AuthenticatorData.create(
            hashlib.sha256(asked["rp"]["id"].encode()).digest(),
            self.flags | AuthenticatorData.FLAG.AT,
            self.counter,
            attested,
        )
        made = self._answer(
            {
                "clientDataJSON": self._client_data("webauthn.create", asked["challenge"]),
                "attestationObject": cbor.encode(
                    {"fmt": "none", "attStmt": {}, "authData": bytes(data)}
                ),
            }
        )
        made["response"]["transports"] = self.transports
        return made

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.get`."""
        asked = options["publicKey"]
        self.counter += 1
        data = AuthenticatorData.create(
            hashlib.sha256(asked["rpId"].encode()).digest(), self.flags, self.counter
        )
        client_data = self._client_data("webauthn.get", asked["challenge"])
        signed = bytes(data) + hashlib.sha256(client_data).digest()
        return self._answer(
            {
                "clientDataJSON": client_data,
                "authenticatorData": bytes(data),
                "signature": self.key.sign(signed, ec.ECDSA(SHA256())),
                "userHandle": self.user_handle,
            }
        )

    def _client_data(self, kind: str, challenge: str | bytes) -> bytes:
        text = challenge if isinstance(challenge, str) else websafe_encode(challenge)
        return json.dumps({"type": kind, "challenge": text, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, bytes]) -> dict[str, Any]:
        return {
            "id": websafe_encode(self.credential_id),
            "rawId": websafe_encode(self.credential_id),
            "type": "public-key",
            "clientExtensionResults": {},
            "authenticatorAttachment": self.attachment,
            "response": {name: websafe_encode(value) for name, value in response.items()},
        }


def _decoded(value: str | bytes) -> bytes:
    return websafe_decode(value) if isinstance(value, str) else value


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
