"""Every valid object, of libraries and made for the occasion, comes back as it went in."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from io import BytesIO

import pytest
from pydicom.encaps import generate_frames
from starlette.testclient import TestClient

from cast import Person, make_person, multipart
from made import made_files
from made_compressed import VIDEO
from oracle import model_by_pydicom
from safelight.dicom.reading.index import Header, index
from safelight.dicom.reasons import Reason
from safelight.dicom.registry.tags import ENCAPSULATED_DOCUMENT
from safelight.dicom.source import BytesSource
from safelight.records.accounts.models import Kind
from samples import LEFT_OUT, Sample, all_files

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

_FAILED = "00081198"
_STORED = "00081199"
# Pixels that cannot be shown are answered 406, never 500.
_NO_PICTURE = 406
HIDDEN = {
    "JPEG2000-embedded-sequence-delimiter.dcm",  # its only frame is broken
    *VIDEO,
    "jpeg-xl",
}
"""What has frames that are given as they are, but cannot be shown here."""


class Shelf:
    """Stores samples so that no two of one vault share a UID or disagree about a person."""

    def __init__(self, web: TestClient) -> None:
        self._web = web
        self._people: list[tuple[Person, set[str], dict[str, tuple[str, str]]]] = []

    def put(self, sample: Sample, header: Header) -> Person:
        person = self._person_for(header)
        body, headers = multipart(sample.data)
        answer = self._web.post("/dicomweb/studies", content=body, headers=headers | person.headers)
        assert answer.status_code == 200, (sample.name, answer.text)
        return person

    def _person_for(self, header: Header) -> Person:
        sop, study = header.sop_instance_uid, header.study_instance_uid
        patient = (header.text(0x00100021), header.text(0x00100020))
        for person, uids, patients in self._people:
            if sop not in uids and patients.get(study, patient) == patient:
                uids.add(sop)
                patients[study] = patient
                return person
        person = make_person(f"Owner Number {len(self._people)}", Kind.INDIVIDUAL)
        self._people.append((person, {sop}, {study: patient}))
        return person


def stored(web: TestClient) -> Iterator[tuple[Sample, Header, Person, str]]:
    """Store every valid sample, and yield it with its owner and its address."""
    shelf = Shelf(web)
    for sample in (*all_files(), *made_files()):
        if sample.name in LEFT_OUT:
            continue
        header = index(BytesSource(sample.data))
        person = shelf.put(sample, header)
        address = (
            f"/dicomweb/studies/{header.study_instance_uid}"
            f"/series/{header.series_instance_uid}/instances/{header.sop_instance_uid}"
        )
        yield sample, header, person, address


def dataset_sha(data: bytes) -> str:
    """Hash the data set of a file as pydicom would find it: after the file meta group."""
    header = index(BytesSource(data))
    start = header.dataset_offset
    return hashlib.sha256(data[start : start + header.data_size]).hexdigest()


def test_every_valid_object_comes_back_as_it_went_in(web: TestClient) -> None:
    seen: Counter[str] = Counter()
    hidden = set()
    for sample, header, person, address in stored(web):
        seen["tried"] += 1
        expect_the_same_data_set(web, sample, header, person, address)
        metadata = web.get(address + "/metadata", headers=person.headers)
        assert metadata.status_code == 200, sample.name
        ours = metadata.json()[0]
        assert ours == model_by_pydicom(BytesIO(sample.twin or sample.data), ours), sample.name
        expected = frames_by_pydicom(sample, header)
        expect_frames(web, sample, expected, person, address)
        shown = expect_a_picture_or_a_reason(web, sample, header, person, address)
        seen[shown] += 1
        if expected and shown != "picture":
            hidden.add(sample.name)
    assert hidden == HIDDEN
    assert seen["tried"] > 330
    assert seen["picture"] > 260
    assert seen["document"] >= 2
    assert seen["nothing"] > 20


def expect_a_picture_or_a_reason(
    web: TestClient, sample: Sample, header: Header, person: Person, address: str
) -> str:
    """Ask for the object's looks; return what it has: a picture, a document or nothing to see."""
    paper = header.elements.get(ENCAPSULATED_DOCUMENT)
    found = "nothing"
    series = address.rpartition("/instances")[0]
    for asked in ("rendered", "thumbnail", "frames/1/rendered", "../thumbnail"):
        at = f"{series}/thumbnail" if asked.startswith("..") else f"{address}/{asked}"
        got = web.get(at, headers=person.headers)
        assert got.status_code in {200, 404, _NO_PICTURE}, (sample.name, asked, got.text)
        if got.status_code == 200 and asked == "rendered":
            found = "picture" if got.content.startswith(b"\xff\xd8\xff") else "document"
            assert paper is None or got.content in sample.data, sample.name
            assert found == "picture" or paper is not None, sample.name
    return found


