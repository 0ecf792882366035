"""What the encrypted port lets in, and what a renewed certificate does to open connections."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from cryptography import x509

from certificates import an_authority
from encrypted import Encrypted
from server import Server, free_port

pytestmark = pytest.mark.server
OPENSSL = shutil.which("openssl")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Encrypted]:
    folder = tmp_path_factory.mktemp("tls")
    server = Encrypted(folder / "data", folder / "root.key", log=folder / "log")
    server.authority = an_authority(folder)
    cert, key = server.authority.sign()
    server.port, server.plain = free_port(), free_port()
    server.env = {"SAFELIGHT_PUBLIC_URL": f"https://localhost:{server.port}"}
    server.init()
    server.begin(
        *("--tls-cert", str(cert), "--tls-key", str(key)),
        *("--redirect-from", f"127.0.0.1:{server.plain}"),
    )
    yield server
    server.end()


def get(server: Encrypted, path: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPSConnection(
        "localhost", server.port, timeout=60, context=server.trusting()
    )
    with closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
    return answer


@pytest.mark.parametrize(
    "path", ["/account/sign-in/", "/dicomweb/studies", "/static/none", "/api/v1/"]
)
def test_every_answer_asks_browsers_to_stay_with_https(served: Encrypted, path: str) -> None:
    said = get(served, path).headers["Strict-Transport-Security"]
    assert said == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_both_current_versions_are_spoken(served: Encrypted, version: ssl.TLSVersion) -> None:
    context = served.trusting()
    context.minimum_version = context.maximum_version = version
    with served.connect(context) as talk:
        assert talk.version() == version.name.replace("_", ".")
        suite = talk.cipher()
    assert suite is not None
    assert suite[2] >= 128
    assert any(sound in suite[0] for sound in ("GCM", "CHACHA20"))


@pytest.mark.skipif(OPENSSL is None, reason="asks as an old client would: needs openssl")
@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_versions_that_are_over_are_refused(served: Encrypted, version: str) -> None:
    assert not shakes_hands(served, version, "-cipher", "ALL:@SECLEVEL=0")


@pytest.mark.skipif(OPENSSL is None, reason="asks as an old client would: needs openssl")
@pytest.mark.parametrize(
    "suites",
    [
        *("AES128-SHA", "AES256-GCM-SHA384", "ECDHE-RSA-AES128-SHA"),
        *("ECDHE-ECDSA-AES256-SHA384", "DHE-RSA-AES128-GCM-SHA256", "NULL", "aNULL"),
    ],
)
def test_weak_suites_are_refused(served: Encrypted, suites: str) -> None:
    assert not shakes_hands(served, "-tls1_2", "-cipher", f"{suites}:@SECLEVEL=0")
    assert shakes_hands(served, "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256")


def shakes_hands(server: Encrypted, *how: str) -> bool:
    assert OPENSSL is not None
    done = subprocess.run(
        [OPENSSL, "s_client", "-connect", f"127.0.0.1:{server.port}", *how],
        input=b"",
        capture_output=True,
        check=False,
        timeout=60,
    )
    return b"Cipher is (NONE)" not in done.stdout and b"Cipher is " in done.stdout


def test_plain_http_at_that_port_is_told_nothing(served: Encrypted) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as plain:
        plain.sendall(b"GET /account/sign-in/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        told = b""
        try:
            while piece := plain.recv(4096):
                told += piece
        except ConnectionResetError:
            pass
    assert b"HTTP/" not in told
    assert len(told) < 16  # at most an alert of TLS


@pytest.mark.parametrize("path", ["/", "/account/sign-in/?next=/exams/", "/s/abc"])
def test_the_plain_port_leads_to_the_public_address_and_says_nothing(
    served: Encrypted, path: str
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.plain, timeout=30)
    with closing(connection):
        connection.request("GET", path, headers={"Host": "elsewhere.example"})
        answer = connection.getresponse()
    assert answer.status == 308
    assert answer.headers["Location"] == f"https://localhost:{served.port}{path}"
    assert answer.read() == b""
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "head",
    [b"GET //x\x00 HTTP/1.1\r\n\r\n", b"GET http://a/ HTTP/1.1\r\n\r\n", b"\x16\x03\x01\r\n\r\n"],
)
def test_what_is_no_request_for_a_path_is_led_nowhere(served: Encrypted, head: bytes) -> None:
    with socket.create_connection(("127.0.0.1", served.plain), timeout=30) as plain:
        plain.sendall(head)
        told = plain.recv(4096)
    assert told.startswith(b"HTTP/1.1 400 ")
    assert b"Location" not in told


@pytest.mark.parametrize("by_signal", [True, False], ids=["told", "by-itself"])
def test_a_renewed_certificate_is_taken_up_and_no_connection_drops(
    served: Encrypted, *, by_signal: bool
) -> None:
    before = served.serial()
    connection = http.client.HTTPSConnection(
        "localhost", served.port, timeout=60, context=served.trusting()
    )
    connection.request("GET", "/account/sign-in/")
    assert connection.getresponse().read()
    kept = connection.sock
    fresh, _ = served.authority.sign("leaf")
    serial = x509.load_pem_x509_certificate(fresh.read_bytes()).serial_number
    assert serial != before
    if by_signal:
        assert served.process is not None
        os.kill(served.process.pid, signal.SIGHUP)
    assert served.seen_until(serial)
    connection.request("GET", "/account/sign-in/")
    assert connection.getresponse().status == 200
    assert connection.sock is kept
    connection.close()


def test_a_key_that_does_not_fit_leaves_the_old_certificate_in_use(served: Encrypted) -> None:
    assert served.process is not None
    # What was renewed a moment ago by itself, each of its processes may not have seen yet.
    os.kill(served.process.pid, signal.SIGHUP)
    time.sleep(1.5)
    before = served.serial()
    kept = (served.authority.folder / "leaf.key").read_bytes()
    served.authority.sign("other")
    shutil.copy(served.authority.folder / "other.key", served.authority.folder / "leaf.key")
    os.kill(served.process.pid, signal.SIGHUP)
    time.sleep(1.5)
    assert served.serial() == before
    assert "renewed certificate is not used" in served.log.read_text()
    (served.authority.folder / "leaf.key").write_bytes(kept)
    os.kill(served.process.pid, signal.SIGHUP)
    time.sleep(1)
    assert served.serial() == before


def test_a_certificate_without_its_key_is_refused_at_the_start(served: Encrypted) -> None:
    cert, _ = served.authority.sign("mine")
    _, key = served.authority.sign("theirs")
    other = Server(served.data, served.key, env=served.env)
    assert "go together" in other.refusal("--tls-cert", str(cert))
    assert "cannot be used together" in other.refusal(
        "--tls-cert", str(cert), "--tls-key", str(key)
    )
