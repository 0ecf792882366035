"""How is a witness asked? Over HTTP, with requests of at most 64 KiB, and nothing else to ask."""

from __future__ import annotations

import socket
import ssl
import time
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final

from safelight.platform.audit.witness import Answer, Witness

if TYPE_CHECKING:
    from pathlib import Path

_MOST: Final = 1 << 16  # bytes of a request
_PATIENCE: Final = 10.0  # seconds for a request to come in
_PIECE: Final = 1 << 16


class _Handler(BaseHTTPRequestHandler):
    timeout = _PATIENCE
    server_version = "safelight-witness"
    sys_version = ""

    def __init__(self, witness: Witness, *given: Any) -> None:  # noqa: ANN401 (the library's own)
        self._witness = witness
        super().__init__(*given)

    def do_POST(self) -> None:
        """Answer a request to sign."""
        length = self.headers.get("Content-Length", "")
        if self.path not in {"/add-checkpoint", "/add-keys"}:
            self._say(Answer(HTTPStatus.NOT_FOUND))
        elif not length.isdigit():
            self._say(Answer(HTTPStatus.LENGTH_REQUIRED))
        elif int(length) > _MOST:
            self._say(Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
        else:
            body = self.rfile.read(int(length))
            try:
                answer = self._answer(body.decode())
            except UnicodeDecodeError:
                answer = Answer(HTTPStatus.BAD_REQUEST)
            self._say(answer)

    def _answer(self, text: str) -> Answer:
        if self.path == "/add-keys":
            return self._witness.add_keys(text)
        return self._witness.add(text, at=int(time.time()))

    def do_GET(self) -> None:
        """Give the key, or all that was signed."""
        if self.path == "/key":
            self._say(Answer(HTTPStatus.OK, self._witness.cosigner.verifier_key + "\n"))
        elif self.path == "/notes":
            self._give(self._witness.signed_file)
        else:
            self._say(Answer(HTTPStatus.NOT_FOUND))

    def _give(self, path: Path) -> None:
        left = path.stat().st_size if path.exists() else 0
        self._head(HTTPStatus.OK, "application/jsonl", left)
        if not left:
            return
        with path.open("rb") as file:
            while left and (piece := file.read(min(left, _PIECE))):
                self.wfile.write(piece)
                left -= len(piece)

    def _say(self, answer: Answer) -> None:
        body = answer.text.encode()
        self._head(answer.status, answer.media_type, len(body))
        self.wfile.write(body)

    def _head(self, status: HTTPStatus, media_type: str, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, *_said: Any) -> None:  # noqa: ANN401 (the library's own)
        """Log nothing: what it signed is its log."""


def served(
    witness: Witness, host: str, port: int, *, cert: Path | None = None, key: Path | None = None
) -> ThreadingHTTPServer:
    """Return a server that listens; let it `serve_forever()`.

    Raises:
        OSError: the address is taken, or the certificate cannot be used.
    """

    class _Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        daemon_threads = True

        def get_request(self) -> tuple[Any, Any]:
            taken, where = super().get_request()
            taken.settimeout(_PATIENCE)
            return taken, where

    server = _Server((host, port), partial(_Handler, witness))
    if cert is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(cert, key)
        # The handshake is each connection's own thread's, so that none waits for another's.
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    return server
