"""A repository of audit messages as a hospital has one: a process that takes syslog over TLS.

    python tests/syslog_repository.py PORT CERT KEY FILE [CLIENT_CA]

It reads each message with its length before it (RFC 5425) and writes one a line to FILE,
synced before it closes its side. With CLIENT_CA it asks who sends.
"""

from __future__ import annotations

import os
import socket
import ssl
import sys
from pathlib import Path


def serve(port: int, cert: str, key: str, file: Path, client_ca: str = "") -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    if client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)
    with socket.create_server(("127.0.0.1", port)) as listening:
        sys.stdout.write("listening\n")
        sys.stdout.flush()
        while True:
            plain, _ = listening.accept()
            try:
                with context.wrap_socket(plain, server_side=True) as connection:
                    _take(connection, file)
                    connection.unwrap()
            except (OSError, ssl.SSLError) as error:
                sys.stderr.write(f"{type(error).__name__}\n")


def _take(connection: ssl.SSLSocket, file: Path) -> None:
    data = b""
    while part := connection.recv(65536):
        data += part
    with file.open("ab") as out:
        while data:
            length, _, data = data.partition(b" ")
            message, data = data[: int(length)], data[int(length) :]
            assert len(message) == int(length)
            out.write(message + b"\n")
        out.flush()
        os.fsync(out.fileno())


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4]), *sys.argv[5:])
