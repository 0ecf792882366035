"""How is the root key unwrapped by a key management service that never gives its key away?

The file at `SAFELIGHT_ROOT_KEY_FILE` holds the root key wrapped by the service's key
(`safelight keys wrap` writes it). At the start of a process the service is asked once
to unwrap it, by its `Decrypt` (AWS KMS and what speaks like it), over TLS that is
verified, signed with Signature Version 4. Nothing of a key is ever said.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import os
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from safelight.kernel import clock
from safelight.platform.keys.errors import RootKeyRefusedError

if TYPE_CHECKING:
    from datetime import datetime

PATIENCE: Final = 10.0  # seconds that a service may take to connect, and to answer
_LARGEST_ANSWER: Final = 64 * 1024
_SERVICE: Final = "kms"
_CONTEXT: Final = {"purpose": "safelight-root-key"}
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class KmsUnavailableError(RootKeyRefusedError):
    """The key management service did not answer, or not as it should."""

    code = "kms_unavailable"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who asks the service, from the variables that all its programs read."""

    key_id: str
    secret: str = field(repr=False)
    token: str = field(repr=False)

    @classmethod
    def from_environment(cls) -> Credentials:
        """Read AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.

        Raises:
            KmsUnavailableError: one of the first two is not set.
        """
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        key_id, secret, token = (os.environ.get(name, "") for name in names)
        if not (key_id and secret):
            raise KmsUnavailableError(f"set {names[0]} and {names[1]} to ask the key service")
        return cls(key_id, secret, token)


@dataclass(frozen=True, slots=True)
class Kms:
    """A service at `url`, and the id or ARN of the key of it that wraps."""

    url: str
    key: str
    region: str
    authority: str = ""  # a file of certificates to trust instead of the system's

    def wrap(self, material: bytes) -> bytes:
        """Return what only the service opens again. Raises KmsUnavailableError."""
        asked = {"KeyId": self.key, "Plaintext": _text(material), "EncryptionContext": _CONTEXT}
        return _bytes(self._ask("Encrypt", asked), "CiphertextBlob")

    def unwrap(self, wrapped: bytes) -> bytes:
        """Return what `wrap` was given. Raises KmsUnavailableError."""
        asked = {
            "KeyId": self.key,
            "CiphertextBlob": _text(wrapped),
            "EncryptionContext": _CONTEXT,
        }
        return _bytes(self._ask("Decrypt", asked), "Plaintext")

    def _ask(self, action: str, asked: dict[str, Any]) -> dict[str, Any]:
        body = json.dumps(asked).encode()
        connection = self._connection()
        host = urlsplit(self.url).netloc
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "Host": host,
            "X-Amz-Target": f"TrentService.{action}",
        }
        who = Credentials.from_environment()
        signed = signed_headers(body, headers, who, self.region, clock.now())
        try:
            connection.request("POST", "/", body, signed)
            answer = connection.getresponse()
            said = answer.read(_LARGEST_ANSWER)
        except (OSError, http.client.HTTPException) as error:
            why = (
                "its certificate is not trusted" if isinstance(error, ssl.SSLError) else "no answer"
            )
            raise KmsUnavailableError(f"the key service at {host} cannot be used: {why}") from None
        finally:
            connection.close()
        if answer.status != http.HTTPStatus.OK:
            raise KmsUnavailableError(
                f"the key service at {host} refused to {action.lower()}: "
                f"{answer.status} {_reason(said)}"
            )
        try:
            return dict(json.loads(said))
        except ValueError:
            raise KmsUnavailableError(f"the key service at {host} answered nonsense") from None

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        if parts.scheme == "https":
            trusted = ssl.create_default_context(cafile=self.authority or None)
            trusted.minimum_version = ssl.TLSVersion.TLSv1_2
            return http.client.HTTPSConnection(host, parts.port, timeout=PATIENCE, context=trusted)
        if parts.scheme == "http" and host in _LOOPBACK:
            return http.client.HTTPConnection(host, parts.port, timeout=PATIENCE)
        raise KmsUnavailableError("the key service must be named by an https:// address")


def signed_headers(
    body: bytes, headers: dict[str, str], who: Credentials, region: str, at: datetime
) -> dict[str, str]:
    """Sign a POST to "/" (AWS Signature Version 4) and return its headers with the signature."""
    moment = at.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{moment[:8]}/{region}/{_SERVICE}/aws4_request"
    sent = headers | {"X-Amz-Date": moment}
    if who.token:
        sent["X-Amz-Security-Token"] = who.token
    lowered = sorted((name.lower(), value.strip()) for name, value in sent.items())
    names = ";".join(name for name, _ in lowered)
    canonical = "\n".join(
        ["POST", "/", "", *(f"{name}:{value}" for name, value in lowered), "", names, _hex(body)]
    )
    to_sign = "\n".join(["AWS4-HMAC-SHA256", moment, scope, _hex(canonical.encode())])
    key = f"AWS4{who.secret}".encode()
    for part in (moment[:8], region, _SERVICE, "aws4_request", to_sign):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    sent["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={who.key_id}/{scope}, "
        f"SignedHeaders={names}, Signature={key.hex()}"
    )
    return sent


def _hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(answer: dict[str, Any], name: str) -> bytes:
    try:
        return base64.b64decode(answer[name], validate=True)
    except (LookupError, TypeError, ValueError):
        raise KmsUnavailableError("the key service answered without what was asked") from None


def _reason(said: bytes) -> str:
    """Return the service's own code for a refusal; its sentence may name what it should not."""
    try:
        code = str(json.loads(said)["__type"])
    except (LookupError, TypeError, ValueError):
        return ""
    return code.rpartition("#")[2][:60]
