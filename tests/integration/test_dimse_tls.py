"""By TLS only the system whose certificate was pinned is let in; in the clear it is not."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.test import override_settings
from pydicom import dcmread
from pynetdicom.association import Association

from cast import Person
from dicom_peer import CT, OURS, SCANNER, Caller, connect, served
from objects import a_file
from safelight.kernel import clock
from safelight.records.imaging.models import Instance
from safelight.records.partners.actions import suspend_connection

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
    pytest.mark.filterwarnings(
        "ignore:unclosed <s"
    ),  # a client that was hung up on leaves its socket
]


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """Write a certificate that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(named)
        .issuer_name(named)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / f"{name}.pem", folder / f"{name}.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pem, secret


def speaking_as(pair: tuple[Path, Path] | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if pair is not None:
        context.load_cert_chain(*pair)
    return context


@contextmanager
def calling(
    port: int, pair: tuple[Path, Path] | None, calling: str = SCANNER
) -> Iterator[Association]:
    association = Caller(port, calling).associate(CT, tls_args=(speaking_as(pair), "localhost"))
    yield association
    if association.is_established:
        association.release()


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[None]:
    """Give the instance a certificate for DICOM."""
    pem, key = certificate(tmp_path, "ours")
    with override_settings(SAFELIGHT_DIMSE_TLS_CERT=str(pem), SAFELIGHT_DIMSE_TLS_KEY=str(key)):
        yield


def test_a_pinned_certificate_is_let_in(tmp_path: Path, clinician: Person, ours: None) -> None:
    pair = certificate(tmp_path, "scanner")
    connect(client_certificate=pair[0].read_text())
    with served() as port, calling(port, pair) as association:
        assert association.is_established
        assert association.send_c_store(dcmread(BytesIO(a_file(1)))).Status == 0
    assert Instance.objects.count() == 1


def test_nobody_else_is(tmp_path: Path, clinician: Person, ours: None) -> None:
    pair, other = certificate(tmp_path, "scanner"), certificate(tmp_path, "other")
    second = certificate(tmp_path, "second")
    connection = connect(client_certificate=pair[0].read_text())
    connect("CT2", client_certificate=second[0].read_text())
    with served() as port:
        for shown in (other, None):
            with calling(port, shown) as association:
                assert not association.is_established
        # The title of one with the certificate of another, and in the clear.
        with calling(port, second) as association:
            assert association.is_rejected
        assert Caller(port).associate().is_rejected
        with calling(port, pair) as association:
            assert association.is_established
        suspend_connection(connection, by="account/one", at=clock.now())
        with calling(port, pair) as association:
            assert not association.is_established
        with calling(port, second, "CT2") as association:
            assert association.is_established
            assert association.acceptor.ae_title == OURS


def test_whoever_never_shakes_hands_stops_nobody(
    tmp_path: Path, clinician: Person, ours: None
) -> None:
    pair = certificate(tmp_path, "scanner")
    connect(client_certificate=pair[0].read_text())
    with served() as port:
        silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
        for each in silent:
            each.sendall(b"\x16\x03\x01")
        with calling(port, pair) as association:
            assert association.is_established
        for each in silent:
            each.close()
