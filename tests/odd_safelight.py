"""A system that speaks as a partner's Safelight does, and answers as a test says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Final

import orjson

from certificates import an_authority
from tls_serving import serving

# What is said to a method and a path: a status and a body of any kind.
Speech = Callable[[str, str], tuple[int, bytes]]
OK: Final = orjson.dumps({"agrees": True, "state": "agreed", "count": 1})


def willing(_method: str, _path: str) -> tuple[int, bytes]:
    """Agree to everything; nothing was done there."""
    return 200, b"[]" if "/custody" in _path else OK


@dataclass
class OddSafelight:
    """What stands at a port of this machine, and what it was asked."""

    pem: str
    port: int = 0
    says: Speech = willing
    asked: list[tuple[str, str, Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def announced(self) -> list[str]:
        """Return under which consents it was told that something comes."""
        told = [body for method, _, body in self.asked if method == "PUT"]
        return [orjson.loads(each)["consent"] for each in told]

    def times(self, part: str) -> int:
        return sum(part in path for _, path, _ in self.asked)


@contextmanager
def an_odd_safelight(folder: Path) -> Iterator[OddSafelight]:
    """Let it listen."""
    folder.mkdir(exist_ok=True)
    cert, key = an_authority(folder).sign("odd")
    odd = OddSafelight(cert.read_text())

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            odd.asked.append((self.command, self.path, body))
            status, said = odd.says(self.command, self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def do_GET(self) -> None:
            self._answer()

        def do_PUT(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, *_: object) -> None:
            pass

    with serving(Handler, cert, key) as odd.port:
        yield odd
