"""Do frames come out of every codec as pydicom's own reading has them?"""

from __future__ import annotations

import base64
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pydicom.data
import pytest
from pydicom.encaps import generate_frames

from safelight.dicom.pictures.decoding import decode, stored_values
from safelight.dicom.pictures.encoding import can_encode, encode
from safelight.dicom.pixels.layout import DecodedFrame, PixelModule
from safelight.dicom.reasons import Reason, UnreadableError
from safelight.dicom.registry import transfer_syntaxes as syntax

FOLDER = Path(pydicom.data.__file__).parent / "test_files"
CANNOT = {
    "MR_truncated.dcm": "its pixels are cut off",
    "JPEG2000-embedded-sequence-delimiter.dcm": "its only frame is broken",
    "badVR.dcm": "pydicom cannot write its JSON",
    "JPEG-lossy.dcm": "pydicom cannot read 12-bit JPEG without another codec",
    "JPGExtended.dcm": "pydicom cannot read 12-bit JPEG without another codec",
}


RAMP_IN_HTJ2K = base64.b64decode(
    "/0//UQApQAAAAAAYAAAAFAAAAAAAAAAAAAAAGAAAABQAAAAAAAAAAAABDwEB/1AACAACAAAACv9SAAwAAgABAAUE"
    "BEAB/1wAEyCIkJCQkJCQkJCQkJCQiIiI/2QAFwABT3BlbkpQSCBWZXIgMC4yNi4zLv+QAAoAAAAAAH4AAf+TwAAl"
    "mwUHdADAABLAABKA5gCHdADiAId0AMAAEcAAEYAbcwAA4wDAABPAABGAWvWM/st1ABQTAMAAFRAABUgkyd0jp0J2"
    "AMzMzPTeSb62AMAAKyAAFcAAAPDz+Cnp6enieQAEAAD+/01e/de/dey6AP/Z"
)  # made with OpenJPH: 20 rows of 24 values, three times row plus column


