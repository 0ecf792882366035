"""Do codecs of other makers read the same values out of every frame?

Compressed frames go through imagecodecs (libjpeg-turbo 3, CharLS, OpenJPEG, OpenJPH and a
run-length decoder of its own), whole files through GDCM, and where dcmtk is installed
through dcmdjpeg, dcmdjpls and dcmdrle. What went into the made images is known anyway.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import warnings
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import gdcm
import imagecodecs
import numpy as np
import pydicom
import pytest

from made import frames_that_went_in, made_files
from safelight.dicom.json.bulk import bulk_value
from safelight.dicom.json.model import to_json
from safelight.dicom.pictures.decoding import stored_values
from safelight.dicom.pixels.frames import frame_table
from safelight.dicom.pixels.layout import PixelModule
from safelight.dicom.reading.index import Header, UnreadableError, index
from safelight.dicom.registry import transfer_syntaxes as syntax
from safelight.dicom.source import BytesSource
from samples import LEFT_OUT, Sample, all_files

Array = np.ndarray[Any, Any]
MOST_FRAMES = 3  # of one file: a film's frames are all made alike
JPEG = {
    syntax.JPEG_BASELINE, syntax.JPEG_EXTENDED, syntax.JPEG_LOSSLESS, syntax.JPEG_LOSSLESS_SV1,
}  # fmt: skip
JPEG_LS = {syntax.JPEG_LS_LOSSLESS, syntax.JPEG_LS_NEAR_LOSSLESS}
J2K = {syntax.JPEG_2000, syntax.JPEG_2000_LOSSLESS}
HTJ2K = {syntax.HTJ2K, syntax.HTJ2K_LOSSLESS, syntax.HTJ2K_LOSSLESS_RPCL}
TOLERANCE = {syntax.JPEG_BASELINE: 2, syntax.JPEG_EXTENDED: 1, syntax.JPEG_2000: 1, syntax.HTJ2K: 1}
"""Where the Standard leaves the decoder its rounding; everything else is equal."""

LARGEST = 300_000  # bytes of a file that is read more than once
BEYOND = {
    "JPEG2000-embedded-sequence-delimiter.dcm": "its only frame is broken",
}
CONTRADICTORY = {
    "SC_jpeg_no_color_transform.dcm": "the header says YBR, the JPEG stream RGB: pydicom judges",
}
BEYOND_DCMTK = {
    "jpeg-lossless-wide": "dcmtk 3.6.7 keeps 12 of the 16 bits of a lossless JPEG stream",
    "jpeg-lossless-sv1-wide": "the same",
}
DCMTK = {
    **dict.fromkeys(JPEG, "dcmdjpeg"),
    **dict.fromkeys(JPEG_LS, "dcmdjpls"),
    syntax.RLE_LOSSLESS: "dcmdrle",
}


@pytest.fixture(autouse=True)
def _others_may_warn() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@cache
def with_frames() -> list[Any]:
    """Return every distinct file whose frames can be decoded."""
    seen: set[bytes] = set()
    found = []
    for sample in (*all_files(), *made_files()):
        if sample.name in LEFT_OUT or sample.name in BEYOND or sample.data in seen:
            continue
        header = index(BytesSource(sample.data))
        if header.pixels and header.text(0x00280010) and decodes(header):
            seen.add(sample.data)
            found.append(pytest.param(sample, id=sample.name))
    return found


def decodes(header: Header) -> bool:
    return syntax.can_be_decoded(header.transfer_syntax)


def ours(sample: Sample) -> tuple[Header, PixelModule, list[bytes], list[Array]]:
    source = BytesSource(sample.data)
    header = index(source)
    data = header.dataset or source
    model = to_json(header)
    pixels = PixelModule.from_json(model, bulk=lambda path: bulk_value(source, path))
    frames, values = [], []
    for number, pieces in enumerate(frame_table(header, source).frames[:MOST_FRAMES], 1):
        frame = b"".join(data.read(*piece) for piece in pieces)
        about = PixelModule.from_json(model, frame=number)
        frames.append(frame)
        values.append(stored_values(frame, about, header.transfer_syntax))
    return header, pixels, frames, values


def by_imagecodecs(frame: bytes, uid: str, pixels: PixelModule) -> Array | None:
    shape: tuple[int, ...] = (pixels.rows, pixels.columns)
    if uid in JPEG:
        told: dict[str, Any] = {}
        if pixels.samples > 1:
            held = "YCBCR" if pixels.photometric.startswith("YBR") else "RGB"
            told = {"colorspace": held, "outcolorspace": "RGB"}
        return np.asarray(imagecodecs.jpeg8_decode(frame, **told))
    if uid in JPEG_LS:
        return np.asarray(imagecodecs.jpegls_decode(frame))
    if uid in J2K:
        return np.asarray(imagecodecs.jpeg2k_decode(frame))
    if uid in HTJ2K:
        return np.asarray(imagecodecs.htj2k_decode(frame))
    if uid == syntax.RLE_LOSSLESS and pixels.bits_allocated in {8, 16, 32}:
        kind = np.dtype(f"<{'i' if pixels.signed else 'u'}{pixels.bits_allocated // 8}")
        flat = np.frombuffer(imagecodecs.dicomrle_decode(frame, kind), kind)
        planes = flat[: pixels.samples * pixels.rows * pixels.columns]
        if pixels.samples == 1:
            return planes.reshape(shape)
        return np.moveaxis(planes.reshape(pixels.samples, *shape), 0, -1)
    return None


def distance(mine: Array, theirs: Array, pixels: PixelModule) -> int:
    """Return the largest difference, of the bits that are stored."""
    bits = min(pixels.bits_stored, mine.dtype.itemsize * 8)
    mask = (1 << bits) - 1
    apart = np.abs((mine.astype(np.int64) & mask) - (theirs.astype(np.int64) & mask))
    return int(apart.max())


def is_plain(pixels: PixelModule) -> bool:
    return pixels.samples == 1 or pixels.photometric == "RGB"


@pytest.mark.parametrize("sample", with_frames())
def test_imagecodecs_reads_the_same_values(sample: Sample) -> None:
    header, pixels, frames, values = ours(sample)
    if sample.name in CONTRADICTORY:
        return
    for frame, mine in zip(frames, values, strict=True):
        theirs = by_imagecodecs(frame, header.transfer_syntax, pixels)
        if theirs is None:
            return
        if theirs.shape != mine.shape:
            theirs = theirs.reshape(mine.shape)
        if header.transfer_syntax == syntax.RLE_LOSSLESS and not is_plain(pixels):
            return  # the samples are Y, Cb and Cr there, and RGB here: compared by pydicom below
        allowed = TOLERANCE.get(header.transfer_syntax, 0)
        assert distance(mine, theirs, pixels) <= allowed


@pytest.mark.parametrize("sample", with_frames())
def test_pydicom_or_gdcm_reads_the_same_values(sample: Sample, tmp_path: Path) -> None:
    header, pixels, _, values = ours(sample)
    theirs = by_pydicom(sample)
    if theirs is None:
        theirs = by_gdcm(sample, pixels, tmp_path)
    if theirs is None:
        assert header.transfer_syntax in ONLY_OURS
        return
    theirs = theirs.reshape(-1, *values[0].shape)
    for mine, other in zip(values, theirs, strict=False):
        if mine.dtype.kind == "f":
            assert np.array_equal(mine, other, equal_nan=True)
        else:
            assert distance(mine, other, pixels) <= TOLERANCE.get(header.transfer_syntax, 0)


ONLY_OURS = {syntax.DEFLATED_FRAME, syntax.ENCAPSULATED_PLAIN}
"""What pydicom and GDCM do not know yet; what went in is compared instead."""


def by_pydicom(sample: Sample) -> Array | None:
    try:
        return np.asarray(sample.read().pixel_array)
    except Exception:  # noqa: BLE001  (it has many ways to say no)
        return None


def by_gdcm(sample: Sample, pixels: PixelModule, folder: Path) -> Array | None:
    reader = gdcm.ImageReader()
    (folder / "sample").write_bytes(sample.data)
    reader.SetFileName(str(folder / "sample"))
    if not reader.Read():
        return None
    text = reader.GetImage().GetBuffer()
    if text is None:
        return None
    data = text.encode("utf-8", "surrogateescape")
    kind = np.dtype(f"<{'i' if pixels.signed else 'u'}{pixels.bits_allocated // 8}")
    return np.frombuffer(data, kind)


@pytest.mark.parametrize("name", sorted(frames_that_went_in()))
def test_what_went_in_comes_out(name: str) -> None:
    (sample,) = [each for each in made_files() if each.name == name]
    _, _, _, values = ours(sample)
    went_in = frames_that_went_in()[name]
    assert len(values) == len(went_in)
    for mine, theirs in zip(values, went_in, strict=True):
        assert np.array_equal(mine, theirs)


def test_every_syntax_has_been_read_by_another() -> None:
    seen: Counter[str] = Counter()
    for each in with_frames():
        (sample,) = each.values
        if len(sample.data) > LARGEST:
            continue
        header, pixels, frames, _ = ours(sample)
        if by_imagecodecs(frames[0], header.transfer_syntax, pixels) is not None:
            seen[header.transfer_syntax] += 1
    assert set(seen) == JPEG | JPEG_LS | J2K | HTJ2K | {syntax.RLE_LOSSLESS}


@pytest.mark.skipif(shutil.which("dcmdjpeg") is None, reason="dcmtk is not installed here")
def test_dcmtk_reads_the_same_values(tmp_path: Path) -> None:
    compared: Counter[str] = Counter()
    for each in with_frames():
        (sample,) = each.values
        tool = DCMTK.get(index(BytesSource(sample.data)).transfer_syntax)
        if tool is None or sample.name in BEYOND_DCMTK or len(sample.data) > LARGEST:
            continue
        header, pixels, _, values = ours(sample)
        theirs = by_dcmtk(tool, sample, tmp_path)
        if theirs is None:
            continue
        theirs = theirs.reshape(-1, *values[0].shape)
        for mine, other in zip(values, theirs, strict=False):
            allowed = TOLERANCE.get(header.transfer_syntax, 0)
            assert distance(mine, other, pixels) <= allowed, sample.name
        compared[tool] += 1
    assert all(compared[tool] >= 3 for tool in ("dcmdjpeg", "dcmdjpls", "dcmdrle")), compared


def by_dcmtk(tool: str, sample: Sample, folder: Path) -> Array | None:
    before, after = folder / "before", folder / "after"
    before.write_bytes(sample.data)
    after.unlink(missing_ok=True)
    done = subprocess.run([tool, str(before), str(after)], capture_output=True, check=False)
    if done.returncode or not after.exists():
        return None
    dataset = pydicom.dcmread(io.BytesIO(after.read_bytes()), force=True)
    try:
        return np.asarray(dataset.pixel_array)
    except (AttributeError, ValueError, UnreadableError):
        return None
