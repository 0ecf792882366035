"""Whatever comes over a connection, a served instance answers or hangs up, and goes on."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cast import multipart
from fuzzing import chance
from objects import a_file
from server import Server, copied

pytestmark = pytest.mark.server

SECONDS = 10.0
MIB = 1 << 20
MUTATED = 150
SLOW = 200
END = b"Host: localhost\r\nConnection: close\r\nAuthorization: Bearer %s\r\n"
GET = b"GET /dicomweb/studies HTTP/1.1\r\n" + END
POST = b"POST /dicomweb/studies HTTP/1.1\r\n" + END + b"Content-Type: %s\r\n"
BODY, KIND = multipart(a_file(1))
WITHIN = b"6\r\nabcdef\r\n0\r\n\r\n"
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
Ask = Callable[..., list[int]]


@pytest.fixture(scope="module")
def serving(template: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("raw")
    made = copied(template, folder)
    made.log = folder / "log"
    made.start()
    yield made
    made.stop()


@pytest.fixture
def ask(serving: Server) -> Iterator[Ask]:
    """Return what sends bytes and says with which statuses they were answered."""
    family, before = set(serving.processes()), most_memory(serving)

    def ask(raw: bytes, *, patience: float = SECONDS, hang_up: bool = False) -> list[int]:
        found = b""
        with socket.create_connection(("127.0.0.1", serving.port), timeout=patience) as connection:
            began = time.monotonic()
            try:
                connection.sendall(filled(raw, serving))
                if hang_up:
                    return []
                while piece := connection.recv(65536):
                    found += piece
                    if patience < SECONDS and b"\r\n\r\n" in found:
                        break
            except TimeoutError:
                assert patience < SECONDS, raw[:200]
            except (ConnectionResetError, BrokenPipeError):
                pass
            assert time.monotonic() - began < SECONDS
        statuses = [int(each) for each in STATUS.findall(found)]
        assert all(each < 500 for each in statuses), (raw[:300], found[:300])
        return statuses

    yield ask
    assert serving.get("/dicomweb/studies").status in {200, 204}
    assert set(serving.processes()) == family
    assert most_memory(serving) - before < 64 * MIB
    assert b"Traceback" not in serving.log.read_bytes()


def filled(raw: bytes, server: Server) -> bytes:
    token = server.token.encode()
    return raw.replace(b"%s", token, 1).replace(b"%s", KIND["Content-Type"].encode(), 1)


def most_memory(server: Server) -> int:
    """Return the most that the processes have held, all together, in bytes."""
    held = 0
    for process in server.processes():
        status = Path(f"/proc/{process}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        held += int(found[1]) * 1024 if found else 0
    return held


SMUGGLED = {
    "length and chunks": b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n",
    "chunks and length": b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n",
    "two lengths": b"Content-Length: 6\r\nContent-Length: 16\r\n",
    "a list of lengths": b"Content-Length: 6, 16\r\n",
    "a length below nothing": b"Content-Length: -6\r\n",
    "a length with a sign": b"Content-Length: +6\r\n",
    "a length in hex": b"Content-Length: 0x6\r\n",
    "a length of 2**64": b"Content-Length: 18446744073709551616\r\n",
    "chunks by another name": b"Transfer-Encoding: xchunked\r\n",
    "chunks twice": b"Transfer-Encoding: chunked, chunked\r\n",
    "a folded line": b"Transfer-Encoding:\r\n chunked\r\n",
    "a space before the colon": b"Transfer-Encoding : chunked\r\n",
    "a vertical tab": b"Transfer-Encoding: \x0bchunked\r\n",
    "a bare line end": b"X: a\nTransfer-Encoding: chunked\r\n",
    "a NUL": b"X: a\0b\r\n",
}


@pytest.mark.parametrize("lines", SMUGGLED.values(), ids=SMUGGLED)
def test_a_request_whose_end_is_in_doubt_is_the_last_of_its_connection(
    ask: Ask, lines: bytes
) -> None:
    open_end = POST.replace(b"Connection: close\r\n", b"")
    statuses = ask(open_end + lines + b"\r\n" + WITHIN + GET + b"\r\n")
    assert statuses == [400]


ODD = {
    "nothing but bytes": bytes(range(256)),
    "TLS": bytes.fromhex("16030100a5010000a1030300") + bytes(160),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9),
    "HTTP/9.9": b"GET / HTTP/9.9\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "no host": b"GET /dicomweb/studies HTTP/1.1\r\nConnection: close\r\n\r\n",
    "another's address": GET.replace(b" /", b" http://evil.example/", 1) + b"\r\n",
    "two slashes": GET.replace(b" /", b" //evil.example/", 1) + b"\r\n",
    "CONNECT": b"CONNECT evil.example:80 HTTP/1.1\r\n" + END + b"\r\n",
    "TRACE": GET.replace(b"GET", b"TRACE", 1) + b"\r\n",
    "OPTIONS *": b"OPTIONS * HTTP/1.1\r\n" + END + b"\r\n",
    "a method of its own": GET.replace(b"GET", b"FROBNICATE", 1) + b"\r\n",
    "WebSocket": GET.replace(b"close", b"Upgrade", 1) + b"Upgrade: websocket\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Connection: close\r\n\r\n",
    "h2c": GET + b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
    "bytes in the path": GET.replace(b"studies", b"\xff\xfe%ff%00", 1) + b"\r\n",
    "bytes in a page's path": b"GET /exams/%ff%00%0a HTTP/1.1\r\n" + END + b"\r\n",
    "bytes in the question": GET.replace(b"studies", b"studies?%ff=%fe&\x7f", 1) + b"\r\n",
    "bytes as a token": GET.replace(b"%s", b"\xff\xfe", 1) + b"\r\n",
    "bytes as cookies": b"GET /exams HTTP/1.1\r\n" + END + b"Cookie: =;\xff; ;;a=\xfe\r\n\r\n",
    "bytes as a host": b"GET /sign-in HTTP/1.1\r\nHost: \xff\r\nConnection: close\r\n\r\n",
    "a chunk that is none": POST + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nabc\r\n",
    "32 KiB of head": GET + b"X: " + b"a" * 40_000 + b"\r\n\r\n",
    "20 MB of head": GET + b"X: " + b"a" * 20_000_000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("raw", ODD.values(), ids=ODD)
def test_what_is_hardly_a_request_is_answered_once_or_not_at_all(ask: Ask, raw: bytes) -> None:
    assert len(ask(raw)) <= 1


@pytest.mark.parametrize("length", [b"9223372036854775807", b"1099511627776"])
def test_a_length_that_is_only_claimed_costs_nothing(ask: Ask, length: bytes) -> None:
    ask(POST + b"Content-Length: " + length + b"\r\n\r\n" + BODY, hang_up=True)
    ask(POST + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFF\r\n" + BODY, hang_up=True)


@pytest.mark.parametrize("boundary", [b"", b"a", b"b" * 70, b"c" * 71, b"d" * 300, b"\xff", b'"'])
def test_a_boundary_of_any_length_is_followed_or_refused(ask: Ask, boundary: bytes) -> None:
    body = BODY.replace(b"tests-boundary", boundary)
    head = POST.rpartition(b"%s")[0] + b'multipart/related; type="application/dicom"; boundary='
    length = b"\r\nContent-Length: %d\r\n\r\n" % len(body)
    (status,) = ask(head + boundary + length + body)
    assert status in {200, 400, 409, 415}


LETTERS = (b"\r\n", b"\n", b"\0", b": ", b" ", b"%00", b"\xff", b"/../")
LINES = (
    b"Content-Length: 5\r\n", b"Expect: 100-continue\r\n", b"Transfer-Encoding: chunked\r\n",
    b"Range: bytes=-1\r\n", b"Content-Encoding: gzip\r\n",
)  # fmt: skip


def mutated(number: int) -> bytes:
    """Return a request that is almost one."""
    dice = chance("raw", number)
    sized = POST + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
    chunked = (
        POST + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n"
    )
    page = b"GET /sign-in?next=/exams HTTP/1.1\r\n" + END + b"Cookie: __Host-session=a\r\n\r\n"
    data = bytearray(dice.choice((GET + b"\r\n", sized, chunked, page)))
    for _ in range(dice.choice((1, 1, 2, 4))):
        at = dice.randrange(min(len(data), 300))
        what = dice.randrange(5)
        if what == 0:
            data[at] = dice.randrange(256)
        elif what == 1:
            del data[at : at + dice.randint(1, 20)]
        elif what == 2:
            data[at:at] = dice.choice(LETTERS)
        elif what == 3:
            data[at:at] = data[at : at + dice.randint(1, 100)]
        else:
            data[at:at] = dice.choice(LINES)
    return bytes(data)


def test_mutated_requests_are_answered(ask: Ask) -> None:
    answered = sum(bool(ask(mutated(number), patience=0.2)) for number in range(MUTATED))
    assert answered > MUTATED // 2


def test_many_who_dribble_keep_nobody_waiting(ask: Ask, serving: Server) -> None:
    with ExitStack() as held:
        slow = [
            held.enter_context(socket.create_connection(("127.0.0.1", serving.port), timeout=5))
            for _ in range(SLOW)
        ]
        heads = filled(GET, serving), filled(POST + b"Content-Length: 99999\r\n\r\n", serving)
        for number, connection in enumerate(slow):
            connection.sendall(heads[number % 2][: None if number % 2 else 20])
        for turn in range(10):
            for connection in slow:
                connection.sendall(BODY[turn : turn + 1])
            began = time.monotonic()
            assert serving.get("/dicomweb/studies").status in {200, 204}, turn
            assert time.monotonic() - began < 2
