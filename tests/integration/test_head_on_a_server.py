"""Does a real server answer HEAD with the head alone, whoever answers? (RFC 9110 9.3.2)"""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from cast import multipart
from objects import a_file, uid
from server import Server

STUDY = f"/dicomweb/studies/{uid(1)}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Let a server hold one exam."""
    folder = tmp_path_factory.mktemp("head")
    made = Server(folder / "data", folder / "root.key")
    made.init()
    made.token = made.add_person()
    made.start()
    try:
        body, headers = multipart(a_file(1))
        assert made.request("POST", "/dicomweb/studies", body, headers).status == 200
        yield made
    finally:
        made.stop()


def heard(server: Server, method: str, path: str) -> tuple[int, dict[str, str], bytes]:
    """Ask by hand: a library would not look at what follows the head of an answer to HEAD."""
    said = (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Authorization: Bearer {server.token}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), 60) as line:
        line.sendall(said.encode())
        answer = b"".join(iter(lambda: line.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    fields = (each.partition(": ") for each in lines)
    return int(first.split()[1]), {name.lower(): value for name, _, value in fields}, body


def kind(fields: dict[str, str]) -> str:
    return fields.get("content-type", "").partition("boundary")[0]


@pytest.mark.parametrize(
    "path",
    ["/", "/sign-in/", "/nowhere", "/static/nothing.css", "/healthz", "/api/v1/exams", "/api/v1/x",
     "/dicomweb/studies", STUDY, f"{STUDY}/metadata", f"{STUDY}/series/{uid(1, 1)}",
     f"/dicomweb/studies/{uid(9)}"],
)  # fmt: skip
def test_the_head_comes_without_a_body_and_as_for_get(server: Server, path: str) -> None:
    status, fields, body = heard(server, "GET", path)
    found, same, nothing = heard(server, "HEAD", path)
    assert nothing == b""
    assert found in {status, 405}
    if found == status:
        assert kind(same) == kind(fields)
    assert {"x-content-type-options", "content-security-policy"} <= set(same)
    assert status in {302, 404, 401} or body


@pytest.mark.parametrize("path", ["/sign-in/", "/api/v1/exams", "/dicomweb/studies", STUDY, "/x"])
def test_nothing_is_said_of_what_may_be_asked_that_is_no_use(server: Server, path: str) -> None:
    """Do OPTIONS and TRACE give nothing away, and nothing of what was sent back?"""
    for method in ("OPTIONS", "TRACE"):
        status, fields, body = heard(server, method, path)
        assert status in {200, 204, 401, 404, 405, 501}
        assert server.token.encode() not in body
        assert "access-control-allow-origin" not in fields
