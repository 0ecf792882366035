"""Is the root key unwrapped by a key service, over TLS only, and without a word too many?

The service is moto's, which speaks as AWS KMS does; the signature is compared with botocore's.
"""

from __future__ import annotations

import base64
import json
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as OtherCredentials

from key_service import CREDENTIALS, key_service, with_a_key
from safelight.platform.keys.errors import RootKeyRefusedError
from safelight.platform.keys.kms import Credentials, Kms, KmsUnavailableError, signed_headers
from safelight.platform.keys.root import RootKey
from safelight.platform.keys.roots import KmsRoot, secrets_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kms]:
    with key_service(tmp_path_factory.mktemp("service")) as served:
        yield served


@pytest.fixture
def kms(service: Kms) -> Kms:
    return with_a_key(service)


def test_a_root_key_is_kept_only_wrapped_and_opened_by_the_service(
    kms: Kms, tmp_path: Path
) -> None:
    root = KmsRoot(tmp_path / "root.key", kms=kms)
    made = root.make(root.path)

    assert root.current() == made
    said = root.path.read_text()
    assert made.material.hex() not in said
    assert made.material not in base64.b64decode(said.partition(":")[2])
    assert root.path.stat().st_mode & 0o777 == 0o400
    assert secrets_for(root, "django") == secrets_for(root, "django")

    following = root.successor()
    assert following != made
    assert root.others() == [following]
    root.move_on()
    assert root.current() == following
    assert root.others() == [made]


def test_an_existing_root_key_can_be_wrapped(kms: Kms, tmp_path: Path) -> None:
    root, own = KmsRoot(tmp_path / "root.key", kms=kms), RootKey.of(bytes(range(7, 39)))

    root.keep(root.path, own)

    with pytest.raises(RootKeyRefusedError, match="counts up or down"):
        root.current()  # what the service returns is judged as any other


def test_what_another_key_wrapped_or_somebody_changed_is_refused(
    kms: Kms, service: Kms, tmp_path: Path
) -> None:
    root = KmsRoot(tmp_path / "root.key", kms=kms)
    root.make(root.path)
    wrapped = base64.b64decode(root.path.read_text().partition(":")[2])
    other = service._ask("CreateKey", {})["KeyMetadata"]["KeyId"]
    another = KmsRoot(root.path, kms=Kms(kms.url, other, kms.region, kms.authority))

    with pytest.raises(KmsUnavailableError, match="refused to decrypt"):
        another.current()
    with pytest.raises(KmsUnavailableError, match="refused to decrypt"):
        kms.unwrap(wrapped[:-1] + bytes([wrapped[-1] ^ 1]))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://keys.example", "https://"),
        ("ftp://127.0.0.1", "https://"),
        ("https://127.0.0.1:9", "cannot be used: no answer"),
    ],
)
def test_a_service_that_cannot_be_asked_safely_is_not_asked(url: str, said: str) -> None:
    with pytest.raises(KmsUnavailableError, match=said):
        Kms(url, "key", "eu-central-1").wrap(b"x" * 32)


def test_a_service_whose_certificate_nobody_vouches_for_is_not_believed(kms: Kms) -> None:
    with pytest.raises(KmsUnavailableError, match="certificate is not trusted"):
        Kms(kms.url, kms.key, kms.region).wrap(b"x" * 32)


def test_a_service_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safelight.platform.keys.kms.PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(KmsUnavailableError, match="no answer"):
            Kms(f"http://127.0.0.1:{port}", "key", "eu-central-1").wrap(b"x" * 32)


def test_no_secret_is_in_what_is_said(kms: Kms, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KmsUnavailableError) as refused:
        Kms(kms.url, "no-such-key", kms.region, kms.authority).wrap(b"material" * 4)
    assert "material" not in str(refused.value)
    assert "a secret" not in repr(Credentials.from_environment())
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(KmsUnavailableError, match="set AWS_ACCESS_KEY_ID"):
        kms.wrap(b"x" * 32)


@pytest.mark.parametrize("token", ["", "a session token"])
def test_the_signature_is_the_one_that_others_make(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda **_: at)
    body = json.dumps({"KeyId": "k"}).encode()
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "Host": "kms.eu-central-1.example",
        "X-Amz-Target": "TrentService.Decrypt",
    }
    asked: Any = AWSRequest("POST", "https://kms.eu-central-1.example/", dict(headers), body)
    SigV4Auth(OtherCredentials("AKIA", "secret", token or None), "kms", "eu-central-1").add_auth(
        asked
    )

    ours = signed_headers(body, headers, Credentials("AKIA", "secret", token), "eu-central-1", at)

    assert ours["Authorization"] == asked.headers["Authorization"]
