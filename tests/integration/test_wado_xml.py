"""Metadata and searches in XML say what they say in JSON, to the same people."""

from __future__ import annotations

from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from asking import INSTANCE, SERIES, STUDY, parts_of, store
from cast import Person
from native_reader import Told, read_native, said_by_json
from objects import a_file, uid
from story import Story, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

XML = "application/dicom+xml"
IN_PARTS = f'multipart/related; type="{XML}"'
SERVER = "http://localhost:8000"


@pytest.fixture
def filled(web: TestClient, owner: Person) -> TestClient:
    store(web, owner, *(a_file(number, series=each) for each in (1, 2) for number in (1, 2, 3)))
    return web


def ask(
    web: TestClient, person: Person, path: str, accept: str, *, packed: bool = False
) -> Response:
    sent = {"Accept": accept, "Accept-Encoding": "gzip" if packed else "identity"}
    return web.get(path, headers=person.headers | sent)


def documents(answer: Response) -> list[bytes]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(f"{IN_PARTS}; boundary=")
    parts = parts_of(answer)
    assert {kind for kind, _ in parts} == {XML}
    return [document for _, document in parts]


def in_json(web: TestClient, person: Person, path: str, bulk_root: str = "") -> list[Told]:
    models: list[dict[str, Any]] = ask(web, person, path, "application/dicom+json").json()
    return [said_by_json(model, bulk_root=bulk_root) for model in models]


@pytest.mark.parametrize(("path", "count"), [(STUDY, 6), (SERIES, 3), (INSTANCE, 1)])
@pytest.mark.parametrize("packed", [False, True])
def test_metadata_say_the_same_in_both(
    filled: TestClient,
    owner: Person,
    path: str,
    count: int,
    packed: bool,  # noqa: FBT001 (a parameter of the test)
) -> None:
    answer = ask(filled, owner, f"{path}/metadata", IN_PARTS, packed=packed)
    assert answer.headers.get("content-encoding", "") == ("gzip" if packed else "")
    told = [read_native(document) for document in documents(answer)]
    assert len(told) == count
    assert told == in_json(filled, owner, f"{path}/metadata", f"{SERVER}{path}/")
    known = answer.headers["etag"]
    again = filled.get(
        f"{path}/metadata",
        headers=owner.headers | {
            "Accept": IN_PARTS, "Accept-Encoding": "gzip" if packed else "identity",
            "If-None-Match": known,
        },
    )  # fmt: skip
    assert again.status_code == 304
    head = filled.head(f"{path}/metadata", headers=owner.headers | {"Accept": IN_PARTS})
    assert (head.status_code, head.content) == (200, b"")


def test_the_address_of_bulk_data_stands_for_itself(filled: TestClient, owner: Person) -> None:
    for document in documents(ask(filled, owner, f"{STUDY}/metadata", IN_PARTS)):
        told = read_native(document)
        vr, (kind, address) = told["", "7FE00010"]
        assert (vr, kind) == ("OW", "bulk")
        got = filled.get(address.removeprefix(SERVER), headers=owner.headers)
        assert (got.status_code, len(got.content)) == (200, 512)


@pytest.mark.parametrize(
    "path",
    ["/dicomweb/studies", "/dicomweb/series", "/dicomweb/instances?includefield=all",
     f"{STUDY}/series", f"{STUDY}/instances", f"{SERIES}/instances?SOPInstanceUID={uid(1, 1, 2)}"],
)  # fmt: skip
def test_searches_say_the_same_in_both(filled: TestClient, owner: Person, path: str) -> None:
    told = [read_native(document) for document in documents(ask(filled, owner, path, IN_PARTS))]
    assert told == in_json(filled, owner, path)
    assert told


def test_what_is_found_by_nobody_is_the_same_nothing(
    filled: TestClient, owner: Person, stranger: Person
) -> None:
    nothing = ask(filled, owner, "/dicomweb/studies?PatientID=nobody", IN_PARTS)
    assert (nothing.status_code, nothing.content) == (204, b"")
    hidden = ask(filled, stranger, "/dicomweb/studies", IN_PARTS)
    assert (hidden.status_code, hidden.content) == (204, b"")
    absent = ask(filled, owner, "/dicomweb/studies/1.2.3/metadata", IN_PARTS)
    forbidden = ask(filled, stranger, f"{STUDY}/metadata", IN_PARTS)
    assert absent.status_code == forbidden.status_code == 404
    assert absent.content == forbidden.content


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (f"{IN_PARTS}, application/dicom+json;q=0.9", IN_PARTS),
        (f"{IN_PARTS};q=0.5, application/dicom+json", "application/dicom+json"),
        (f"multipart/related; type={XML}", IN_PARTS),
        ("multipart/related", IN_PARTS),
        (f"{IN_PARTS}, application/json", IN_PARTS),
        (f"{XML}, application/json;q=0.1", "application/json"),
        ("*/*", "application/dicom+json"),
        (f"{IN_PARTS};q=0, */*;q=0.1", "application/dicom+json"),
        (XML, None),
        ('multipart/related; type="application/dicom+json"', None),
        ("text/xml", None),
    ],
)
def test_the_form_that_is_wanted_most_is_sent(
    filled: TestClient, owner: Person, accept: str, expected: str | None
) -> None:
    for path in (f"{STUDY}/metadata", "/dicomweb/studies"):
        answer = ask(filled, owner, path, accept)
        if expected is None:
            assert answer.status_code == 406, path
        else:
            assert answer.headers["content-type"].partition("; boundary")[0] == expected, path
            assert "Accept" in answer.headers["vary"]


def test_one_instance_can_be_told_bare(filled: TestClient, owner: Person) -> None:
    answer = ask(filled, owner, f"{INSTANCE}/metadata", XML)
    assert answer.headers["content-type"] == XML
    (expected,) = in_json(filled, owner, f"{INSTANCE}/metadata", f"{SERVER}{INSTANCE}/")
    assert read_native(answer.content) == expected
    packed = ask(filled, owner, f"{INSTANCE}/metadata", XML, packed=True)
    assert packed.headers["content-encoding"] == "gzip"
    assert read_native(packed.content) == expected


def test_a_guest_reads_in_xml_what_was_shared_and_no_more(story: Story) -> None:
    shared = story.share()
    cookie = open_share(shared)
    ct = story.dataset
    same: dict[str, Any] = {
        name: ct.get(name) for name in ("PatientID", "PatientName", "PatientBirthDate")
    }
    story.add(a_file(7, series=9, StudyInstanceUID=ct.StudyInstanceUID, **same))
    path = f"/studies/{ct.StudyInstanceUID}/metadata"
    root = story.under(shared, path, cookie).request.url.path.removesuffix(path)
    got = story.web.get(
        f"{root}{path}",
        params={"accept": IN_PARTS},
        headers={"Cookie": f"__Host-guest={cookie}"},
    )
    ((_, document),) = parts_of(got)
    told = read_native(document)
    assert told["", "00080018"] == ("UI", [ct.SOPInstanceUID])
    assert told["", "7FE00010"][1][1].startswith(f"{SERVER}{root}/studies/")
