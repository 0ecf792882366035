"""One object by the older way of asking, in which the query says everything."""

from __future__ import annotations

import io

import pytest
from httpx2 import Response
from PIL import Image
from pydicom import dcmread
from starlette.testclient import TestClient

from asking import EXPLICIT, store
from cast import Person
from objects import a_file, an_object, uid, written
from story import Story, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

PATH = "/dicomweb/wado"
NAMED = {
    "requestType": "WADO", "studyUID": uid(1), "seriesUID": uid(1, 1), "objectUID": uid(1, 1, 1)
}  # fmt: skip


def ask(web: TestClient, person: Person, **more: str | int) -> Response:
    return web.get(PATH, params={**NAMED, **more}, headers=person.headers)


def size(got: Response) -> tuple[int, int]:
    assert got.status_code == 200, got.text
    return Image.open(io.BytesIO(got.content)).size


def test_an_object_comes_as_a_picture_or_as_a_file(web: TestClient, owner: Person) -> None:
    store(web, owner, a_file(NumberOfFrames=2, Rows=8))
    for content_type, kind in {
        "": "image/jpeg", "image/png": "image/png", "image/gif,image/jpeg": "image/jpeg",
        "application/dicom": f"application/dicom; transfer-syntax={EXPLICIT}",
    }.items():  # fmt: skip
        got = ask(web, owner, contentType=content_type)
        assert got.status_code == 200, got.text
        assert got.headers["content-type"] == kind
    assert ask(web, owner, contentType="application/dicom").content == a_file(
        NumberOfFrames=2, Rows=8
    )
    assert size(ask(web, owner)) == (16, 8)
    assert size(ask(web, owner, rows="4")) == (8, 4)
    assert size(ask(web, owner, columns="64", rows="64")) == (64, 32)
    assert size(ask(web, owner, region="0,0,0.5,1")) == (8, 8)
    second = ask(web, owner, frameNumber=2, windowCenter=2000, windowWidth=4000, imageQuality=50)
    assert second.content != ask(web, owner).content
    again = web.get(PATH, params=NAMED, headers=owner.headers | {"If-None-Match": "*"})
    assert again.status_code == 304


def test_a_file_comes_in_the_transfer_syntax_that_was_asked_for(
    web: TestClient, owner: Person
) -> None:
    store(web, owner, a_file())
    implicit = "1.2.840.10008.1.2"
    got = ask(web, owner, contentType="application/dicom", transferSyntax=implicit)
    assert got.headers["content-type"] == f"application/dicom; transfer-syntax={implicit}"
    read = dcmread(io.BytesIO(got.content))
    assert read.file_meta.TransferSyntaxUID == implicit
    assert read.PixelData == an_object().PixelData


FAULTS: list[tuple[dict[str, str], int]] = [
    ({"requestType": "MADO"}, 400), ({"requestType": ""}, 400), ({"objectUID": ""}, 400),
    ({"frameNumber": "0"}, 400), ({"frameNumber": "3"}, 404), ({"rows": "0"}, 400),
    ({"rows": "9000"}, 400), ({"windowCenter": "1"}, 400), ({"region": "0,0,2,1"}, 400),
    ({"region": "0.5,0,0.5,1"}, 400), ({"imageQuality": "0"}, 400), ({"anonymize": "yes"}, 400),
    ({"presentationUID": "1.2"}, 400), ({"annotation": "patient"}, 400),
    ({"contentType": "text/html"}, 406), ({"contentType": "application/pdf"}, 406),
    ({"contentType": "application/dicom", "transferSyntax": "1.2.840.10008.1.2.4.50"}, 406),
    ({"studyUID": "1.2.3"}, 404), ({"seriesUID": "1.2.3"}, 404), ({"objectUID": "1.2"}, 404),
]  # fmt: skip


def test_what_cannot_be_had_is_said(web: TestClient, owner: Person) -> None:
    store(web, owner, a_file())
    for more, status in FAULTS:
        got = ask(web, owner, **more)
        assert got.status_code == status, (more, got.text)
        assert got.headers["content-type"] == "application/problem+json"


def test_an_object_without_pictures_comes_as_a_file(web: TestClient, owner: Person) -> None:
    report = an_object(1, PixelData=None, Rows=None, Columns=None, Modality="SR")
    store(web, owner, written(report))
    assert ask(web, owner).headers["content-type"].startswith("application/dicom")
    assert ask(web, owner, contentType="image/jpeg").status_code == 406


def test_a_guest_may_look_by_it_and_a_stranger_may_not(story: Story, stranger: Person) -> None:
    ct = story.dataset
    named = (
        f"requestType=WADO&studyUID={ct.StudyInstanceUID}&seriesUID={ct.SeriesInstanceUID}"
        f"&objectUID={ct.SOPInstanceUID}"
    )
    shared = story.share()
    cookie = open_share(shared)
    assert story.under(shared, f"/wado?{named}", cookie).status_code == 200
    kept = story.under(shared, f"/wado?{named}&contentType=application/dicom", cookie)
    assert (kept.status_code, kept.json()["code"]) == (403, "look_only")
    refused = story.web.get(f"{PATH}?{named}", headers=stranger.headers)
    absent = story.web.get(
        f"{PATH}?{named.replace(ct.SOPInstanceUID, '1.2')}", headers=stranger.headers
    )
    assert (refused.status_code, refused.content) == (absent.status_code, absent.content)
    assert refused.status_code == 404
    assert story.web.get(f"{PATH}?{named}").status_code == 401
