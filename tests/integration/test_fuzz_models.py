"""Spoiled metadata is answered by name, and what was kept of it is whole and can be shown."""

from __future__ import annotations

import resource
import time

import orjson
import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from asking import STORED, URL
from cast import Person
from fuzzing import PIECES, numbers
from safelight.dicom.pixels.frames import frame_table
from safelight.dicom.reading.index import index
from safelight.dicom.source import BytesSource
from spoiled_models import MODELS, in_parts, sound_load, spoiled_load

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

LOADS = 2_000
SECONDS = 10.0
MOST_MEMORY = 256 << 10  # KiB
ALWAYS = ("", "/metadata")
OTHER_FORMS = ("/rendered?viewport=20,20", "/frames/1", "/bulkdata/7fe00010", "/thumbnail")


def stored(answer: Response) -> list[str]:
    """Return the addresses of what was kept."""
    if answer.status_code not in {200, 202}:
        return []
    kept = answer.json().get(STORED, {}).get("Value", [])
    return [each[URL]["Value"][0].removeprefix("http://localhost:8000") for each in kept]


def look_at(web: TestClient, person: Person, path: str, number: int) -> None:
    """Ask for an object as it is, described, and in one form more: none may be a fault of ours."""
    for asked in ("", "/metadata", OTHER_FORMS[number % len(OTHER_FORMS)]):
        accept = {"Accept": "application/dicom"} if not asked else {}
        began = time.monotonic()
        got = web.get(path + asked, headers=person.headers | accept)
        assert time.monotonic() - began < SECONDS, path + asked
        assert got.status_code == 200 if asked in ALWAYS else got.status_code < 500, got.text
        if not asked:
            source = BytesSource(got.content)
            header = index(source)
            frame_table(header, source)
            assert path.endswith(header.sop_instance_uid)


def store_all(web: TestClient, person: Person, piece: int) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wanted, kept = numbers(LOADS, piece), 0
    for number in wanted:
        body, headers = spoiled_load(number)
        began = time.monotonic()
        answer = web.post("/dicomweb/studies", content=body, headers=headers | person.headers)
        assert answer.status_code < 500, (number, answer.text)
        assert time.monotonic() - began < SECONDS, number
        for path in stored(answer):
            look_at(web, person, path, number)
            kept += 1
    assert len(wanted) // 10 < kept
    found = web.get("/dicomweb/instances?includefield=all&limit=1000", headers=person.headers)
    assert found.status_code == 200
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_MEMORY


def test_sound_metadata_is_kept_and_shown(web: TestClient, owner: Person) -> None:
    kept = 0
    for number in range(40):
        model, values = sound_load(number)
        body, headers = in_parts([(MODELS, "", orjson.dumps([model])), *values])
        answer = web.post("/dicomweb/studies", content=body, headers=headers | owner.headers)
        assert answer.status_code in {200, 409}, answer.text
        for path in stored(answer):
            look_at(web, owner, path, number)
            kept += 1
    assert kept > 30


def test_spoiled_metadata_is_answered_and_what_is_kept_is_whole(
    web: TestClient, owner: Person
) -> None:
    store_all(web, owner, 0)


@pytest.mark.long
@pytest.mark.parametrize("piece", range(1, PIECES))
def test_much_more_spoiled_metadata_is(web: TestClient, owner: Person, piece: int) -> None:
    store_all(web, owner, piece)
