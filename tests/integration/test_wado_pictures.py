"""Pictures made for the screen: at every level, small and large, whole and in part."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from starlette.testclient import TestClient

from asking import INSTANCE, SERIES, STUDY, parts_of, store
from cast import Person
from objects import a_file, an_object, uid, written

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

WARNING = "299 http://localhost:8000/dicomweb: The following annotation values are not supported: "


def corners() -> Dataset:
    """Return a picture of 16 by 16, bright in the upper left quarter, and a second frame, dark."""
    made = an_object(1)
    bright = np.zeros((16, 16), "<u2")
    bright[:8, :8] = 1000
    made.NumberOfFrames = 2
    made.PixelData = bright.tobytes() + bytes(512)
    made.WindowCenter, made.WindowWidth = 500, 1000
    return made


def picture(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("L")


@pytest.fixture
def filled(web: TestClient, owner: Person) -> TestClient:
    """Store a report, a series of a picture of two frames and a plain one, and a document."""
    report = an_object(1, series=2, PixelData=None, Rows=None, Columns=None, Modality="SR")
    paper = an_object(
        1, series=3, PixelData=None, Rows=None, Columns=None, Modality="DOC",
        SOPClassUID="1.2.840.10008.5.1.4.1.1.104.1",
        MIMETypeOfEncapsulatedDocument="application/pdf",
        EncapsulatedDocument=b"%PDF-1.4 hello\n\0", EncapsulatedDocumentLength=15,
    )  # fmt: skip
    store(web, owner, written(report), written(corners()), a_file(2), written(paper))
    return web


def test_one_picture_stands_for_every_level(filled: TestClient, owner: Person) -> None:
    for path in (STUDY, SERIES, INSTANCE, f"{INSTANCE}/frames/2"):
        for kind in ("rendered", "thumbnail"):
            got = filled.get(f"{path}/{kind}", headers=owner.headers)
            assert got.status_code == 200, (path, kind, got.text)
            assert got.headers["content-type"] == "image/jpeg"
            assert got.headers["cache-control"] == "private, no-store"
            assert picture(got.content).size == ((16, 16) if kind == "rendered" else (256, 256))
    bright = picture(filled.get(f"{INSTANCE}/thumbnail", headers=owner.headers).content)
    dark = picture(filled.get(f"{INSTANCE}/frames/2/thumbnail", headers=owner.headers).content)
    assert np.asarray(bright).max() > 200
    assert np.asarray(dark).max() < 20
    small = filled.get(f"{SERIES}/thumbnail?viewport=32,32", headers=owner.headers)
    assert picture(small.content).size == (32, 32)


def test_every_picture_comes_in_parts_where_parts_are_asked_for(
    filled: TestClient, owner: Person
) -> None:
    headers = owner.headers | {"Accept": 'multipart/related; type="image/png"'}
    expected = {STUDY: 3, SERIES: 3, INSTANCE: 2, f"{INSTANCE}/frames/2,1,2": 3}
    for path, count in expected.items():
        got = filled.get(f"{path}/rendered", headers=headers)
        assert got.status_code == 200, got.text
        parts = parts_of(got)
        assert [kind for kind, _ in parts] == ["image/png"] * count, path
        assert all(data.startswith(b"\x89PNG") for _, data in parts)
    found = filled.get(f"{INSTANCE}/frames/2,1/rendered", headers=headers)
    dark, bright = (int(np.asarray(picture(data)).max()) for _, data in parts_of(found))
    assert dark < bright
    assert f"/instances/{uid(1, 1, 1)}/frames/2/rendered".encode() in found.content
    both = f"{INSTANCE}/frames/1,2/rendered"
    assert filled.get(both, headers=owner.headers | {"Accept": "image/png"}).status_code == 406
    assert len(parts_of(filled.get(both, headers=owner.headers))) == 2


def test_a_part_of_the_image_fills_the_viewport(filled: TestClient, owner: Person) -> None:
    def shown(viewport: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        got = filled.get(
            f"{INSTANCE}/rendered?viewport={viewport}",
            headers=owner.headers | {"Accept": "image/png"},
        )
        assert got.status_code == 200, got.text
        return np.asarray(picture(got.content))

    assert shown("8,8,0,0,8,8").min() > 250
    assert shown("8,8,8,8,8,8").max() < 5
    assert shown("40,40,0,0,8,8").shape == (40, 40)
    whole, turned = shown("16,16,0,0,16,16"), shown("16,16,0,0,-16,-16")
    assert (int(whole[0, 0]), int(whole[15, 15])) == (255, 0)
    assert (int(turned[0, 0]), int(turned[15, 15])) == (0, 255)
    assert (shown("16,16,,,,") == whole).all()
    assert shown("8,8,12,12,8,8").max() < 5  # reaches over the edge


def test_what_cannot_be_done_to_a_picture_is_said(filled: TestClient, owner: Person) -> None:
    for query in (
        "viewport=8,8,100,100,8,8", "viewport=8,8,0,0,0,8", "viewport=8,8,a", "iccprofile=yes",
        "viewport=8,8,0,0,8,8,8", "iccprofile=srgb", "annotation=everything",
    ):  # fmt: skip
        got = filled.get(f"{INSTANCE}/rendered?{query}", headers=owner.headers)
        assert got.status_code == 400, (query, got.text)
        assert got.headers["content-type"] == "application/problem+json"


def test_annotations_are_not_drawn_and_the_answer_says_so(
    filled: TestClient, owner: Person
) -> None:
    got = filled.get(
        f"{INSTANCE}/rendered?annotation=patient,technique&iccprofile=no", headers=owner.headers
    )
    assert got.status_code == 200
    assert got.headers["warning"] == WARNING + "patient,technique"


def test_a_document_is_shown_as_what_it_is(filled: TestClient, owner: Person) -> None:
    paper = f"{STUDY}/series/{uid(1, 3)}/instances/{uid(1, 3, 1)}"
    for accept in ("application/pdf", "*/*", "image/jpeg, application/pdf;q=0.5"):
        got = filled.get(f"{paper}/rendered", headers=owner.headers | {"Accept": accept})
        assert got.status_code == 200, got.text
        assert got.headers["content-type"] == "application/pdf"
        assert got.headers["content-disposition"] == "attachment"
        assert got.content == b"%PDF-1.4 hello\n"
    for accept in ("image/jpeg", "text/xml"):
        got = filled.get(f"{paper}/rendered", headers=owner.headers | {"Accept": accept})
        assert got.status_code == 406
    report = f"{STUDY}/series/{uid(1, 2)}"
    for path in (f"{report}/rendered", f"{report}/instances/{uid(1, 2, 1)}/thumbnail"):
        assert filled.get(path, headers=owner.headers).json()["code"] == "no_pixels"
    pdf = filled.get(f"{INSTANCE}/rendered", headers=owner.headers | {"Accept": "application/pdf"})
    assert pdf.status_code == 406
