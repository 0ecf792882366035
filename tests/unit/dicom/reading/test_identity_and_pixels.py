"""An object is let in only if it can be filed and its pixels are what they claim."""

from __future__ import annotations

from io import BytesIO

import pytest
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from safelight.dicom.reading.index import Reason, UnreadableError, index
from safelight.dicom.source import BytesSource


def _object(**attributes: object) -> bytes:
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = UID("1.2.840.10008.5.1.4.1.1.7")
    meta.MediaStorageSOPInstanceUID = UID("1.2.3.4")
    data_set = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    plain: dict[str, object] = {
        "SOPClassUID": "1.2.840.10008.5.1.4.1.1.7",
        "SOPInstanceUID": "1.2.3.4",
        "StudyInstanceUID": "1.2.3",
        "SeriesInstanceUID": "1.2.3.5",
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": 4,
        "Columns": 4,
        "BitsAllocated": 8,
        "BitsStored": 8,
        "HighBit": 7,
        "PixelRepresentation": 0,
        "PixelData": bytes(16),
    }
    for keyword, value in (plain | attributes).items():
        if value is None:
            continue
        if isinstance(value, tuple):
            number, vr, content = value
            data_set.add_new(number, vr, content)
        else:
            setattr(data_set, keyword, value)
    if "PixelData" in data_set:
        data_set["PixelData"].VR = "OB"
    buffer = BytesIO()
    Dataset.save_as(data_set, buffer, enforce_file_format=False)
    return buffer.getvalue()


def _reason(**attributes: object) -> Reason | None:
    try:
        index(BytesSource(_object(**attributes)))
    except UnreadableError as error:
        return error.reason
    return None


def test_a_sound_picture_is_let_in() -> None:
    assert _reason() is None


@pytest.mark.parametrize(
    "keyword", ["SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"]
)
def test_each_identifier_must_be_there(keyword: str) -> None:
    assert _reason(**{keyword: None}) is Reason.MISSING_UID
    assert _reason(**{keyword: ""}) is Reason.MISSING_UID


@pytest.mark.parametrize("uid", ["../../../../evil", "1.2.3 4", "1..2", "1." * 32 + "12", "abc"])
@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
@pytest.mark.filterwarnings("ignore:The value length")
def test_an_identifier_that_is_none_is_refused(uid: str) -> None:
    assert _reason(StudyInstanceUID=uid) is Reason.BAD_UID


@pytest.mark.parametrize(
    "named", [b"1.2.840.10008.1.2\r\nX: 1", b"1.2.840.10008.1\xe92.1\0", b"JPEG"]
)
def test_a_transfer_syntax_that_is_none_is_refused(named: bytes) -> None:
    # It is repeated in the headers of answers.
    data = _object()
    at = data.index(b"1.2.840.10008.1.2.1\0")
    value = named.ljust(24)
    with pytest.raises(UnreadableError) as refused:
        index(BytesSource(data[: at - 2] + b"\x18\0" + value + data[at + 20 :]))
    assert refused.value.reason is Reason.BAD_UID


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
def test_leading_zeros_in_an_identifier_are_tolerated() -> None:
    assert _reason(StudyInstanceUID="1.2.03.4") is None


def test_the_error_names_the_element_at_fault_and_quotes_nothing() -> None:
    with pytest.raises(UnreadableError, match=r"\(0020,000D\)") as refused:
        index(BytesSource(_object(StudyInstanceUID=None, PatientName="Doe^Jane")))
    assert refused.value.tag == 0x0020000D
    assert "Doe" not in str(refused.value)


def test_a_disc_directory_is_told_apart() -> None:
    data = _object().replace(
        b"1.2.840.10008.5.1.4.1.1.7\0", b"1.2.840.10008.1.3.10".ljust(26, b"\0")
    )

    with pytest.raises(UnreadableError) as refused:
        index(BytesSource(data))
    assert refused.value.reason is Reason.DIRECTORY


def test_a_flood_of_pixels_is_refused() -> None:
    flood = {"Rows": 65535, "Columns": 65535, "NumberOfFrames": "2147483647"}

    assert _reason(**flood) is Reason.PIXEL_FLOOD


def test_a_flood_of_frames_is_refused() -> None:
    assert _reason(NumberOfFrames="2147483647") is Reason.PIXEL_FLOOD


def test_less_pixels_than_claimed_are_refused() -> None:
    assert _reason(PixelData=bytes(14)) is Reason.PIXELS_TOO_SHORT
    assert _reason(NumberOfFrames="2") is Reason.PIXELS_TOO_SHORT


def test_two_frames_in_the_right_number_of_bytes_are_let_in() -> None:
    assert _reason(NumberOfFrames="2", PixelData=bytes(32)) is None


@pytest.mark.parametrize(("bits", "reason"), [(0, Reason.BAD_PIXELS), (65, Reason.BAD_PIXELS)])
def test_impossible_bit_depths_are_refused(bits: int, reason: Reason) -> None:
    assert _reason(BitsAllocated=bits) is reason


def test_odd_and_wide_bit_depths_are_measured_in_bits() -> None:
    assert _reason(BitsAllocated=1) is None
    assert _reason(BitsAllocated=7) is None
    assert _reason(BitsAllocated=64) is Reason.PIXELS_TOO_SHORT


@pytest.mark.parametrize("samples", [0, 5, 65535])
def test_impossible_sample_counts_are_refused(samples: int) -> None:
    assert _reason(SamplesPerPixel=samples) is Reason.BAD_PIXELS


def test_rows_written_as_a_long_are_still_multiplied_without_overflow() -> None:
    wide = (0x00280010, "UL", 0x7FFFFFFF)

    assert _reason(Rows=wide, Columns=65535) is Reason.PIXEL_FLOOD


def test_no_rows_at_all_is_a_bad_picture() -> None:
    assert _reason(Rows=0) is Reason.BAD_PIXELS


def test_subsampled_colour_needs_two_thirds_of_the_bytes() -> None:
    colour = {"SamplesPerPixel": 3, "PhotometricInterpretation": "YBR_FULL_422"}

    assert _reason(**colour, PixelData=bytes(32)) is None
    assert _reason(**colour, PixelData=bytes(30)) is Reason.PIXELS_TOO_SHORT


def test_float_pixels_are_found_and_measured() -> None:
    floats = {"PixelData": None, "BitsAllocated": 32, "FloatPixelData": bytes(64)}
    header = index(BytesSource(_object(**floats)))

    assert header.pixels is not None
    assert header.pixels.tag == 0x7FE00008
    assert _reason(**floats | {"FloatPixelData": bytes(60)}) is Reason.PIXELS_TOO_SHORT
