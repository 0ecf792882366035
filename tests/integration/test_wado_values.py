"""How long values and pictures for the screen can be had."""

from __future__ import annotations

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from asking import (
    INSTANCE,
    OCTETS,
    SERIES,
    STUDY,
    parts_of,
    sample,
    store,
    stored_sample,
)
from cast import Person
from objects import a_file, an_object, element, written

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def follow(web: TestClient, person: Person, at: str, address: str, accept: str = "*/*") -> Response:
    """Fetch a bulk data address as it stands in the metadata of `at`."""
    base = f"{at}/metadata".rpartition("/")[0]
    return web.get(f"{base}/{address}", headers=person.headers | {"Accept": accept})


def test_bulk_data_can_be_followed_from_every_level(web: TestClient, owner: Person) -> None:
    secret = bytes(range(256)) * 8
    private = element(0x0009, 0x0010, b"LO", b"TESTS ") + element(0x0009, 0x1010, b"OB", secret)
    whole = a_file()
    at = whole.index(b"\x10\x00\x10\x00PN")
    store(web, owner, whole[:at] + private + whole[at:])
    for base in (STUDY, SERIES, INSTANCE):
        model = web.get(f"{base}/metadata", headers=owner.headers).json()[0]
        got = follow(web, owner, base, model["00091010"]["BulkDataURI"])
        assert got.status_code == 200, got.text
        assert got.content == secret
        assert got.headers["content-type"] == OCTETS
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["content-disposition"] == "attachment"
        pixels = follow(web, owner, base, model["7FE00010"]["BulkDataURI"])
        assert pixels.content == an_object().PixelData
    several = follow(web, owner, INSTANCE, "bulkdata/00091010", f"multipart/related; type={OCTETS}")
    assert parts_of(several) == [(OCTETS, secret)]
    refused = follow(web, owner, INSTANCE, "bulkdata/00091010", "text/html")
    assert refused.status_code == 406


def test_an_encapsulated_document_is_an_attachment_whatever_it_says_it_is(
    web: TestClient, owner: Person
) -> None:
    page = b"<html><script>alert(1)</script></html>".ljust(4000, b" ")
    made = an_object(Rows=None, Columns=None, PixelData=None, BitsAllocated=None)
    made.SOPClassUID = "1.2.840.10008.5.1.4.1.1.104.1"
    made.MIMETypeOfEncapsulatedDocument = "text/html"
    made.EncapsulatedDocument = page
    store(web, owner, written(made))
    model = web.get(f"{INSTANCE}/metadata", headers=owner.headers).json()[0]
    got = follow(web, owner, INSTANCE, model["00420011"]["BulkDataURI"])
    assert got.content == page
    assert got.headers["content-type"] == OCTETS
    assert got.headers["content-disposition"] == "attachment"
    assert "sandbox" in got.headers["content-security-policy"]
    for path in ("/rendered", "/frames/1", "/frames/1/rendered"):
        assert web.get(INSTANCE + path, headers=owner.headers).status_code == 406
    assert web.get(f"{SERIES}/thumbnail", headers=owner.headers).status_code == 406


def test_bulk_data_of_compressed_pixels_comes_frame_by_frame(
    web: TestClient, owner: Person
) -> None:
    at = stored_sample(web, owner, "MR_small_RLE.dcm")
    frame = web.get(f"{at}/frames/1", headers=owner.headers | {"Accept": OCTETS}).content
    got = follow(web, owner, at, "bulkdata/7fe00010", f"multipart/related; type={OCTETS}")
    assert [data for _, data in parts_of(got)] == [frame]


def test_bulk_data_of_a_deflated_object_is_inflated(web: TestClient, owner: Person) -> None:
    at = stored_sample(web, owner, "image_dfl.dcm")
    pixels = sample("image_dfl.dcm").read().PixelData
    got = follow(web, owner, at, "bulkdata/7fe00010")
    assert got.content == pixels


def test_a_thumbnail_stands_for_the_first_series_with_pictures(
    web: TestClient, owner: Person
) -> None:
    report = an_object(1, series=1, PixelData=None, Rows=None, Columns=None, Modality="SR")
    store(web, owner, written(report), a_file(1, series=2))
    got = web.get(f"{STUDY}/thumbnail", headers=owner.headers)
    assert got.status_code == 200, got.text
    assert got.content.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200),
        ("?viewport=100,50", 200),
        ("?window=40,400,linear", 200),
        ("?window=40,400,linear-exact", 200),
        ("?quality=1", 200),
        ("?viewport=0,50", 400),
        ("?viewport=inf,50", 400),
        ("?viewport=9e99,1", 400),
        ("?viewport=9000,1", 400),
        ("?window=nan,1,linear", 400),
        ("?window=1,0,linear", 400),
        ("?window=1,2,cubic", 400),
        ("?window=1", 400),
        ("?quality=0", 400),
        ("?quality=%C2%B2", 400),
        ("?quality=101", 400),
    ],
)
def test_a_picture_is_made_as_asked_or_the_fault_is_named(
    web: TestClient, owner: Person, query: str, status: int
) -> None:
    store(web, owner, a_file())
    got = web.get(f"{INSTANCE}/rendered{query}", headers=owner.headers)
    assert got.status_code == status, got.text


@pytest.mark.parametrize(
    ("accept", "kind", "start"),
    [
        ("image/png", "image/png", b"\x89PNG"),
        ("image/webp,image/*;q=0.8", "image/webp", b"RIFF"),
        ("image/jpeg", "image/jpeg", b"\xff\xd8\xff"),
        ("*/*", "image/jpeg", b"\xff\xd8\xff"),
    ],
)
def test_a_picture_has_the_type_that_was_asked_for(
    web: TestClient, owner: Person, accept: str, kind: str, start: bytes
) -> None:
    store(web, owner, a_file())
    got = web.get(f"{INSTANCE}/rendered", headers=owner.headers | {"Accept": accept})
    assert got.headers["content-type"] == kind
    assert got.content.startswith(start)
