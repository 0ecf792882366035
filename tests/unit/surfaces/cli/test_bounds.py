"""A connection that does not come to the point is ended; one that does is left alone."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from safelight.surfaces.cli import bounds

Connect = Callable[[], socket.socket]
GET = b"GET / HTTP/1.1\r\nHost: x\r\n"


async def echo(request: Request) -> Response:
    body = await request.body()
    return PlainTextResponse(str(len(body)))


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """Serve an application that counts a body's bytes, with little patience."""
    monkeypatch.setattr(bounds, "HEAD_SECONDS", 0.4)
    monkeypatch.setattr(bounds, "BODY_SECONDS", 0.4)
    monkeypatch.setattr(bounds, "_LOOK_EVERY", 0.05)
    app = Starlette(routes=[Route("/", echo, methods=["GET", "POST"])])
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, http=bounds.Bounded, ws="none", log_level="critical")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    made: list[socket.socket] = []

    def connect() -> socket.socket:
        made.append(socket.create_connection(("127.0.0.1", port), timeout=10))
        return made[-1]

    yield connect
    for each in made:
        each.close()
    server.should_exit = True
    thread.join()


def read_all(connection: socket.socket) -> bytes:
    found = b""
    try:
        while piece := connection.recv(65536):
            found += piece
    except ConnectionResetError:
        pass
    return found


@pytest.mark.parametrize(
    "head",
    [
        GET + b"X: " + b"a" * bounds.LARGEST_HEAD + b"\r\n\r\n",
        GET + b"X: " + b"a" * bounds.LARGEST_HEAD,
        GET + b"X: a\r\n" * 6000 + b"\r\n",
        b"GET /?" + b"a" * bounds.LARGEST_HEAD + b" HTTP/1.1\r\n\r\n",
    ],
    ids=["one line", "one line without an end", "many lines", "address"],
)
def test_a_head_of_more_than_32_kib_is_refused(connect: Connect, head: bytes) -> None:
    connection = connect()
    connection.sendall(head)
    assert read_all(connection).startswith(b"HTTP/1.1 431 ")


def test_a_head_of_almost_so_much_is_read(connect: Connect) -> None:
    connection = connect()
    connection.sendall(GET + b"X: " + b"a" * (bounds.LARGEST_HEAD - 100) + b"\r\n\r\n")
    assert connection.recv(100).startswith(b"HTTP/1.1 200 ")


def test_a_body_may_be_of_any_length_and_the_next_head_is_measured_anew(connect: Connect) -> None:
    connection = connect()
    for _ in range(3):
        head = b"POST / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000
        connection.sendall(head + b"\r\nContent-Length: 300000\r\n\r\n" + b"b" * 300_000)
        assert connection.recv(1000).endswith(b"300000")


def dribbled(connection: socket.socket, what: bytes) -> bytes:
    """Send a byte at a time until the other side has had enough; return what it said."""
    connection.settimeout(0.02)
    for at in range(1000):
        try:
            connection.sendall(what[at % len(what) :][:1])
            return connection.recv(100)
        except TimeoutError:
            continue
        except (ConnectionResetError, BrokenPipeError):
            return b""
    pytest.fail("it waits for ever")


def test_a_head_that_never_ends_is_not_waited_for(connect: Connect) -> None:
    began = time.monotonic()
    assert dribbled(connect(), GET + b"X: aaaaaaaaaaaa") == b""
    silent = connect()
    assert read_all(silent) == b""
    assert 0.7 < time.monotonic() - began < 5


def test_a_body_that_stops_is_not_waited_for(connect: Connect) -> None:
    connection = connect()
    connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
    began = time.monotonic()
    assert read_all(connection) == b""
    assert 0.3 < time.monotonic() - began < 5


def test_a_body_that_comes_slowly_is_waited_for(connect: Connect) -> None:
    connection = connect()
    connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n")
    for _ in range(8):
        time.sleep(0.1)
        connection.sendall(b"a")
    assert connection.recv(1000).endswith(b"\r\n\r\n8")
