"""In which forms pictures and their descriptions can be had."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from starlette.testclient import TestClient

from asking import (
    EXPLICIT,
    INSTANCE,
    OCTETS,
    SERIES,
    STUDY,
    parts_of,
    store,
    stored_sample,
)
from cast import Person
from objects import a_file, uid
from safelight.exchange.access.actions import admit_account
from story import Story, another_ct

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.mark.parametrize(
    ("accept", "single"),
    [
        ("application/dicom", True),
        ("application/dicom; transfer-syntax=*", True),
        (f'application/dicom; transfer-syntax="{EXPLICIT}"', True),
        (f"application/dicom; transfer-syntax={EXPLICIT}", True),
        ("application/*", True),
        ("*/*", False),
        ("multipart/related", False),
        ('multipart/related; type="application/dicom"', False),
        ("multipart/related; type=application/dicom; transfer-syntax=*", False),
        (f'multipart/related; type="application/dicom"; transfer-syntax="{EXPLICIT}"', False),
        ("image/jpeg;q=0.9, multipart/related; type=application/dicom; q=0.5", False),
        ("text/html, application/dicom;q=0.8", True),
        ("application/dicom;q=0.2, multipart/related;q=0.9", False),
    ],
)
def test_an_object_comes_bare_or_in_parts_as_asked(
    web: TestClient, owner: Person, accept: str, *, single: bool
) -> None:
    store(web, owner, a_file())
    got = web.get(INSTANCE, headers=owner.headers | {"Accept": accept})
    assert got.status_code == 200, got.text
    if single:
        assert got.headers["content-type"] == f"application/dicom; transfer-syntax={EXPLICIT}"
        assert got.headers["content-length"] == str(len(a_file()))
        assert got.content == a_file()
    else:
        expected = [(f"application/dicom; transfer-syntax={EXPLICIT}", a_file())]
        assert parts_of(got) == expected


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "image/png",
        "application/dicom;q=0",
        "multipart/related; type=image/jpeg",
        "application/dicom; transfer-syntax=1.2.840.10008.1.2.4.70",
    ],
)
def test_what_cannot_be_given_is_406(web: TestClient, owner: Person, accept: str) -> None:
    store(web, owner, a_file())
    got = web.get(INSTANCE, headers=owner.headers | {"Accept": accept})
    assert got.status_code == 406, got.content[:200]


def test_a_study_and_a_series_come_whole(web: TestClient, owner: Person) -> None:
    files = [a_file(1), a_file(2), a_file(1, series=2)]
    store(web, owner, *files)
    assert [data for _, data in parts_of(web.get(STUDY, headers=owner.headers))] == files
    assert [data for _, data in parts_of(web.get(SERIES, headers=owner.headers))] == files[:2]


def test_what_is_not_there_is_404(web: TestClient, owner: Person) -> None:
    store(web, owner, a_file())
    for path in (
        "/dicomweb/studies/1.2.3", f"{STUDY}/series/1.2.3", f"{SERIES}/instances/1.2.3",
        f"{INSTANCE}/frames/2", f"{INSTANCE}/frames/999999999", f"{INSTANCE}/bulkdata/00091010",
        f"{INSTANCE}/bulkdata/x", f"{INSTANCE}/bulkdata/7fe00010/1/00100010",
        f"{STUDY}/series/{uid(1, 2)}/instances/{uid(1, 1, 1)}", f"{INSTANCE}/nothing",
        f"{STUDY}/series/{uid(1, 1)}/nothing", "/dicomweb/nothing",
    ):  # fmt: skip
        got = web.get(path, headers=owner.headers)
        assert got.status_code == 404, path


@pytest.mark.parametrize(
    "number",
    ["0", "-1", "x", "1,,2", "1,0", "%C2%B2", "1_0", "+1", "9" * 5000],
    ids=lambda value: value[:8],
)
def test_frame_numbers_that_are_none_are_400(web: TestClient, owner: Person, number: str) -> None:
    store(web, owner, a_file())
    got = web.get(f"{INSTANCE}/frames/{number}", headers=owner.headers)
    assert got.status_code == 400, got.text


def test_frames_come_in_the_order_asked(web: TestClient, owner: Person) -> None:
    store(web, owner, a_file(NumberOfFrames=4, PixelData=b"".join(
        bytes([number]) * 512 for number in range(4)
    )))  # fmt: skip
    accept = {"Accept": f"multipart/related; type={OCTETS}"}
    got = web.get(f"{INSTANCE}/frames/3,1,3", headers=owner.headers | accept)
    assert [data[:1] for _, data in parts_of(got)] == [b"\2", b"\0", b"\2"]
    kinds = {kind for kind, _ in parts_of(got)}
    assert kinds == {f"{OCTETS}; transfer-syntax={EXPLICIT}"}
    one = web.get(f"{INSTANCE}/frames/2", headers=owner.headers | {"Accept": OCTETS})
    assert one.content == b"\1" * 512
    beyond = web.get(f"{INSTANCE}/frames/1,5", headers=owner.headers)
    assert beyond.status_code == 404


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (f"multipart/related; type={OCTETS}; transfer-syntax=*", OCTETS),
        (f'multipart/related; type="{OCTETS}"; transfer-syntax=1.2.840.10008.1.2.4.90', OCTETS),
        ("multipart/related; type=image/jp2", "image/jp2"),
        ("image/jpeg, image/jp2;q=0.9", "image/jp2"),
        ("*/*", OCTETS),
    ],
)
def test_a_compressed_frame_comes_as_it_is_stored(
    web: TestClient, owner: Person, accept: str, kind: str
) -> None:
    at = stored_sample(web, owner, "MR_small_jp2klossless.dcm")
    got = web.get(f"{at}/frames/1", headers=owner.headers | {"Accept": accept})
    assert got.status_code == 200, got.text
    whole = f"{kind}; transfer-syntax=1.2.840.10008.1.2.4.90"
    data = got.content
    if got.headers["content-type"].startswith("multipart"):
        ((found, data),) = parts_of(got)
        assert found == whole
    else:
        assert got.headers["content-type"] == whole
    assert data.startswith(b"\xff\x4f\xff\x51")


def test_a_compressed_frame_is_decoded_where_native_pixels_are_asked_for(
    web: TestClient, owner: Person
) -> None:
    at = stored_sample(web, owner, "MR_small_jp2klossless.dcm")
    accept = f"multipart/related; type={OCTETS}; transfer-syntax={EXPLICIT}"
    got = web.get(f"{at}/frames/1", headers=owner.headers | {"Accept": accept})
    plain = dcmread(Path(str(get_testdata_file("MR_small.dcm")))).PixelData
    assert parts_of(got) == [(f"{OCTETS}; transfer-syntax={EXPLICIT}", plain)]
    other = f"multipart/related; type={OCTETS}; transfer-syntax=1.2.840.10008.1.2.4.50"
    assert web.get(f"{at}/frames/1", headers=owner.headers | {"Accept": other}).status_code == 406


def test_metadata_is_packed_where_the_caller_can_unpack(web: TestClient, owner: Person) -> None:
    store(web, owner, a_file(1), a_file(2))
    for at in (STUDY, SERIES, INSTANCE):
        plain = web.get(f"{at}/metadata", headers=owner.headers | {"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        with web.stream(
            "GET", f"{at}/metadata", headers=owner.headers | {"Accept-Encoding": "gzip"}
        ) as packed:
            assert packed.headers["content-encoding"] == "gzip"
            assert gzip.decompress(b"".join(packed.iter_raw())) == plain.content
    assert len(web.get(f"{SERIES}/metadata", headers=owner.headers).json()) == 2
    refused = web.get(f"{SERIES}/metadata", headers=owner.headers | {"Accept": "application/pdf"})
    assert refused.status_code == 406


def test_ones_own_copy_stands_before_one_that_was_shared(story: Story, stranger: Person) -> None:
    story.add(another_ct(SOPInstanceUID="1.2.3.1", SeriesInstanceUID="1.2.3"))
    shared = story.share()
    admit_account(shared.consent_id, stranger.account.pk)
    there = f"/dicomweb/studies/{story.dataset.StudyInstanceUID}/series"
    assert len(story.web.get(there, headers=stranger.headers).json()) == 1
    store(story.web, stranger, another_ct(SOPInstanceUID="1.2.3.1", SeriesInstanceUID="1.2.3"))
    (own,) = story.web.get(there, headers=stranger.headers).json()
    assert own["0020000E"]["Value"] == ["1.2.3"]
