"""By TLS only the system whose certificate was pinned is let in; in the clear it is not."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from django.test import override_settings
from pydicom import dcmread
from pynetdicom.association import Association

from cast import Person
from certificates import signing_itself
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

OPENSSL = shutil.which("openssl")


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
    pem, key = signing_itself(tmp_path, "ours")
    with override_settings(SAFELIGHT_DIMSE_TLS_CERT=str(pem), SAFELIGHT_DIMSE_TLS_KEY=str(key)):
        yield


def test_a_pinned_certificate_is_let_in(tmp_path: Path, clinician: Person, ours: None) -> None:
    pair = signing_itself(tmp_path, "scanner")
    connect(client_certificate=pair[0].read_text())
    with served() as port, calling(port, pair) as association:
        assert association.is_established
        assert association.send_c_store(dcmread(BytesIO(a_file(1)))).Status == 0
    assert Instance.objects.count() == 1


def test_nobody_else_is(tmp_path: Path, clinician: Person, ours: None) -> None:
    pair, other = signing_itself(tmp_path, "scanner"), signing_itself(tmp_path, "other")
    second = signing_itself(tmp_path, "second")
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
    pair = signing_itself(tmp_path, "scanner")
    connect(client_certificate=pair[0].read_text())
    with served() as port:
        silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
        for each in silent:
            each.sendall(b"\x16\x03\x01")
        with calling(port, pair) as association:
            assert association.is_established
        for each in silent:
            each.close()


@pytest.fixture
def port(tmp_path: Path, clinician: Person, ours: None) -> Iterator[tuple[int, tuple[Path, Path]]]:
    """Serve DICOM for one system with a certificate: where, and that certificate."""
    pair = signing_itself(tmp_path, "scanner")
    connect(client_certificate=pair[0].read_text())
    with served() as number:
        yield number, pair


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_both_current_versions_are_spoken_with_sound_suites(
    port: tuple[int, tuple[Path, Path]], version: ssl.TLSVersion
) -> None:
    number, pair = port
    context = speaking_as(pair)
    context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", number), timeout=30) as plain,
        context.wrap_socket(plain) as talk,
    ):
        assert talk.version() == version.name.replace("_", ".")
        suite, compressed = talk.cipher(), talk.compression()
    assert suite is not None
    assert suite[2] >= 128
    assert any(sound in suite[0] for sound in ("GCM", "CHACHA20"))
    assert compressed is None


@pytest.mark.skipif(OPENSSL is None, reason="asks as an old device would: needs openssl")
def test_old_versions_and_weak_suites_are_refused(port: tuple[int, tuple[Path, Path]]) -> None:
    number, pair = port
    sound = ("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256:@SECLEVEL=0")
    assert shakes_hands(number, pair, *sound)
    for version in ("-tls1", "-tls1_1"):
        assert not shakes_hands(number, pair, version, "-cipher", "ALL:@SECLEVEL=0"), version
    for suites in (
        *("AES128-SHA", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384"),
        *("DHE-RSA-AES128-GCM-SHA256", "NULL", "aNULL"),
    ):
        weak = ("-tls1_2", "-cipher", f"{suites}:@SECLEVEL=0")
        assert not shakes_hands(number, pair, *weak), suites
    assert shakes_hands(number, pair, *sound), "and the port still answers"


def shakes_hands(port: int, pair: tuple[Path, Path], *how: str) -> bool:
    assert OPENSSL is not None
    done = subprocess.run(
        [
            *(OPENSSL, "s_client", "-connect", f"127.0.0.1:{port}"),
            *("-cert", str(pair[0]), "-key", str(pair[1]), *how),
        ],
        input=b"",
        capture_output=True,
        check=False,
        timeout=60,
    )
    return b"Cipher is (NONE)" not in done.stdout and b"Cipher is " in done.stdout
