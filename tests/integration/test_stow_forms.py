"""Objects that come otherwise than as files in parts: bare, or as metadata and bulk data."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from asking import FAILED, INSTANCE, REASON, STORED, STUDY, address, fetch, sample
from cast import Person
from objects import a_file, an_object, uid
from safelight.dicom.json.model import to_json
from safelight.dicom.reading.index import index
from safelight.dicom.source import BytesSource
from safelight.surfaces.dicomweb import stow_json

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

MODELS = "application/dicom+json"
OCTETS = "application/octet-stream"


def model(number: int = 1, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
    made = to_json(index(BytesSource(a_file(number))))
    made["7FE00010"] = {"vr": "OW", "BulkDataURI": f"pixels/{number}"}
    return made | changes


def send(
    web: TestClient,
    person: Person,
    models: object,
    *values: tuple[str, str, bytes],
    to: str = "/dicomweb/studies",
    method: str = "POST",
) -> Response:
    parts = [(MODELS, "", models if isinstance(models, bytes) else orjson.dumps(models)), *values]
    body = b"".join(
        f"--b\r\nContent-Type: {kind}\r\nContent-Location: {where}\r\n\r\n".encode()
        + data
        + b"\r\n"
        for kind, where, data in parts
    )
    headers = {"Content-Type": f'multipart/related; type="{MODELS}"; boundary=b'}
    return web.request(method, to, content=body + b"--b--", headers=headers | person.headers)


def pixels(number: int = 1) -> tuple[str, str, bytes]:
    return OCTETS, f"pixels/{number}", bytes(an_object(number).PixelData)


def test_metadata_and_bulk_data_become_objects(web: TestClient, owner: Person) -> None:
    answer = send(web, owner, [model(1), model(2)], pixels(2), pixels(1))
    assert answer.status_code == 200, answer.text
    assert len(answer.json()[STORED]["Value"]) == 2
    for number in (1, 2):
        back = fetch(web, owner, address(number=number))
        sent = a_file(number)
        at = index(BytesSource(sent)).dataset_offset
        assert back.endswith(sent[at:])
    again = send(web, owner, [model(1)], pixels(1), to=STUDY, method="PUT")
    assert again.status_code == 200, again.text


def test_compressed_pixels_keep_the_transfer_syntax_they_came_in(
    web: TestClient, owner: Person
) -> None:
    taken = sample("MR_small_jp2klossless.dcm")
    header = index(BytesSource(taken.data))
    assert header.pixels is not None
    frame = header.pixels.fragments[1]
    told = to_json(header) | {"7FE00010": {"vr": "OB", "BulkDataURI": "frame"}}
    value = taken.data[frame.offset : frame.offset + frame.length]
    kind = "image/jp2; transfer-syntax=1.2.840.10008.1.2.4.90"
    answer = send(web, owner, [told], (kind, "frame", value))
    assert answer.status_code == 200, answer.text
    at = answer.json()[STORED]["Value"][0]["00081190"]["Value"][0]
    path = at.removeprefix("http://localhost:8000")
    got = web.get(f"{path}/frames/1", headers=owner.headers | {"Accept": "image/jp2"})
    assert got.content.rstrip(b"\0") == value.rstrip(b"\0")
    shown = web.get(f"{path}/rendered", headers=owner.headers)
    assert shown.status_code == 200


def test_each_object_is_judged_by_itself(web: TestClient, owner: Person) -> None:
    broken = {"00080018": {"vr": "UI", "Value": ["1.2"]}, "0020000D": {"vr": "UI"}}
    answer = send(web, owner, [model(1), model(2), broken, 7], pixels(1))
    assert answer.status_code == 202, answer.text
    assert len(answer.json()[STORED]["Value"]) == 1
    failed = answer.json()[FAILED]["Value"]
    assert [each[REASON]["Value"] for each in failed] == [[0xC000]] * 3
    assert send(web, owner, [model(2)]).status_code == 409
    other = send(web, owner, [model(2)], pixels(2), to=f"/dicomweb/studies/{uid(9)}")
    assert other.status_code == 409


def test_one_object_may_be_the_whole_body(web: TestClient, owner: Person) -> None:
    headers = owner.headers | {"Content-Type": "application/dicom"}
    for method, to in (("POST", "/dicomweb/studies"), ("POST", STUDY), ("PUT", STUDY)):
        answer = web.request(method, to, content=a_file(), headers=headers)
        assert answer.status_code == 200, answer.text
    assert fetch(web, owner, INSTANCE) == a_file()
    assert web.post(STUDY, content=a_file(study=2), headers=headers).status_code == 409
    assert web.post(STUDY, content=b"", headers=headers).json()["code"] == "empty_body"
    assert web.post(STUDY, content=b"nonsense", headers=headers).status_code == 409
    bare = to_json(index(BytesSource(a_file(3, PixelData=None, Rows=None, Columns=None))))
    headers = owner.headers | {"Content-Type": MODELS}
    answer = web.post(STUDY, content=orjson.dumps([bare]), headers=headers)
    assert answer.status_code == 200, answer.text


def test_a_body_that_cannot_be_read_stores_nothing(
    web: TestClient, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    for models in (b"{", b"{}", b"\xff", b"[[[[", b"7"):
        assert send(web, owner, models).status_code in {400, 409}, models
    assert send(web, owner, b"[]").json()["code"] == "empty_body"
    headers = owner.headers | {"Content-Type": MODELS}
    assert web.post(STUDY, content=b"{", headers=headers).status_code == 400
    for kind in ("text/plain", f'multipart/related; type="{OCTETS}"; boundary=b', MODELS + "; x"):
        expected = 400 if kind.startswith(MODELS) else 415
        got = web.post(STUDY, content=b"x", headers=owner.headers | {"Content-Type": kind})
        assert got.status_code == expected, kind
    packed = owner.headers | {"Content-Type": MODELS, "Content-Encoding": "gzip"}
    assert web.post(STUDY, content=b"[]", headers=packed).status_code == 415
    monkeypatch.setattr(stow_json, "MOST_AT_ONCE", 100)
    monkeypatch.setattr(stow_json, "LARGEST_MODELS", 100)
    assert send(web, owner, [model(1)], pixels(1)).status_code == 413
    assert web.post(STUDY, content=b"[" + b" " * 200, headers=headers).status_code == 413
    assert web.get("/dicomweb/studies", headers=owner.headers).status_code == 204


def test_whoever_may_not_store_learns_that_first(web: TestClient, owner: Person) -> None:
    for kind in ("application/dicom", MODELS):
        got = web.post(STUDY, content=b"x", headers={"Content-Type": kind})
        assert got.status_code == 401
