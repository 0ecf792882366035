"""Is what was kept of a delivery whole, and can it be shown in every form?"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager

from httpx2 import Response
from starlette.testclient import TestClient

from asking import STORED, URL
from cast import Person
from safelight.dicom.pixels.frames import frame_table
from safelight.dicom.reading.index import index
from safelight.dicom.source import BytesSource

SECONDS = 10.0
"""The longest that one item may take (security.md 4.2)."""
MOST_MEMORY = 256 << 10  # KiB
_ALWAYS = ("", "/metadata")
_OTHERS = ("/rendered?viewport=20,20", "/frames/1", "/bulkdata/7fe00010", "/thumbnail")


def stored_at(answer: Response) -> list[str]:
    """Return the addresses of what was kept of a delivery."""
    if answer.status_code not in {200, 202}:
        return []
    kept = answer.json().get(STORED, {}).get("Value", [])
    return [each[URL]["Value"][0].removeprefix("http://localhost:8000") for each in kept]


def look_at(web: TestClient, person: Person, path: str, number: int) -> bytes:
    """Ask for an object as it is, described, and in one form more; return it as it is."""
    found = b""
    for asked in (*_ALWAYS, _OTHERS[number % len(_OTHERS)]):
        accept = {"Accept": "application/dicom"} if not asked else {}
        with soon(path + asked):
            got = web.get(path + asked, headers=person.headers | accept)
        assert got.status_code == 200 if asked in _ALWAYS else got.status_code < 500, (
            number,
            path + asked,
            got.text,
        )
        found = found or got.content
    source = BytesSource(found)
    header = index(source)
    frame_table(header, source)
    assert path.endswith(header.sop_instance_uid)
    return found


def data_set(data: bytes) -> bytes:
    """Return a file without its preamble and file meta group, which may be written anew."""
    return data[index(BytesSource(data)).dataset_offset :]


@contextmanager
def soon(what: object) -> Iterator[None]:
    """Let something take no longer than one item may."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < SECONDS, what


@contextmanager
def in_little_memory() -> Iterator[None]:
    """Let this process hold not much more than before."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_MEMORY
