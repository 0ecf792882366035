"""Does an object say the same, and show the same pixels, in another transfer syntax?"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pydicom
import pytest

from safelight.dicom.json.model import to_json
from safelight.dicom.pictures import decoding
from safelight.dicom.pictures.decoding import decode
from safelight.dicom.pictures.encoding import encode
from safelight.dicom.pixels.layout import DecodedFrame, PixelModule
from safelight.dicom.reading.index import Header, UnreadableError, index
from safelight.dicom.registry import tags
from safelight.dicom.registry import transfer_syntaxes as syntax
from safelight.dicom.source import BytesSource
from safelight.dicom.writing.transcoding import NATIVE, can_transcode, transcode
from samples import LEFT_OUT, Sample, all_files

TARGETS = (
    *sorted(NATIVE),
    syntax.RLE_LOSSLESS,
    syntax.JPEG_LS_LOSSLESS,
    syntax.JPEG_2000_LOSSLESS,
)
CHANGED = {
    "00280004": "photometric interpretation",
    "00280006": "planar configuration",
    "00280100": "bits allocated",
    "00280101": "bits stored",
    "00280102": "high bit",
    "00282110": "lossy image compression",
    "00282112": "lossy image compression ratio",
    "00282114": "lossy image compression method",
    "7FE00001": "extended offset table",
    "7FE00002": "extended offset table lengths",
    "7FE00010": "pixel data",
    "FFFCFFFC": "trailing padding",
}
LUT = {"00283006"}  # US or OW: who reads implicit data may choose
SMALLEST = 32  # the encoders of JPEG-LS and JPEG 2000 take no smaller pictures
BROKEN = "JPEG2000-embedded-sequence-delimiter.dcm"
LONGEST = 1 << 20  # larger ones say nothing new and take their time


def convert(frame: bytes, pixels: PixelModule, held: str, wanted: str) -> DecodedFrame:
    made = decode(frame, pixels, held)
    return made if wanted in NATIVE else encode(made, wanted)


def read(data: bytes) -> pydicom.FileDataset:
    return pydicom.dcmread(io.BytesIO(data), force=True)


@pytest.fixture(autouse=True)
def _pydicom_may_warn() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def some_files() -> list[Any]:
    seen: set[bytes] = set()
    found: list[Any] = []
    for sample in all_files():
        alike = sample.name.isdigit() and len(found) % 8  # slices of a series in folders
        wanted = sample.name not in LEFT_OUT and len(sample.data) < LONGEST and not alike
        if wanted and sample.data not in seen:
            seen.add(sample.data)
            found.append(pytest.param(sample, id=sample.name))
    return found


def pixels_of(dataset: pydicom.FileDataset) -> np.ndarray[Any, Any] | None:
    try:
        return np.asarray(dataset.pixel_array)
    except Exception:  # noqa: BLE001  (pydicom has many ways to say that there is nothing to see)
        return None


def said(data: bytes) -> dict[str, Any]:
    """Return what must not change, as our own JSON has it, which is pydicom's."""
    model = to_json(index(BytesSource(data)))
    return {key: value for key, value in model.items() if key not in CHANGED and key[4:] != "0000"}


def without_vrs(model: dict[str, Any]) -> dict[str, Any]:
    """Return a model as an implicit data set can still say it: of private elements, the tags."""
    found = {}
    for key, element in model.items():
        if not int(key[:4], 16) % 2 and key not in LUT:
            value = element.get("Value")
            items = element["vr"] == "SQ" and value is not None
            found[key] = [without_vrs(item) for item in value] if items else value
    return found


@pytest.mark.parametrize("sample", some_files())
def test_an_object_says_and_shows_the_same_in_every_syntax(sample: Sample) -> None:
    source = BytesSource(sample.data)
    header = index(source)
    before = read(sample.data)
    expected = pixels_of(before)
    for into in TARGETS:
        if not can_transcode(header, into):
            continue
        try:
            made = b"".join(transcode(source, into, convert=convert))
        except UnreadableError:
            tiny = (header.integer(tags.ROWS) or 0) < SMALLEST and into not in NATIVE
            assert tiny or sample.name == BROKEN
            continue
        after = read(made)
        assert after.file_meta.TransferSyntaxUID == into
        if into == syntax.IMPLICIT_LITTLE:
            assert without_vrs(said(made)) == without_vrs(said(sample.data))
        else:
            assert said(made) == said(sample.data), into
        again = index(BytesSource(made))
        assert again.transfer_syntax == into
        shown = pixels_of(after)
        if expected is not None:  # 12-bit JPEG is beyond pydicom
            assert shown is not None
            assert np.array_equal(shown, expected), into


def test_every_target_is_reached_by_images_of_every_source() -> None:
    reached: dict[str, set[str]] = {}
    for each in some_files():
        (sample,) = each.values
        header = index(BytesSource(sample.data))
        if header.pixels is None:
            continue
        for into in TARGETS:
            if can_transcode(header, into):
                reached.setdefault(header.transfer_syntax, set()).add(into)
    for source in (*decoding._PLUGINS, *NATIVE):
        if source in {syntax.HTJ2K, syntax.HTJ2K_LOSSLESS_RPCL, syntax.JPEG_LOSSLESS}:
            continue  # no public file; the cage's codecs are tried on made ones
        if source in reached:
            assert reached[source] == set(TARGETS), source


def test_every_syntax_said_to_be_decoded_has_a_codec() -> None:
    assert all(syntax.can_be_decoded(uid) for uid in decoding._PLUGINS)
    assert not syntax.can_be_decoded("1.2.840.10008.1.2.4.102")


def header_of(sample_name: str) -> tuple[BytesSource, Header]:
    (sample,) = [each for each in all_files() if each.name == sample_name][:1]
    source = BytesSource(sample.data)
    return source, index(source)


def test_what_was_lossy_says_so_after_its_syntax_is_gone() -> None:
    source, _ = header_of("SC_rgb_jpeg_dcmtk.dcm")

    after = read(b"".join(transcode(source, syntax.EXPLICIT_LITTLE, convert=convert)))

    assert after.LossyImageCompression == "01"
    assert after.LossyImageCompressionMethod == "ISO_10918_1"


def test_a_document_has_no_compressed_form_and_an_unknown_syntax_none_at_all() -> None:
    source, header = header_of("reportsi.dcm")

    assert can_transcode(header, syntax.IMPLICIT_LITTLE)
    assert not can_transcode(header, syntax.RLE_LOSSLESS)
    assert not can_transcode(header, "1.2.840.10008.1.2.4.50")
    with pytest.raises(UnreadableError):
        transcode(source, syntax.RLE_LOSSLESS, convert=convert)


def test_a_broken_first_frame_is_said_before_anything_is_given() -> None:
    source, header = header_of("MR_small_RLE.dcm")
    assert header.pixels is not None
    piece = header.pixels.fragments[1]
    spoiled = source.data[: piece.offset] + bytes(64) + source.data[piece.offset + 64 :]

    with pytest.raises(UnreadableError):
        transcode(BytesSource(spoiled), syntax.EXPLICIT_LITTLE, convert=convert)
