"""Behind a proxy, only the proxy is spoken to, and only it says where a caller is."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from safelight.records.accounts.throttle import REDEEM_SOURCE
from safelight.surfaces.cli.listening import is_among, networks
from server import Server, free_port

LINK = "/s/0q09cd6vz7f5047yr2zxpx2bqe"


@pytest.mark.parametrize(
    ("address", "is_trusted"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("10.77.1.2", True),
        ("10.77.2.2", False),
        ("203.0.113.9", False),
        ("fe80::1%eth0", False),
    ],
)
def test_a_proxy_is_known_by_its_network(address: str, *, is_trusted: bool) -> None:
    assert is_among(address, networks(["10.77.1.0/24"])) is is_trusted


@pytest.fixture(scope="module", params=[(), ("--behind-proxy",)], ids=["alone", "behind"])
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("proxied")
    server = Server(folder / "data", folder / "root.key", log=folder / "log")
    server.init()
    server.port = free_port()
    server.more = request.param
    if request.param:
        # A second --listen wins: at every address, so that a stranger can knock.
        server.more = (*request.param, "--listen", f"0.0.0.0:{server.port}")
    server.start()
    yield server
    server.stop()


def tries(server: Server, count: int, forwarded: str) -> list[int]:
    """Show a wrong secret so often, as if from somewhere."""
    said = {"X-Forwarded-For": forwarded, "X-Real-IP": forwarded, "Forwarded": f"for={forwarded}"}
    page = server.request("GET", LINK, headers=said)
    cookie = {name.lower(): value for name, value in page.headers.items()}["set-cookie"]
    csrf = cookie.partition("__Host-csrf=")[2].partition(";")[0]
    said |= {
        "Cookie": f"__Host-csrf={csrf}",
        "X-CSRFToken": csrf,
        "Origin": "http://localhost:8000",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    body = urlencode({"secret": "wrong"}).encode()
    return [server.request("POST", LINK, body, said).status for _ in range(count)]


@pytest.mark.server
def test_a_caller_can_name_its_address_only_through_the_proxy(served: Server) -> None:
    most = REDEEM_SOURCE.count
    assert set(tries(served, most, "203.0.113.1")) == {404}
    assert tries(served, 1, "203.0.113.1") == [429]
    # Alone, the header is nobody's word; behind the proxy it is the proxy's.
    elsewhere = tries(served, 1, "203.0.113.2")
    assert elsewhere == ([404] if "--behind-proxy" in served.more else [429])


@pytest.mark.server
def test_whoever_is_not_the_proxy_is_told_nothing(served: Server) -> None:
    if "--behind-proxy" not in served.more:
        pytest.skip("alone it listens on this machine only")
    with socket.create_connection((_own_address(), served.port), timeout=30) as stranger:
        try:
            stranger.sendall(b"GET /account/sign-in/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
            told = stranger.recv(4096)
        except ConnectionError:
            told = b""
    assert told == b""


def _own_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            pytest.skip("this machine has one address only")
        address: str = probe.getsockname()[0]
        return address
