"""A passkey made of software, for tests without a browser."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import Aaguid, AttestedCredentialData, AuthenticatorData

ORIGIN = "http://localhost:8000"


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
