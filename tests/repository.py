"""A repository of audit messages in a process of its own, that can be stopped and started again."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

_SERVER = Path(__file__).with_name("syslog_repository.py")


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """Write a certificate that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert, secret = folder / f"{name}.pem", folder / f"{name}.key"
    cert.write_bytes(made.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return cert, secret


class Repository:
    """A receiver in a process of its own, that can be stopped and started again."""

    def __init__(self, folder: Path, *, asks_who: bool = False) -> None:
        self.folder = folder
        self.file = folder / "received"
        self.cert, self.key = certificate(folder, "repository")
        self.client, self.client_key = certificate(folder, "sender")
        self.asks_who = asks_who
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        words = [sys.executable, str(_SERVER), str(self.port), str(self.cert), str(self.key)]
        words += [str(self.file), *([str(self.client)] if self.asks_who else [])]
        self.process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "listening\n"

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None

    def received(self) -> list[str]:
        return self.file.read_text().splitlines() if self.file.exists() else []


def refuse_late(listening: socket.socket, repository: Repository) -> int:
    """Take a connection, read what is sent, and only then refuse it for want of a certificate.

    With TLS 1.3 the handshake of the other end is long done by then. Returns how many bytes
    came after its hello. The connection is closed in order below TLS, never reset.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(repository.cert, repository.key)
    context.load_verify_locations(repository.client)
    context.verify_mode = ssl.CERT_REQUIRED
    coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
    speaking = context.wrap_bio(coming, going, server_side=True)
    plain, _ = listening.accept()
    with plain:
        _take_hello(plain, coming, going, speaking)
        plain.settimeout(1)
        sent = _all_that_comes(plain)
        coming.write(sent)
        try:
            speaking.do_handshake()
        except ssl.SSLError as error:
            assert error.reason == "PEER_DID_NOT_RETURN_A_CERTIFICATE"  # noqa: PT017 (its sort)
        plain.sendall(going.read())
        plain.shutdown(socket.SHUT_WR)
        _all_that_comes(plain)
    return len(sent)


def _take_hello(
    plain: socket.socket, coming: ssl.MemoryBIO, going: ssl.MemoryBIO, speaking: ssl.SSLObject
) -> None:
    """Answer the first words of the other end, all that it needs to be done with its handshake."""
    while not going.pending:
        coming.write(plain.recv(1 << 16))
        try:
            speaking.do_handshake()
        except ssl.SSLWantReadError:
            continue
    plain.sendall(going.read())


def _all_that_comes(plain: socket.socket) -> bytes:
    """Read until the other end is silent or done."""
    parts = []
    try:
        while part := plain.recv(1 << 16):
            parts.append(part)
    except TimeoutError:
        pass
    return b"".join(parts)
