"""A spoiled frame costs its own job at most, and the pool is whole again afterwards."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cache

import pytest

from fuzzing import PIECES, numbers, spoiled_frame, survived
from made import made_files
from safelight.dicom.json.model import to_json
from safelight.dicom.pixels.frames import frame_table
from safelight.dicom.pixels.layout import PixelModule
from safelight.dicom.reading.index import index
from safelight.dicom.registry import transfer_syntaxes as syntax
from safelight.dicom.source import BytesSource
from safelight.platform.cage.cage import Cage
from safelight.platform.cage.errors import CageError
from safelight.platform.cage.pool import Pool

FRAMES = 5_000
SECONDS = 10.0


@pytest.fixture
def cage() -> Iterator[Cage]:
    made = Cage(Pool(size=2))
    yield made
    made.close()


@cache
def sound_frames() -> tuple[tuple[bytes, PixelModule, str], ...]:
    """Return the first frame of every compressed image that was made for the tests."""
    found = []
    for sample in made_files():
        source = BytesSource(sample.data)
        header = index(source)
        encapsulated = header.pixels is not None and header.pixels.encapsulated
        if encapsulated and syntax.can_be_decoded(header.transfer_syntax):
            (first, *_) = frame_table(header, source).frames
            frame = b"".join(source.read(*piece) for piece in first)
            found.append((frame, PixelModule.from_json(to_json(header)), header.transfer_syntax))
    return tuple(found)


def try_all(cage: Cage, piece: int) -> None:
    done = 0
    for number in numbers(FRAMES, piece):
        frame, pixels, uid = sound_frames()[number % len(sound_frames())]
        spoiled = spoiled_frame(number, frame)
        began = time.monotonic()
        try:
            if number % 3:
                data = cage.decode(spoiled, pixels, transfer_syntax=uid, seconds=SECONDS).data
                assert len(data) == pixels.decoded_bytes
            else:
                assert cage.render(spoiled, pixels, transfer_syntax=uid, seconds=SECONDS)
            done += 1
        except CageError as error:
            assert str(error)  # noqa: PT017  (either outcome is right)
        assert time.monotonic() - began < 2 * SECONDS, (number, uid)
    assert done
    for frame, pixels, uid in sound_frames():
        assert cage.decode(frame, pixels, transfer_syntax=uid).data
    survived("frames", len(numbers(FRAMES, piece)), piece)


def test_spoiled_frames_cost_a_job_each_at_most(cage: Cage) -> None:
    assert {uid for _, _, uid in sound_frames()} >= {
        syntax.JPEG_BASELINE, syntax.JPEG_EXTENDED, syntax.JPEG_LOSSLESS, syntax.HTJ2K,
        syntax.JPEG_LS_LOSSLESS, syntax.JPEG_2000_LOSSLESS, syntax.RLE_LOSSLESS,
        syntax.DEFLATED_FRAME,
    }  # fmt: skip
    try_all(cage, 0)


@pytest.mark.long
@pytest.mark.parametrize("piece", range(1, PIECES))
def test_many_more_spoiled_frames_do(cage: Cage, piece: int) -> None:
    try_all(cage, piece)
