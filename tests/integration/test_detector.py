"""Would the search of the data folder find what it looks for, if it were there?"""

from __future__ import annotations

import base64
import gzip
import random
import zlib
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
import zstandard

from detector import Detector
from safelight.kernel import clock
from safelight.platform.jobs.models import Job, State
from seeds import HEADER, PEOPLE, SEEDS


def test_there_are_enough_seeds_of_every_kind() -> None:
    assert len(SEEDS) >= 40 + 3


def test_the_detector_finds_what_was_planted(tmp_path: Path) -> None:
    detector = Detector(SEEDS)
    noise = random.Random(1).randbytes(1 << 16)  # noqa: S311 (no secret)
    assert detector.search(noise) == set()
    for number, seed in enumerate(SEEDS):
        for form in _planted(seed):
            path = tmp_path / f"{number % 256:02x}.pack"
            path.write_bytes(noise[: 1000 + number] + form + noise[:77])
            found = detector.search_files(tmp_path)
            assert seed in found.get(path.name, set()), (seed, form)
            path.unlink()
        data = seed if isinstance(seed, bytes) else seed.encode()
        for packed in _packed(data):
            assert seed in detector.search_unpacked(packed), seed
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "1.eml").write_text(PEOPLE["name"])
    assert detector.search_files(tmp_path, leave_out=[tmp_path / "mail"]) == {}
    (tmp_path / HEADER["PatientID"]).touch()
    assert detector.search_files(tmp_path, leave_out=[tmp_path / "mail"]) != {}


@pytest.mark.django_db(databases=["default", "keys"])
def test_the_detector_reads_rows() -> None:
    packed = base64.b64encode(zlib.compress(orjson.dumps({"x": [HEADER["PatientID"]]})))
    Job.objects.create(
        name="test.planted",
        ids={"note": packed.decode()},
        run_at=clock.now(),
        max_attempts=1,
        created_at=clock.now(),
        state=State.DEAD,
    )
    assert Detector(SEEDS).search_rows() == {"jobs_job.ids": {HEADER["PatientID"]}}


def _planted(seed: str | bytes) -> Iterator[bytes]:
    if isinstance(seed, str):
        yield from (seed.upper().encode(), seed.lower().encode("utf-16-be"), seed.encode()[::-1])
        yield seed.encode("utf-16-le")
    data = seed if isinstance(seed, bytes) else seed.encode()
    yield from (data, data.hex().encode(), data.hex().upper().encode())
    yield from (base64.b64encode(bytes(before) + data + b"zz") for before in range(3))


def _packed(data: bytes) -> Iterator[object]:
    yield gzip.compress(data)
    yield zstandard.compress(data)
    yield base64.urlsafe_b64encode(zlib.compress(b"some more words " + data)).decode()
    if data.isascii():
        yield memoryview(orjson.dumps({"a": [{"b": zlib.compress(data).hex()}, data.decode()]}))
