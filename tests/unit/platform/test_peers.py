"""S14: where may we connect, and is it the server that is meant? What goes wrong is told."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from pynetdicom import AE, evt

from certificates import an_authority
from safelight.platform.peers.addresses import address_of, may_connect
from safelight.platform.peers.causes import Cause, UnreachableError
from safelight.platform.peers.dimse.calling import Server
from safelight.platform.peers.echo import echo

HERE = (ip_network("127.0.0.0/8"),)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",  # noqa: S104 (an address that is refused)
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "192.0.2.7",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "2002:7f00:1::",
        "2002:a00:1::",
        "2001:db8::1",
        "localhost",
        "2130706433",
        "0x7f000001",
        "017700000001",
        "",
    ],
)
def test_what_is_not_public_is_not_reached(address: str) -> None:
    assert not may_connect(address, ())


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_what_is_public_is_reached(address: str) -> None:
    assert may_connect(address, ())


def test_an_allowed_segment_opens_itself_alone() -> None:
    assert may_connect("10.1.2.3", [ip_network("10.1.0.0/16")])
    assert may_connect("::ffff:10.1.2.3", [ip_network("10.1.0.0/16")])
    assert not may_connect("10.2.0.1", [ip_network("10.1.0.0/16")])


def test_a_name_is_asked_once_and_all_it_leads_to_must_be_allowed() -> None:
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["8.8.8.8"] if len(asked) == 1 else ["127.0.0.1"]

    assert address_of("pacs.example", 104, (), resolve=rebinding) == "8.8.8.8"
    assert asked == ["pacs.example"]
    with pytest.raises(UnreachableError) as both:
        address_of("two.example", 104, (), resolve=lambda *_: ["8.8.8.8", "169.254.169.254"])
    assert both.value.cause is Cause.ADDRESS_FORBIDDEN
    with pytest.raises(UnreachableError) as none:
        address_of("no.example", 104, (), resolve=lambda *_: [])
    assert none.value.cause is Cause.NAME_UNKNOWN


class Archive:
    """Another's system that answers echoes over TLS, and counts what it was asked."""

    def __init__(self, cert: Path, key: Path, *, calling: str = "SAFELIGHT") -> None:
        self.asked = 0
        self.associations = 0
        self.pin = x509.load_pem_x509_certificate(cert.read_bytes()).fingerprint(hashes.SHA256())
        entity = AE(ae_title="RIVER")
        entity.require_called_aet = True
        entity.require_calling_aet = [calling]
        entity.add_supported_context("1.2.840.10008.1.1")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        found = entity.start_server(
            ("127.0.0.1", 0),
            block=False,
            ssl_context=context,
            evt_handlers=[(evt.EVT_C_ECHO, self._echo), (evt.EVT_REQUESTED, self._asked)],
        )
        assert found is not None
        self.server = found
        self.port = self.server.server_address[1]

    def _echo(self, _event: evt.Event) -> int:
        self.asked += 1
        return 0

    def _asked(self, _event: evt.Event) -> None:
        self.associations += 1


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    found = Archive(*an_authority(tmp_path).sign("river"))
    yield found
    found.server.shutdown()


def server(archive: Archive, **changes: object) -> Server:
    told: dict[str, object] = {
        "host": "127.0.0.1",
        "port": archive.port,
        "called": "RIVER",
        "calling": "SAFELIGHT",
        "pins": (archive.pin,),
        "allowed": HERE,
    }
    return Server(**(told | changes))  # type: ignore[arg-type]


def test_the_one_that_is_meant_answers(archive: Archive) -> None:
    assert echo(server(archive)) is Cause.ANSWERED
    assert archive.asked == 1


def test_a_certificate_in_waiting_is_as_good(archive: Archive) -> None:
    assert echo(server(archive, pins=(bytes(32), archive.pin))) is Cause.ANSWERED


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"pins": (bytes(32),)}, Cause.OTHER_CERTIFICATE),
        ({"pins": ()}, Cause.OTHER_CERTIFICATE),
        ({"called": "LAKE"}, Cause.CALLED_TITLE_REFUSED),
        ({"calling": "STRANGER"}, Cause.CALLING_TITLE_REFUSED),
        ({"allowed": ()}, Cause.ADDRESS_FORBIDDEN),
    ],
    ids=str,
)
def test_what_went_wrong_is_told(
    archive: Archive, changes: dict[str, object], cause: Cause
) -> None:
    assert echo(server(archive, **changes)) is cause
    assert archive.asked == 0


def test_a_server_with_another_certificate_hears_nothing_of_dicom(archive: Archive) -> None:
    assert echo(server(archive, pins=(bytes(32),))) is Cause.OTHER_CERTIFICATE
    assert archive.associations == 0


def test_nobody_there_and_nobody_who_answers(archive: Archive) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert echo(server(archive, port=port), patience=0.3) is Cause.TIMED_OUT
    assert echo(server(archive, port=port)) is Cause.REFUSED
    assert echo(server(archive, host="no.invalid"), resolve=lambda *_: []) is Cause.NAME_UNKNOWN


def test_without_tls_only_where_it_needs_none(archive: Archive) -> None:
    public = server(archive, host="8.8.8.8", is_plain=True)
    assert echo(public, patience=0.3) is Cause.ADDRESS_FORBIDDEN
