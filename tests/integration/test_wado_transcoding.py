"""Objects and frames in another transfer syntax than they came in, where that is asked for."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from starlette.testclient import TestClient

from asking import EXPLICIT, INSTANCE, SERIES, STUDY, parts_of, sample, store, stored_sample
from cast import Person
from objects import a_file
from safelight.dicom.registry import transfer_syntaxes as syntax

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

DICOM = "application/dicom"
LOSSY = syntax.JPEG_BASELINE
SAMPLES = (
    "JPEG-LL.dcm", "MR_small_jp2klossless.dcm", "emri_small_big_endian.dcm", "image_dfl.dcm",
    "rtplan.dcm", "SC_rgb_rle_2frame.dcm",
)  # fmt: skip


def asked(into: str, kind: str = DICOM) -> dict[str, str]:
    return {"Accept": f"{kind}; transfer-syntax={into}"}


def test_every_object_can_be_had_in_plain_little_endian(web: TestClient, owner: Person) -> None:
    for name in SAMPLES:
        at = stored_sample(web, owner, name)
        got = web.get(at, headers=owner.headers | asked(EXPLICIT))
        assert got.status_code == 200, (name, got.text)
        assert got.headers["content-type"] == f"{DICOM}; transfer-syntax={EXPLICIT}"
        made, came = dcmread(io.BytesIO(got.content)), sample(name).read()
        assert made.file_meta.TransferSyntaxUID == EXPLICIT
        assert made.SOPInstanceUID == came.SOPInstanceUID
        if "PixelData" in came:
            assert np.array_equal(made.pixel_array, came.pixel_array), name
        stored = web.get(at, headers=owner.headers | {"Accept": DICOM})
        assert stored.content[132:] == sample(name).data[132:][: len(stored.content) - 132], name


def test_pixels_are_written_without_loss_or_not_at_all(web: TestClient, owner: Person) -> None:
    # JPEG 2000 halves a picture five times, so it must be larger than the others here.
    plain = np.arange(64 * 64, dtype="<u2").reshape(64, 64)
    large: dict[str, Any] = {"Rows": 64, "Columns": 64, "PixelData": plain.tobytes()}
    store(web, owner, a_file(1, **large), a_file(2, **large))
    for into, kind in {
        syntax.JPEG_LS_LOSSLESS: "image/jls",
        syntax.JPEG_2000_LOSSLESS: "image/jp2",
        syntax.RLE_LOSSLESS: "image/dicom-rle",
    }.items():
        got = web.get(INSTANCE, headers=owner.headers | asked(into))
        assert got.status_code == 200, (into, got.text)
        made = dcmread(io.BytesIO(got.content))
        assert made.file_meta.TransferSyntaxUID == into
        assert np.array_equal(made.pixel_array, plain)
        for accept in (kind, f"{kind}; transfer-syntax={into}"):
            frame = web.get(f"{INSTANCE}/frames/1", headers=owner.headers | {"Accept": accept})
            assert frame.headers["content-type"] == f"{kind}; transfer-syntax={into}"
            assert frame.content != plain.tobytes()
    several = f'multipart/related; type="{DICOM}"; transfer-syntax={syntax.RLE_LOSSLESS}'
    for path in (STUDY, SERIES):
        parts = parts_of(web.get(path, headers=owner.headers | {"Accept": several}))
        assert [kind for kind, _ in parts] == [
            f"{DICOM}; transfer-syntax={syntax.RLE_LOSSLESS}"
        ] * 2
    for path, kind in ((INSTANCE, DICOM), (STUDY, DICOM), (f"{INSTANCE}/frames/1", "image/jpeg")):
        assert web.get(path, headers=owner.headers | asked(LOSSY, kind)).status_code == 406


def test_what_is_stored_comes_wherever_it_is_accepted(web: TestClient, owner: Person) -> None:
    at = stored_sample(web, owner, "MR_small_RLE.dcm")
    rle = f"transfer-syntax={syntax.RLE_LOSSLESS}"
    both = f"{DICOM}; transfer-syntax={EXPLICIT}, {DICOM}; {rle};q=0.1"
    for accept in (both, f"{DICOM}; transfer-syntax=*", f"{both}, {DICOM};q=0.01"):
        got = web.get(at, headers=owner.headers | {"Accept": accept})
        assert got.headers["content-type"] == f"{DICOM}; {rle}"
    bare = f"multipart/related; type={DICOM}; {rle}, {both}"
    assert (
        web.get(at, headers=owner.headers | {"Accept": bare})
        .headers["content-type"]
        .startswith("multipart/related")
    )
    head = web.head(at, headers=owner.headers | asked(EXPLICIT))
    assert (head.status_code, head.content) == (200, b"")
    assert "content-length" not in head.headers