def names() -> list[str]:
    """Return the names of the files that hold an image with a transfer syntax."""
    found = []
    for path in sorted(FOLDER.glob("*.dcm")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            header = pydicom.dcmread(path, force=True, specific_tags=["Rows", "PixelData"])
        if "Rows" in header and "PixelData" in header and "TransferSyntaxUID" in header.file_meta:
            found.append(path.name)
    return found


@pytest.fixture(autouse=True)
def _pydicom_may_warn() -> Any:  # noqa: ANN401
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def first_frame(name: str) -> tuple[bytes, PixelModule, str, pydicom.Dataset]:
    dataset = pydicom.dcmread(FOLDER / name, force=True)
    long_values: dict[str, bytes] = {}

    def keep(element: Any) -> str:  # noqa: ANN401
        long_values[str(element.tag)] = element.value
        return str(element.tag)

    model = dataset.to_json_dict(bulk_data_threshold=1024, bulk_data_element_handler=keep)
    pixels = PixelModule.from_json(model, bulk=long_values.__getitem__)
    uid = dataset.file_meta.TransferSyntaxUID
    if uid.is_encapsulated:
        frame = next(generate_frames(dataset.PixelData, number_of_frames=pixels.frames))
    else:
        frame = dataset.PixelData[: pixels.native_bytes + pixels.native_bytes % 2]
    return frame, pixels, str(uid), dataset


@pytest.mark.parametrize("name", [name for name in names() if name not in CANNOT])
def test_a_frame_is_what_pydicom_reads(name: str) -> None:
    frame, pixels, transfer_syntax, dataset = first_frame(name)
    expected = dataset.pixel_array[0] if pixels.frames > 1 else dataset.pixel_array

    values = stored_values(frame, pixels, transfer_syntax)
    decoded = decode(frame, pixels, transfer_syntax)

    assert np.array_equal(values, expected)
    assert len(decoded.data) == pixels.decoded_bytes
    again = stored_values(decoded.data, decoded.pixels, syntax.EXPLICIT_LITTLE)
    if pixels.bits_allocated > 1:
        assert np.array_equal(again, expected)


def test_the_test_files_cover_every_syntax_that_is_decoded() -> None:
    seen = {first_frame(name)[2] for name in names() if name not in CANNOT}

    assert {
        syntax.RLE_LOSSLESS, syntax.JPEG_BASELINE, syntax.JPEG_LOSSLESS_SV1, syntax.JPEG_2000,
        syntax.JPEG_2000_LOSSLESS, syntax.JPEG_LS_LOSSLESS, syntax.JPEG_LS_NEAR_LOSSLESS,
        syntax.EXPLICIT_BIG, syntax.DEFLATED,
    } <= seen  # fmt: skip


def test_twelve_bit_jpeg_is_decoded() -> None:
    frame, pixels, transfer_syntax, _ = first_frame("JPGExtended.dcm")

    values = stored_values(frame, pixels, transfer_syntax)

    assert values.shape == (1024, 256)
    # as libjpeg-turbo 3 reads the same frame
    assert (int(values.min()), int(values.max())) == (0, 264)
    assert float(values.std()) == pytest.approx(21.614856, abs=1e-5)


@pytest.mark.parametrize(
    "into", [syntax.RLE_LOSSLESS, syntax.JPEG_LS_LOSSLESS, syntax.JPEG_2000_LOSSLESS]
)
@pytest.mark.parametrize("kind", ["<i2", "<u2", "u1", "rgb"])
def test_re_encoding_loses_nothing(into: str, kind: str) -> None:
    colour = kind == "rgb"
    stored = np.dtype("u1" if colour else kind)
    shape = (70, 66, 3) if colour else (70, 66)
    least, most = np.iinfo(stored).min, np.iinfo(stored).max
    values = np.random.default_rng(5).integers(least, most, shape, endpoint=True).astype(stored)
    bits = stored.itemsize * 8
    pixels = PixelModule(
        rows=70, columns=66, samples=3 if colour else 1,
        photometric="RGB" if colour else "MONOCHROME2", bits_allocated=bits,
        bits_stored=bits, high_bit=bits - 1, signed=stored.kind == "i",
    )  # fmt: skip

    packed = encode(DecodedFrame(pixels, values.tobytes()), into)

    assert decode(packed.data, packed.pixels, into).data == values.tobytes()


@pytest.mark.parametrize(
    "transfer_syntax", [syntax.HTJ2K, syntax.HTJ2K_LOSSLESS, syntax.HTJ2K_LOSSLESS_RPCL]
)
def test_high_throughput_jpeg_2000_is_decoded(transfer_syntax: str) -> None:
    values = stored_values(RAMP_IN_HTJ2K, PixelModule(rows=20, columns=24), transfer_syntax)

    assert np.array_equal(values, np.add.outer(np.arange(20), np.arange(24)) * 3)


def test_what_cannot_be_decoded_or_written_is_said_so() -> None:
    video = "1.2.840.10008.1.2.4.102"
    pixels = PixelModule(rows=8, columns=8)

    assert not syntax.can_be_decoded(video)
    assert not can_encode(syntax.JPEG_BASELINE)
    with pytest.raises(UnreadableError) as caught:
        decode(b"\0" * 128, pixels, video)
    assert caught.value.reason is Reason.BAD_PIXELS
    with pytest.raises(UnreadableError):
        encode(DecodedFrame(pixels, b"\0" * 128), syntax.JPEG_BASELINE)


def test_a_frame_of_another_size_than_declared_is_refused() -> None:
    frame, pixels, transfer_syntax, _ = first_frame("MR_small_RLE.dcm")
    larger = PixelModule.from_wire(pixels.to_wire() | {"rows": 640, "columns": 640})

    with pytest.raises(UnreadableError):
        stored_values(frame, larger, transfer_syntax)


def test_a_jpeg_ls_image_without_an_end_is_refused_at_once() -> None:
    # CharLS would look for the end for ever.
    frame, pixels, transfer_syntax, _ = first_frame("MR_small_jpeg_ls_lossless.dcm")
    assert stored_values(frame, pixels, transfer_syntax).shape == (pixels.rows, pixels.columns)
    for length in (len(frame) // 3, len(frame) - 40):
        with pytest.raises(UnreadableError) as caught:
            stored_values(frame[:length], pixels, transfer_syntax)
        assert caught.value.reason is Reason.PIXELS_TOO_SHORT
