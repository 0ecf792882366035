"""V26 and L69: whatever travels to or from here is encrypted; nothing falls back to clear text."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from certificates import an_authority
from encrypted import Encrypted
from server import Server, free_port

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Encrypted]:
    folder = tmp_path_factory.mktemp("v26")
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


def test_a_browser_that_checks_certificates_is_served(served: Encrypted) -> None:
    with served.connect() as talk:
        assert talk.version() in {"TLSv1.2", "TLSv1.3"}


def test_a_browser_that_trusts_another_authority_turns_away(served: Encrypted) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        served.connect(ssl.create_default_context())


def test_clear_text_at_the_encrypted_port_is_not_understood(served: Encrypted) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as plain:
        plain.sendall(b"GET /dicomweb/studies HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try:
            assert b"HTTP/" not in plain.recv(4096)
        except ConnectionError:
            return  # closed without a word


def test_the_plain_port_gives_nothing_but_the_way_to_the_encrypted_one(served: Encrypted) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", served.plain, timeout=30)) as plain:
        plain.request("GET", "/exams/")
        answer = plain.getresponse()
        assert answer.status == 308
        assert answer.headers["Location"] == f"https://localhost:{served.port}/exams/"
        assert answer.read() == b""


def test_without_encryption_it_listens_to_this_machine_only(served: Encrypted) -> None:
    other = Server(served.data, served.key, env=served.env, port=free_port())
    other = replace(other, more=("--listen", f"0.0.0.0:{other.port}"))
    assert "without TLS it listens on this machine only" in other.refusal()