def expect_the_same_data_set(
    web: TestClient, sample: Sample, header: Header, person: Person, address: str
) -> None:
    got = web.get(address, headers=person.headers | {"Accept": "application/dicom"})
    assert got.status_code == 200, sample.name
    assert got.content[128:132] == b"DICM", sample.name
    assert dataset_sha(got.content) == dataset_sha(sample.data), sample.name
    # Nothing follows the data set, whatever stood behind it.
    end = header.dataset_offset + header.data_size
    assert sample.data[:end].endswith(got.content[-header.data_size :]), sample.name


def expect_frames(
    web: TestClient, sample: Sample, expected: list[bytes], person: Person, address: str
) -> None:
    asked = person.headers | {"Accept": "application/octet-stream"}
    if not expected:
        assert web.get(f"{address}/frames/1", headers=asked).status_code == _NO_PICTURE
        return
    for number in {1, len(expected)}:
        got = web.get(f"{address}/frames/{number}", headers=asked)
        assert got.status_code == 200, (sample.name, got.text)
        assert got.content == expected[number - 1], (sample.name, number)
    beyond = web.get(f"{address}/frames/{len(expected) + 1}", headers=asked)
    assert beyond.status_code == 404, sample.name


def test_what_is_left_out_is_refused_with_its_reason(web: TestClient, owner: Person) -> None:
    left_out = [sample for sample in all_files() if sample.name in LEFT_OUT]
    assert {sample.name for sample in left_out} == set(LEFT_OUT)
    body, headers = multipart(*(sample.data for sample in left_out))
    answer = web.post("/dicomweb/studies", content=body, headers=headers | owner.headers)
    assert answer.status_code == 409, answer.text
    failures = answer.json()[_FAILED]["Value"]
    for sample, failure in zip(left_out, failures, strict=True):
        assert failure["00081197"]["Value"] == [0xC000], sample.name
        reason = Reason(LEFT_OUT[sample.name])
        assert failure["00080119"]["Value"][0].startswith(reason.explanation), sample.name
    assert _STORED not in answer.json()


def frames_by_pydicom(sample: Sample, header: Header) -> list[bytes]:
    """Cut the pixels into frames without any code of ours."""
    data_set = sample.read()
    pixels = next(
        (
            bytes(data_set[name].value or b"")
            for name in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
            if name in data_set
        ),
        b"",
    )
    if not pixels or "Rows" not in data_set:
        return []
    frames = int(getattr(data_set, "NumberOfFrames", 1) or 1)
    if header.pixels is not None and header.pixels.encapsulated:
        return list(generate_frames(pixels, number_of_frames=frames))
    bits = data_set.Rows * data_set.Columns * data_set.get("SamplesPerPixel", 1)
    bits *= {"FloatPixelData": 32, "DoubleFloatPixelData": 64}.get(
        next((n for n in ("FloatPixelData", "DoubleFloatPixelData") if n in data_set), ""),
        data_set.get("BitsAllocated", 8),
    )
    if bits * frames > len(pixels) * 8:  # subsampled colour
        bits = len(pixels) * 8 // frames
    # A frame that begins or ends inside a byte, or a word of swapped bytes, brings all of it.
    unit = 16 if "big_endian" in sample.name and data_set.get("BitsAllocated") == 8 else 8
    return [
        pixels[number * bits // unit * unit // 8 : -(-(number + 1) * bits // unit) * unit // 8]
        for number in range(frames)
    ]
