"""What happens to what is sent: stored, recognised, set aside or refused, each by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from asking import (
    FAILED,
    REASON,
    SENTENCE,
    STORED,
    URL,
    address,
    fetch,
    send,
)
from cast import Person, multipart
from objects import a_file, an_object, uid, written
from safelight.kernel import clock
from safelight.records.accounts.actions.tokens import create_token
from safelight.records.accounts.tokens import Scope
from safelight.records.imaging.models import Instance
from safelight.surfaces.dicomweb.stow_parts import IN_MEMORY, PARTS

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_all_stored_says_200_and_where_each_can_be_had(web: TestClient, owner: Person) -> None:
    answer = send(web, owner, a_file(1), a_file(2))
    assert answer.status_code == 200
    said = answer.json()
    assert FAILED not in said
    assert said[URL]["Value"] == [f"http://localhost:8000/dicomweb/studies/{uid(1)}"]
    urls = [each[URL]["Value"][0] for each in said[STORED]["Value"]]
    assert urls == [f"http://localhost:8000{address(number=number)}" for number in (1, 2)]
    for number in (1, 2):
        assert fetch(web, owner, address(number=number)) == a_file(number)


def test_a_bad_item_costs_itself_only(web: TestClient, owner: Person) -> None:
    bad = [b"not dicom at all", a_file(3)[:-40], a_file(4, StudyInstanceUID="1.2.x")]
    answer = send(web, owner, bad[0], a_file(1), bad[1], bad[2], a_file(2))
    assert answer.status_code == 202
    said = answer.json()
    assert len(said[STORED]["Value"]) == 2
    assert [each[REASON]["Value"] for each in said[FAILED]["Value"]] == [[0xC000]] * 3
    sentences = [each[SENTENCE]["Value"][0] for each in said[FAILED]["Value"]]
    assert sentences[0] == "This is not a DICOM file."
    assert "longer than what is there" in sentences[1]
    assert "not a valid DICOM identifier" in sentences[2]
    assert fetch(web, owner, address(number=2)) == a_file(2)


def test_none_stored_says_409(web: TestClient, owner: Person) -> None:
    answer = send(web, owner, b"one", b"two")
    assert answer.status_code == 409
    assert STORED not in answer.json()


@pytest.mark.parametrize(
    "content_type",
    [
        "application/octet-stream",
        "multipart/form-data; boundary=tests-boundary",
        'multipart/related; type="application/dicom"',
        'multipart/related; type="application/dicom+xml"; boundary=tests-boundary',
    ],
)
def test_another_kind_of_body_is_415(web: TestClient, owner: Person, content_type: str) -> None:
    body, _ = multipart(a_file())
    answer = web.post(
        "/dicomweb/studies", content=body, headers=owner.headers | {"Content-Type": content_type}
    )
    assert answer.status_code == 415
    assert Instance.objects.count() == 0


def test_a_compressed_body_is_415(web: TestClient, owner: Person) -> None:
    body, headers = multipart(a_file())
    headers |= owner.headers | {"Content-Encoding": "gzip"}
    assert web.post("/dicomweb/studies", content=body, headers=headers).status_code == 415


@pytest.mark.parametrize("boundary", ["another", "x" * 300])
def test_a_body_without_its_boundary_is_400(web: TestClient, owner: Person, boundary: str) -> None:
    body, _ = multipart(a_file())
    kind = f'multipart/related; type="application/dicom"; boundary={boundary}'
    answer = web.post(
        "/dicomweb/studies", content=body, headers=owner.headers | {"Content-Type": kind}
    )
    assert answer.status_code == 400
    assert answer.json()["code"] == "broken_multipart"


@pytest.mark.parametrize("body", [b"", b"--tests-boundary--\r\n", b"\r\n"])
def test_an_empty_body_is_400(web: TestClient, owner: Person, body: bytes) -> None:
    _, headers = multipart()
    answer = web.post("/dicomweb/studies", content=body, headers=headers | owner.headers)
    assert answer.status_code == 400


def test_of_a_body_that_is_cut_off_the_whole_parts_are_kept(web: TestClient, owner: Person) -> None:
    body, headers = multipart(a_file(1), a_file(2))
    answer = web.post("/dicomweb/studies", content=body[:-200], headers=headers | owner.headers)
    assert answer.status_code == 202
    said = answer.json()
    assert [each["00081155"]["Value"] for each in said[STORED]["Value"]] == [[uid(1, 1, 1)]]
    assert "ended in the middle" in said[FAILED]["Value"][0][SENTENCE]["Value"][0]


def test_a_boundary_may_be_quoted_and_parts_may_have_any_headers(
    web: TestClient, owner: Person
) -> None:
    boundary = "a b'()+_,-./:=?c"
    body = (
        f"\r\n--{boundary}\r\ncontent-type: application/dicom; transfer-syntax=*\r\n"
        f"X-Other: {'y' * 500}\r\n\r\n"
    ).encode()
    body += a_file() + f"\r\n--{boundary}--\r\nepilogue".encode()
    kind = f'Multipart/Related; Type="Application/DICOM"; Boundary="{boundary}"'
    answer = web.post(
        "/dicomweb/studies", content=body, headers=owner.headers | {"Content-Type": kind}
    )
    assert answer.status_code == 200, answer.text


def test_headers_of_a_part_are_bounded(web: TestClient, owner: Person) -> None:
    flood = b"".join(b"X-%d: %s\r\n" % (number, b"y" * 1000) for number in range(20))
    body = b"--tests-boundary\r\n" + flood + b"\r\n" + a_file() + b"\r\n--tests-boundary--\r\n"
    _, headers = multipart()
    answer = web.post("/dicomweb/studies", content=body, headers=headers | owner.headers)
    assert answer.status_code in {400, 409}
    assert Instance.objects.count() == 0


def test_parts_beyond_ten_thousand_are_refused_and_those_before_are_kept(
    web: TestClient, owner: Person
) -> None:
    answer = send(web, owner, a_file(1), *[b"x"] * PARTS, a_file(2))
    assert answer.status_code == 202
    said = answer.json()
    assert len(said[STORED]["Value"]) == 1
    assert len(said[FAILED]["Value"]) == PARTS
    assert "more than 10,000" in said[FAILED]["Value"][-1][SENTENCE]["Value"][0]


def test_a_part_larger_than_memory_goes_through_the_sealed_spool(
    web: TestClient, owner: Person
) -> None:
    side = 4096
    large = a_file(1, Rows=side, Columns=side, PixelData=b"\x01\x02\x03\x04" * (side * side // 2))
    assert len(large) > IN_MEMORY
    assert send(web, owner, large, a_file(2)).status_code == 200
    assert fetch(web, owner, address()) == large


def test_a_study_address_takes_only_that_study(web: TestClient, owner: Person) -> None:
    there = f"/dicomweb/studies/{uid(1)}"
    answer = send(web, owner, a_file(study=1), a_file(study=2), to=there)
    assert answer.status_code == 202
    (failure,) = answer.json()[FAILED]["Value"]
    assert failure[REASON]["Value"] == [0xA900]
    assert web.get(f"/dicomweb/studies/{uid(2)}", headers=owner.headers).status_code == 404


def test_who_may_not_store_learns_nothing_else(
    web: TestClient, owner: Person, stranger: Person
) -> None:
    assert send(web, owner, a_file()).status_code == 200
    body, headers = multipart(a_file(), b"garbage")
    reading, _ = create_token(stranger.account, [Scope.DICOMWEB_READ], at=clock.now())
    past = clock.now() - timedelta(days=2)
    expired, _ = create_token(stranger.account, list(Scope), valid_for=timedelta(days=1), at=past)
    answers: dict[str, list[Response]] = {}
    for name, token in {
        "none": None, "wrong": "sl_api_nonsense", "expired": expired, "reading": reading,
    }.items():  # fmt: skip
        sent = headers | ({"Authorization": f"Bearer {token}"} if token else {})
        for at in ("/dicomweb/studies", f"/dicomweb/studies/{uid(1)}", "/dicomweb/studies/1.2.3"):
            answers.setdefault(name, []).append(web.post(at, content=body, headers=sent))
    for name, status in {"none": 401, "wrong": 401, "expired": 401, "reading": 403}.items():
        assert {each.status_code for each in answers[name]} == {status}
        assert len({each.content for each in answers[name]}) == 1
    assert answers["wrong"][0].content == answers["expired"][0].content
    assert Instance.objects.count() == 1


def test_a_cookie_is_not_enough_to_store(web: TestClient) -> None:
    body, headers = multipart(a_file())
    cookie = {"Cookie": "__Host-session=whatever"}
    assert web.post("/dicomweb/studies", content=body, headers=headers | cookie).status_code == 401


def test_a_data_set_without_preamble_is_kept_and_leaves_as_a_file(
    web: TestClient, owner: Person
) -> None:
    whole = a_file()
    start = whole.index(b"\x08\x00\x05\x00CS")
    bare = whole[start:]
    assert send(web, owner, bare).status_code == 200
    got = fetch(web, owner, address())
    assert got[:132] == bytes(128) + b"DICM"
    assert got.endswith(bare)
    metadata = web.get(address() + "/metadata", headers=owner.headers).json()
    assert metadata[0]["00100020"]["Value"] == ["AB-17"]


def test_an_answer_can_be_had_as_json_only(web: TestClient, owner: Person) -> None:
    body, headers = multipart(a_file())
    headers |= owner.headers | {"Accept": "application/dicom+xml"}
    assert web.post("/dicomweb/studies", content=body, headers=headers).status_code == 406
    assert Instance.objects.count() == 0


def test_words_are_kept_and_shown_as_they_came(web: TestClient, owner: Person) -> None:
    hostile = "<script>alert(1)</script>"
    made = an_object(
        PatientName=f"{hostile}^x", StudyDescription=f'"><img src=x onerror={hostile}>'
    )
    assert send(web, owner, written(made)).status_code == 200
    answer = web.get("/dicomweb/studies", headers=owner.headers)
    assert answer.headers["content-type"] == "application/dicom+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.json()[0]["00100010"]["Value"][0]["Alphabetic"].startswith(hostile)
