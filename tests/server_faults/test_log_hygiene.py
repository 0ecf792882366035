"""Does a server say in its log whose exams it keeps, or how to get at them?"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from accepting import CURRENT
from cast import multipart
from detector import Detector
from seeds import HEADER, UIDS, seeded_ct
from server import EMAIL, PASSWORD, Server, send_form

pytestmark = pytest.mark.server
STRANGER = "nobody.atall@quagmire.example"
WRONG_TOKEN = "slt_abcdefghij_thisisnotatokenbutlookslikeone"


@pytest.fixture
def talking(server: Server, tmp_path: Path) -> Iterator[Server]:
    server.log = tmp_path / "output.log"
    server.start()
    yield server
    server.stop()


def test_a_day_of_work_and_of_mistakes_leaves_no_name_in_the_log(talking: Server) -> None:
    body, headers = multipart(seeded_ct("one"), seeded_ct("two")[:2000], b"no picture at all")
    assert talking.request("POST", "/dicomweb/studies", body, headers).status == 202
    assert talking.request("POST", "/dicomweb/studies", body[:-4000], headers).status >= 200
    study = f"/dicomweb/studies/{UIDS['study']}"
    picture = f"{study}/series/{UIDS['series']}/instances/{UIDS['one']}"
    name = quote(HEADER["PatientName"])
    good = ("/dicomweb/studies?PatientName=" + name, picture, picture + "/rendered")
    assert [talking.get(path).status for path in good] == [200, 200, 200]
    for path in (
        f"/dicomweb/studies?NoSuchThing={name}",
        f"/dicomweb/studies?limit={name}",
        picture + "/frames/99",
        picture + f"/rendered?window={name}",
        f"/dicomweb/studies/{UIDS['other']}",
        f"/nowhere/{name}",
        f"/exams/{name}/",
        f"/exams/?q={name}",
        f"/s/{name}",
    ):
        assert 400 <= talking.get(path).status < 500 or path.startswith(("/exams", "/s/"))
    talking.request("GET", picture, headers={"Authorization": f"Bearer {WRONG_TOKEN}"})
    talking.request("GET", "/", headers={"Host": "wilhelmina.foxgloveton.example"})
    for address in (EMAIL, STRANGER):
        send_form(talking, "/account/sign-in/", email=address, password=PASSWORD + "?")
        send_form(talking, "/account/reset/", email=address)
    said = {"name": HEADER["Occupation"], "email": STRANGER, "password": "seventeen armadillos"}
    send_form(talking, "/account/register/", **said, statement=str(CURRENT), accept="on")
    talking.request("POST", "/account/sign-in/", urlencode({"email": EMAIL}).encode())
    _talk_nonsense(talking)
    talking.stop()

    seeds = {*HEADER.values(), *UIDS.values(), EMAIL, STRANGER, PASSWORD, WRONG_TOKEN}
    detector = Detector([*seeds, talking.token, "Olga Owner", "Nightingalesson", "foxgloveton"])
    assert talking.log.exists()
    assert detector.search(talking.log.read_bytes()) == set()
    planted = talking.log.read_bytes() + b" token " + talking.token.encode()
    assert detector.search(planted) == {talking.token}


def _talk_nonsense(server: Server) -> None:
    """Send what is no HTTP, with names in it."""
    for line in (b"PUT " + HEADER["PatientID"].encode(), b"GET /\xff HTTP/9.9", b"\x16\x03\x01"):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.connect()
        connection.sock.sendall(line + b"\r\nX: " + HEADER["PatientName"].encode() + b"\r\n\r\n")
        connection.sock.recv(100)
        connection.close()
