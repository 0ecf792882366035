"""Where does a monitoring program read this instance's numbers? At a listener of their own.

It speaks plain HTTP and asks nobody who they are, so it belongs on this machine or a private
network. It knows one address, /metrics, and nothing at it is about a person.
"""

from __future__ import annotations

import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from safelight.platform.operating import meters

PATH: Final = "/metrics"
_LOOPBACK: Final = "127.0.0.1"


@contextmanager
def counting() -> Iterator[None]:
    """Let the family that is started inside count; what it counted goes with it."""
    folder = Path(tempfile.mkdtemp(prefix="safelight-metrics-"))
    try:
        meters.begin(folder)
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def metrics_place(asked: str) -> str:
    """Return HOST:PORT: of a port alone, this machine's."""
    return f"{_LOOPBACK}:{asked}" if asked.isdigit() else asked


def answer_metrics(listening: socket.socket) -> None:
    """Answer until this process is told to end."""
    # Not before `counting`: the library looks at its environment when it is loaded.
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

    from safelight.governance.health.collecting import HealthCollector

    health = CollectorRegistry()
    health.register(HealthCollector())

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:  # noqa: ANN401 (WSGI)
        if environ["PATH_INFO"] != PATH or environ["REQUEST_METHOD"] != "GET":
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"There is nothing here.\n"]
        start_response("200 OK", [("Content-Type", CONTENT_TYPE_LATEST)])
        return [generate_latest(meters.gathered()), generate_latest(health)]

    host, port = listening.getsockname()[:2]
    server = WSGIServer((host, port), _Quiet, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    server.server_name, server.server_port = str(host), int(port)
    server.setup_environ()
    server.set_app(application)
    server.server_activate()
    server.serve_forever()


class _Quiet(WSGIRequestHandler):
    timeout = 10  # seconds that a caller has to say what it wants

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its signature)
        del format, args
