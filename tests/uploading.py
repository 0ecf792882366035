"""A browser that is signed in, and what it sends."""

from __future__ import annotations

import base64
import hashlib
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.contrib.auth import SESSION_KEY
from httpx2 import Response
from starlette.testclient import TestClient

from cast import Person
from safelight.dicom.phantom.exams import ChestExam, PhantomPatient, chest_slices
from safelight.kernel import clock
from safelight.records.accounts.sessions import AAL, AUTH_AT, SessionStore

ORIGIN = "http://localhost:8000"
TUS = {"Tus-Resumable": "1.0.0"}
ATTESTED = {"whose": "mine", "accurate": True}
FOR_A_PATIENT = {"whose": "patient", "accurate": True, "basis": "brought-by-patient"}
"""What is declared by somebody of an institution."""


@dataclass
class Browser:
    """What one person's browser does at our own pages."""

    client: TestClient
    cookies: str = ""
    token: str = ""
    tus: dict[str, str] = field(default_factory=lambda: dict(TUS))

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": self.cookies, "Origin": ORIGIN, "X-CSRF-Token": self.token}

    def ask(self, method: str, path: str, **request: Any) -> Response:  # noqa: ANN401 (the client's own)
        headers = self.headers | request.pop("headers", {})
        return self.client.request(method, path, headers=headers, **request)

    def open_batch(self, **changes: object) -> str:
        asked = {
            "channel": "web",
            "attestation": ATTESTED,
            "other_name_choice": None,
            "expected": {"files": 1, "bytes": 1},
        }
        answer = self.ask("POST", "/uploads/batches", json=asked | changes)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["batch"])

    def create(self, batch: str, length: int) -> Response:
        metadata = f"batch {base64.b64encode(batch.encode()).decode()}"
        headers = self.tus | {"Upload-Length": str(length), "Upload-Metadata": metadata}
        return self.ask("POST", "/uploads", headers=headers)

    def add(self, address: str, offset: int, piece: bytes, **headers: str) -> Response:
        own = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        return self.ask("PATCH", address, headers=self.tus | own | headers, content=piece)

    def offset(self, address: str) -> int:
        answer = self.ask("HEAD", address, headers=self.tus)
        assert answer.status_code == 200
        return int(answer.headers["Upload-Offset"])

    def send(self, batch: str, data: bytes) -> dict[int, dict[str, Any]]:
        """Send a bundle whole and return the verdicts by number."""
        address = self.create(batch, len(data)).headers["Location"]
        assert self.add(address, 0, data).status_code == 204
        verdicts = self.ask("GET", address + "/verdicts").json()
        assert verdicts["state"] == "done"
        return {each["n"]: each for each in verdicts["files"]}


def browser_of(client: TestClient, person: Person) -> Browser:
    session = SessionStore()
    session.create()
    session[SESSION_KEY] = str(person.account.pk)
    session[AAL] = 2
    session[AUTH_AT] = clock.now().isoformat()
    session.save()
    token = secrets.token_hex(16)
    return Browser(client, f"__Host-session={session.session_key}; __Host-csrf={token}", token)


def manifest_line(number: int, data: bytes, kind: str = "dicom", **more: object) -> dict[str, Any]:
    digest = hashlib.sha256(data).hexdigest()
    return {"n": number, "size": len(data), "sha256": digest, "kind": kind} | more


def bundle(*files: tuple[dict[str, Any], bytes]) -> bytes:
    manifest = orjson.dumps({"files": [line for line, _ in files]})
    head = b"SLBNDL1\n" + struct.pack(">I", len(manifest)) + manifest
    return head + b"".join(data for _, data in files)


def pictures(name: str = "Owner^Olga", count: int = 2) -> list[bytes]:
    patient = PhantomPatient(name=name, patient_id="P1", birth_date="19740503", sex="F")
    return list(chest_slices(ChestExam(patient=patient, slices=count, size=32)))


def bundled(*data: bytes) -> bytes:
    return bundle(*((manifest_line(n, each), each) for n, each in enumerate(data)))
