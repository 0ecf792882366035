"""What lies in a store under two people's exams, for those who harm it and for those who ask?"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import obstore
from django.conf import settings
from httpx2 import Response
from starlette.testclient import TestClient

import bases
from cast import Person, multipart
from objects import a_file, uid
from safelight.platform.storage.sweep import packs
from safelight.records.imaging.models import Instance
from tampering_packs import Harmed


class Shelf:
    """The store as whoever owns the disk or the bucket sees it."""

    def __init__(self) -> None:
        self._prefix = settings.SAFELIGHT_STORE_URL.partition("?")[0].rpartition("/")[2]

    def names(self) -> list[str]:
        if bases.ON_POSTGRES:
            found = obstore.list(bases.objects().bucket(), f"{self._prefix}/packs").collect()
            return [each["path"].removeprefix(f"{self._prefix}/") for each in found]
        return list(packs(Path(settings.SAFELIGHT_DATA)))

    def read(self) -> dict[str, bytes]:
        if bases.ON_POSTGRES:
            bucket = bases.objects().bucket()
            return {
                name: bytes(obstore.get(bucket, f"{self._prefix}/{name}").bytes())
                for name in self.names()
            }
        return {name: (Path(settings.SAFELIGHT_DATA) / name).read_bytes() for name in self.names()}

    def write(self, name: str, content: bytes | None) -> None:
        if bases.ON_POSTGRES:
            bucket, key = bases.objects().bucket(), f"{self._prefix}/{name}"
            if content is None:
                obstore.delete(bucket, key)
            else:
                obstore.put(bucket, key, content)
            return
        path = Path(settings.SAFELIGHT_DATA) / name
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)


@dataclass
class Archive:
    """Two people's exams in several packs, and the files they came from."""

    web: TestClient
    people: tuple[Person, Person]
    shelf: Shelf = field(default_factory=Shelf)
    files: dict[str, tuple[Person, bytes]] = field(default_factory=dict)  # by address
    at: dict[UUID, str] = field(default_factory=dict)  # the address of an object
    whose: dict[str, str] = field(default_factory=dict)
    dead: list[bytes] = field(default_factory=list)
    older: dict[str, bytes] = field(default_factory=dict)
    sound: dict[str, bytes] = field(default_factory=dict)

    def send(self, person: Person, study: int, numbers: tuple[int, ...], **changes: Any) -> None:  # noqa: ANN401 (elements)
        known = set(Instance.objects.values_list("id", flat=True))
        made = {number: a_file(number, study=study, **changes) for number in numbers}
        body, headers = multipart(*made.values())
        sent = self.web.post("/dicomweb/studies", content=body, headers=person.headers | headers)
        assert sent.status_code == 200, sent.text
        new = Instance.objects.exclude(id__in=known).order_by("arrival")
        for row, (number, data) in zip(new, made.items(), strict=True):
            address = f"/dicomweb/studies/{uid(study)}/series/{uid(study, 1)}/instances/"
            self.at[row.id] = address + uid(study, 1, number)
            self.files[self.at[row.id]] = (person, data)
            self.whose[row.pack] = str(person.account.pk)

    def rows(self) -> list[Instance]:
        return list(Instance.objects.order_by("arrival"))

    def harm(self, harmed: Harmed) -> None:
        for name, content in harmed.items():
            self.shelf.write(name, content)

    def heal(self, harmed: Harmed) -> None:
        for name in harmed:
            self.shelf.write(name, self.sound[name])

    def damaged(self, harmed: Harmed) -> dict[UUID, str]:
        """Compare the bytes at each object's place with those that were stored."""
        found = {}
        for row in self.rows():
            if row.pack in harmed:
                span = slice(row.offset, row.offset + row.length)
                now = harmed[row.pack]
                if now is None:
                    found[row.id] = "pack-missing"
                elif now[span] != self.sound[row.pack][span]:
                    found[row.id] = "broken"
        return found

    def is_altered_served(self, object_id: UUID) -> bool:
        """Ask for an object in three ways: does anything come that is not what was stored?"""
        address = self.at[object_id]
        person, data = self.files[address]
        for path, accept in _ways(address):
            got = self._asked(person, path, accept)
            if got is None:
                continue
            if got.status_code >= 400:
                assert b"Berg" not in got.content
            elif not self._is_true(path, data, got.content):
                return True
        return False

    def is_served_whole(self, object_id: UUID) -> bool:
        """Ask for an object in the same ways: does what was stored come by each?"""
        address = self.at[object_id]
        person, data = self.files[address]
        answers = [self._asked(person, path, accept) for path, accept in _ways(address)]
        whole, frame, study = [each.content for each in answers if each and each.status_code == 200]
        return whole == data and bool(frame) and frame in data and data in parts(study)

    def _asked(self, person: Person, path: str, accept: str) -> Response | None:
        try:
            return self.web.get(path, headers=person.headers | {"Accept": accept})
        except Exception:  # noqa: BLE001 (a stream that ends before its end is an error here)
            return None

    def _is_true(self, path: str, data: bytes, got: bytes) -> bool:
        if path.endswith("/frames/1"):
            return got in data
        if "/instances/" in path:
            return data.startswith(got)
        whole = [file for address, (_, file) in self.files.items() if address.startswith(path)]
        return all(any(file.startswith(part) for file in whole) for part in parts(got))


def _ways(address: str) -> tuple[tuple[str, str], ...]:
    """Return by which addresses, and as what, an object is asked for."""
    return (
        (address, "application/dicom"),
        (f"{address}/frames/1", "application/octet-stream"),
        (address.partition("/series/")[0], 'multipart/related; type="application/dicom"'),
    )


def parts(body: bytes) -> list[bytes]:
    """Cut a multipart answer, which may end too early, into what its parts hold."""
    boundary = body.partition(b"\r\n")[0]
    pieces = body.split(b"\r\n" + boundary)
    return [piece.partition(b"\r\n\r\n")[2] for piece in pieces if b"\r\n\r\n" in piece]
