"""What goes in comes out, to its owner and to nobody else."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from starlette.testclient import TestClient

from cast import Person, multipart

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_a_stored_ct_is_found_seen_and_given_back_byte_for_byte(
    web: TestClient, owner: Person, stranger: Person
) -> None:
    path = Path(str(get_testdata_file("CT_small.dcm")))
    data = path.read_bytes()
    body, headers = multipart(data)
    stored = web.post("/dicomweb/studies", content=body, headers=headers | owner.headers)
    assert stored.status_code == 200, stored.text

    studies = web.get("/dicomweb/studies", headers=owner.headers).json()
    assert len(studies) == 1
    dataset = dcmread(path)
    address = (
        f"/dicomweb/studies/{dataset.StudyInstanceUID}/series/{dataset.SeriesInstanceUID}"
        f"/instances/{dataset.SOPInstanceUID}"
    )
    got = web.get(address, headers=owner.headers | {"Accept": "application/dicom"})
    assert got.status_code == 200
    assert hashlib.sha256(got.content[132:]).digest() == hashlib.sha256(data[132:]).digest()
    frame = web.get(
        address + "/frames/1", headers=owner.headers | {"Accept": "application/octet-stream"}
    )
    assert frame.content == dataset.PixelData
    metadata = web.get(address + "/metadata", headers=owner.headers).json()
    assert metadata[0]["00080018"]["Value"] == [dataset.SOPInstanceUID]
    picture = web.get(address + "/rendered", headers=owner.headers)
    assert picture.headers["content-type"] == "image/jpeg"

    for each in ("", "/metadata", "/frames/1", "/rendered"):
        refused = web.get(address + each, headers=stranger.headers)
        unknown = web.get(
            address.replace(str(dataset.SOPInstanceUID), "1.2.3") + each, headers=stranger.headers
        )
        assert refused.status_code == 404
        assert refused.content == unknown.content
    assert web.get("/dicomweb/studies", headers=stranger.headers).status_code == 204
    assert web.get(address).status_code == 401
