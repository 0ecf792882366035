"""A foreign archive that takes objects by STOW-RS over TLS, and answers as a test says."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from pathlib import Path

import orjson
from django.db import connections
from pydicom import dcmread

from certificates import an_authority
from tls_serving import serving

# What an archive says to the n-th object that it was sent: status, headers, body. None: hang up.
Said = tuple[int, dict[str, str], bytes] | None
Speech = Callable[[int, "Arrived"], Said]


@dataclass(frozen=True)
class Arrived:
    """One object as it came."""

    uid: str
    data: bytes
    token: str

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.data).digest()


def kept(_number: int, came: Arrived) -> Said:
    """Say that it was stored."""
    stored = {"00081199": {"vr": "SQ", "Value": [{"00081155": {"vr": "UI", "Value": [came.uid]}}]}}
    return 200, {}, orjson.dumps(stored)


def failing(reason: int, status: int = 409) -> Said:
    """Say why it was not."""
    item = {"00081197": {"vr": "US", "Value": [reason]}}
    return status, {}, orjson.dumps({"00081198": {"vr": "SQ", "Value": [item]}})


@dataclass
class Archive:
    """What stands at a port of this machine, and what came there."""

    port: int
    pem: str
    says: Speech = kept
    came: list[Arrived] = field(default_factory=list)
    asked: int = 0
    cut: int = 0

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}/dicomweb"

    @property
    def kept_uids(self) -> list[str]:
        return [each.uid for each in self.came]


@contextmanager
def an_archive(folder: Path, says: Speech = kept) -> Iterator[Archive]:
    """Let a foreign archive listen."""
    cert, key = an_authority(folder).sign("archive")
    archive = Archive(0, cert.read_text(), says)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if len(body) < length:
                archive.cut += 1
                self.close_connection = True
                return
            mark = self.headers["Content-Type"].partition("boundary=")[2].encode()
            part = body.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n--" + mark + b"--\r\n")
            made = dcmread(BytesIO(part), stop_before_pixels=True)
            token = self.headers.get("Authorization", "")
            arrived = Arrived(str(made.SOPInstanceUID), part, token)
            archive.asked += 1
            try:
                said = archive.says(archive.asked, arrived)
            finally:
                connections.close_all()
            if said is None:
                self.close_connection = True
                return
            status, headers, answer = said
            if status == 200:
                archive.came.append(arrived)
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(answer))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with serving(Handler, cert, key) as archive.port:
        yield archive
