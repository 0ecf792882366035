"""Whole objects change their transfer syntax frame by frame, behind the walls."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator

import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID, RLELossless

from objects import an_object
from safelight.dicom.pictures.encoding import encode
from safelight.dicom.pixels.layout import DecodedFrame, PixelModule
from safelight.dicom.reading.index import index
from safelight.dicom.registry import transfer_syntaxes as syntax
from safelight.dicom.source import BytesSource
from safelight.platform.cage.cage import Cage
from safelight.platform.cage.errors import CageError
from safelight.platform.cage.pool import Pool

SIDE, FRAMES = 512, 40


@pytest.fixture(scope="module")
def cage() -> Iterator[Cage]:
    made = Cage(Pool(size=1))
    yield made
    made.close()


@pytest.fixture(scope="module")
def values() -> np.ndarray[tuple[int, ...], np.dtype[np.uint16]]:
    drawn = np.random.default_rng(3).integers(0, 4096, (FRAMES, SIDE, SIDE), dtype="<u2")
    return np.asarray(drawn, dtype=np.uint16)


@pytest.fixture(scope="module")
def film(values: np.ndarray[tuple[int, ...], np.dtype[np.uint16]]) -> bytes:
    pixels = PixelModule(rows=SIDE, columns=SIDE, bits_stored=12, high_bit=11)
    frames = [
        encode(DecodedFrame(pixels, frame.tobytes()), syntax.RLE_LOSSLESS).data for frame in values
    ]
    made = an_object(Rows=SIDE, Columns=SIDE, NumberOfFrames=FRAMES, BitsStored=12, HighBit=11)
    made.PixelData = encapsulate(frames)
    made["PixelData"].VR = "OB"
    made["PixelData"].is_undefined_length = True
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = RLELossless
    out = io.BytesIO()
    dcmwrite(out, made, enforce_file_format=True)
    return out.getvalue()


@pytest.mark.parametrize("into", [syntax.EXPLICIT_LITTLE, syntax.JPEG_LS_LOSSLESS])
def test_a_film_is_transcoded_in_flat_memory(
    cage: Cage,
    film: bytes,
    values: np.ndarray[tuple[int, ...], np.dtype[np.uint16]],
    into: str,
) -> None:
    whole = io.BytesIO()
    for piece in cage.transcode(BytesSource(film), into):
        whole.write(piece)
    whole.seek(0)
    after = pydicom.dcmread(whole)
    assert after.file_meta.TransferSyntaxUID == UID(into)
    assert np.array_equal(after.pixel_array, values)
    tracemalloc.start()
    try:
        pieces = cage.transcode(BytesSource(film), into)
        assert sum(map(len, pieces)) == whole.getbuffer().nbytes
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * values[0].nbytes  # a frame on its way in, in the pipes and on its way out
    assert whole.getbuffer().nbytes > 10 * values[0].nbytes


def test_a_broken_frame_in_the_middle_ends_the_film_with_a_named_error(
    cage: Cage, film: bytes
) -> None:
    header = index(BytesSource(film))
    assert header.pixels is not None
    at = header.pixels.fragments[10].offset
    pieces = cage.transcode(
        BytesSource(film[:at] + bytes(64) + film[at + 64 :]), syntax.EXPLICIT_LITTLE
    )
    with pytest.raises(CageError):
        list(pieces)
    assert sum(map(len, cage.transcode(BytesSource(film), syntax.EXPLICIT_LITTLE))) > len(film) // 2
