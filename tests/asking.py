"""How do the tests send things over DICOMweb, and ask for them again?"""

from __future__ import annotations

from email import message_from_bytes
from email.message import Message

from httpx2 import Response
from starlette.testclient import TestClient

from cast import Person, multipart
from objects import uid
from samples import Sample, all_files

STUDY = f"/dicomweb/studies/{uid(1)}"
SERIES = f"{STUDY}/series/{uid(1, 1)}"
INSTANCE = f"{SERIES}/instances/{uid(1, 1, 1)}"
OCTETS = "application/octet-stream"
EXPLICIT = "1.2.840.10008.1.2.1"
STORED, FAILED = "00081199", "00081198"
REASON, SENTENCE, URL = "00081197", "00080119", "00081190"


def send(web: TestClient, person: Person, *files: bytes, to: str = "/dicomweb/studies") -> Response:
    body, headers = multipart(*files)
    return web.post(to, content=body, headers=headers | person.headers)


def address(study: int = 1, series: int = 1, number: int = 1) -> str:
    return (
        f"/dicomweb/studies/{uid(study)}/series/{uid(study, series)}"
        f"/instances/{uid(study, series, number)}"
    )


def fetch(web: TestClient, person: Person, at: str) -> bytes:
    got = web.get(at, headers=person.headers | {"Accept": "application/dicom"})
    assert got.status_code == 200, got.text
    return got.content


def store(web: TestClient, person: Person, *files: bytes) -> None:
    body, headers = multipart(*files)
    answer = web.post("/dicomweb/studies", content=body, headers=headers | person.headers)
    assert answer.status_code == 200, answer.text


def parts_of(answer: Response) -> list[tuple[str, bytes]]:
    """Read a multipart answer with the standard library."""
    head = f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode()
    message = message_from_bytes(head + answer.content)
    assert message.is_multipart(), answer.headers
    found = []
    for part in message.get_payload():
        assert isinstance(part, Message)
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        found.append((part["Content-Type"], payload))
    return found


def sample(name: str) -> Sample:
    return next(each for each in all_files() if each.name == name)


def stored_sample(web: TestClient, person: Person, name: str) -> str:
    """Store a sample and return its address."""
    taken = sample(name)
    store(web, person, taken.data)
    read = taken.read()
    return (
        f"/dicomweb/studies/{read.StudyInstanceUID}/series/{read.SeriesInstanceUID}"
        f"/instances/{read.SOPInstanceUID}"
    )
