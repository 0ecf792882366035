"""Nothing that could run leaves with a picture."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from starlette.testclient import TestClient

from asking import (
    address,
)
from cast import Person, multipart
from objects import an_object, uid, written
from safelight.exchange.access.parties import party_of
from safelight.exchange.release.viewing.download import download
from safelight.kernel import clock
from safelight.records.accounts.actors import actor_of_token
from safelight.records.imaging.models import Study

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

ZIP = b"PK\x03\x04 a program hidden behind the picture"


POLYGLOTS = {
    "pe": b"MZ\x90\0" + b"\x01" * 56 + struct.pack("<I", 128) + b"code",
    "elf": b"\x7fELF\x02\x01\x01" + b"\x02" * 90,
    "html": b"<html><script>alert(1)</script><!--",
    "shell": b"#!/bin/sh\nrm -rf ~\n",
    "pdf": b"%PDF-1.7\n1 0 obj<</OpenAction 2 0 R>>",
    "jar": b"PK\x03\x04 almost a jar",
}


@pytest.mark.parametrize("kind", sorted(POLYGLOTS))
def test_no_way_out_carries_a_program_in_the_preamble_or_behind_the_data_set(
    web: TestClient, owner: Person, kind: str
) -> None:
    armed = written(an_object(), preamble=POLYGLOTS[kind].ljust(128, b"\x03")[:128])
    body, headers = multipart(armed + ZIP)
    stored = web.post("/dicomweb/studies", content=body, headers=headers | owner.headers)
    assert stored.status_code == 200, stored.text
    clean = bytes(128) + armed[128:]
    asked = owner.headers
    single = web.get(address(), headers=asked | {"Accept": "application/dicom"})
    assert single.content == clean
    assert single.headers["content-disposition"] == "attachment"
    study = f"/dicomweb/studies/{uid(1)}"
    for at in (address(), f"{study}/series/{uid(1, 1)}", study):
        several = web.get(at, headers=asked | {"Accept": "multipart/related"})
        assert clean in several.content
        assert POLYGLOTS[kind] not in several.content
        assert ZIP not in several.content
    party = party_of(actor_of_token(owner.token, at=clock.now()))
    study_id = Study.objects.get().id
    whole = b"".join(download(party, study_id, now=clock.now).pieces)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dcm")]
        assert archive.read(name) == clean


def test_a_tiff_header_in_the_preamble_stays(web: TestClient, owner: Person) -> None:
    dual = written(an_object(), preamble=b"II*\0\x84\0\0\0".ljust(128, b"\0"))
    body, headers = multipart(dual)
    assert (
        web.post("/dicomweb/studies", content=body, headers=headers | owner.headers).status_code
        == 200
    )
    got = web.get(address(), headers=owner.headers | {"Accept": "application/dicom"})
    assert got.content == dual
