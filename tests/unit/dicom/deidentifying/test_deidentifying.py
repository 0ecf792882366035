"""A copy without a name: nothing planted anywhere comes out, and the picture is the same."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from struct import pack, unpack
from typing import Any

import pytest
from pydicom import Dataset, Sequence, dcmread
from pydicom.data import get_testdata_file
from pydicom.dataelem import DataElement
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import UID, ExplicitVRBigEndian, ImplicitVRLittleEndian

from canaries import BEHIND, TRACES, planted, sample, spoiled_ct, written
from safelight.dicom.deidentifying.copying import deidentified
from safelight.dicom.deidentifying.kinds import KEY_OBJECTS, Fitness, fitness
from safelight.dicom.deidentifying.profile import ACTIONS
from safelight.dicom.deidentifying.replacing import Replacement
from safelight.dicom.reading.index import index
from safelight.dicom.source import BytesSource

INTO = Replacement(key=b"k" * 32, alias="C0FFEE")


def copy_of(data: bytes, into: Replacement = INTO) -> bytes:
    source = BytesSource(data)
    return b"".join(deidentified(index(source), source, into))


@pytest.fixture(scope="module")
def spoiled() -> bytes:
    """Return a CT with a canary in every place that can hold one."""
    return spoiled_ct()


def in_syntax(data: bytes, syntax: str) -> bytes:
    """Write the same data set in another plain transfer syntax."""
    told, again = dcmread(BytesIO(data.removesuffix(BEHIND))), Dataset()
    for element in told:
        again.add(element)
    again.file_meta, again.preamble = told.file_meta, told.preamble
    again.file_meta.TransferSyntaxUID = UID(syntax)
    if syntax == ExplicitVRBigEndian:
        pixels = bytearray(again.PixelData)
        pixels[0::2], pixels[1::2] = pixels[1::2], pixels[0::2]
        again.PixelData = bytes(pixels)
    out = BytesIO()
    again.save_as(out, enforce_file_format=True)
    return out.getvalue() + BEHIND


def test_there_are_far_more_than_three_hundred_canaries() -> None:
    assert len(list(planted())) > 1000


@pytest.mark.parametrize("syntax", ["", ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_no_canary_is_in_the_copy(spoiled: bytes, syntax: str) -> None:
    data = in_syntax(spoiled, syntax) if syntax else spoiled
    made = copy_of(data)
    assert [trace for trace in TRACES if trace in made] == []
    ct, copied = sample("CT_small.dcm"), dcmread(BytesIO(made))
    assert copied.PixelData == ct.PixelData
    assert (copied.pixel_array == ct.pixel_array).all()
    for keyword in ("Rows", "PixelSpacing", "ImagePositionPatient", "RescaleSlope", "KVP"):
        assert copied[keyword].value == ct[keyword].value
    assert ct.PatientID not in made.decode("latin-1")
    assert str(ct.SOPInstanceUID) not in made.decode("latin-1")


def test_the_copy_says_what_was_done_to_it(spoiled: bytes) -> None:
    copied = dcmread(BytesIO(copy_of(spoiled)))
    assert copied.PatientIdentityRemoved == "YES"
    assert copied.DeidentificationMethodCodeSequence[0].CodeValue == "113100"
    assert "Basic Application Level Confidentiality" in copied.DeidentificationMethod
    assert copied.LongitudinalTemporalInformationModified == "REMOVED"
    assert (copied.PatientName, copied.PatientID) == ("C0FFEE", "C0FFEE")
    assert copied.StudyDate == ""
    assert copied["PatientBirthDate"].value == ""


def test_every_attribute_of_the_table_is_treated_as_it_says(spoiled: bytes) -> None:
    copied = dcmread(BytesIO(copy_of(spoiled)))
    removed = [tag for tag, action in ACTIONS.items() if action.value == "X" and tag in copied]
    assert removed == []
    kept = [
        tag
        for tag, action in ACTIONS.items()
        if action.value == "Z" and tag in copied and copied[tag].VM
    ]
    assert kept == [0x00100010]  # for the name stands what the copy is called


def test_one_name_has_one_new_name_within_a_copy_and_another_in_the_next() -> None:
    other = Replacement(key=b"o" * 32, alias="DECAF")
    assert INTO.uid("1.2.3") == Replacement(key=b"k" * 32, alias="").uid("1.2.3")
    assert INTO.uid("1.2.3") != other.uid("1.2.3")
    assert INTO.uid("1.2.3") != INTO.uid("1.2.4")
    assert INTO.uid("1.2.840.10008.5.1.4.1.1.2") == "1.2.840.10008.5.1.4.1.1.2"
    assert INTO.uid("1.2.840.10008.99.12") != "1.2.840.10008.99.12"


def test_what_points_at_a_picture_points_at_its_copy() -> None:
    ct, key = sample("CT_small.dcm"), sample("CT_small.dcm")
    key.SOPClassUID = key.file_meta.MediaStorageSOPClassUID = UID(KEY_OBJECTS)
    key.SOPInstanceUID = key.file_meta.MediaStorageSOPInstanceUID = UID("1.2.3.4.5")
    del key.PixelData
    pointed, told = Dataset(), Dataset()
    pointed.ValueType, told.ValueType = "IMAGE", "TEXT"
    told.TextValue = "CANARY"
    reference = Dataset()
    reference.ReferencedSOPClassUID = ct.SOPClassUID
    reference.ReferencedSOPInstanceUID = ct.SOPInstanceUID
    pointed.ReferencedSOPSequence = Sequence([reference])
    key.ContentSequence = Sequence([told, pointed])
    of_series = Dataset()
    of_series.SeriesInstanceUID = ct.SeriesInstanceUID
    of_series.ReferencedSOPSequence = Sequence([reference])
    of_study = Dataset()
    of_study.StudyInstanceUID = ct.StudyInstanceUID
    of_study.ReferencedSeriesSequence = Sequence([of_series])
    key.CurrentRequestedProcedureEvidenceSequence = Sequence([of_study])
    picture = dcmread(BytesIO(copy_of(written(ct))))
    made = copy_of(written(key))
    selection = dcmread(BytesIO(made))
    evidence = selection.CurrentRequestedProcedureEvidenceSequence[0]
    series = evidence.ReferencedSeriesSequence[0]
    assert evidence.StudyInstanceUID == picture.StudyInstanceUID
    assert series.SeriesInstanceUID == picture.SeriesInstanceUID
    assert series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == picture.SOPInstanceUID
    (left,) = selection.ContentSequence
    assert left.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == picture.SOPInstanceUID
    assert b"CANARY" not in made


def with_comment(frame: bytes, marker: bytes) -> bytes:
    told = b"CANARY IN THE CODE STREAM"
    segment = marker + pack(">H", len(told) + 2) + told
    at = 2
    if marker == b"\xff\x64":  # in JPEG 2000 the first segment must be the picture's size
        at += 2 + int.from_bytes(frame[4:6])
    if marker == b"\xff\x64":
        # In a tile's own header, too, whose length then is another one.
        tile = frame.index(b"\xff\x90")
        (length,) = unpack(">I", frame[tile + 6 : tile + 10])
        longer = pack(">I", length + len(segment)) if length else frame[tile + 6 : tile + 10]
        frame = (
            frame[: tile + 6] + longer + frame[tile + 10 : tile + 12] + segment + frame[tile + 12 :]
        )
    return frame[:at] + segment + frame[at:] + b"CANARY BEHIND IT\xff\xd9CANARY"


@pytest.mark.parametrize(
    ("name", "marker"),
    [
        ("SC_rgb_jpeg_dcmtk.dcm", b"\xff\xfe"),
        ("SC_rgb_jpeg_dcmtk.dcm", b"\xff\xe1"),
        ("JPEG2000.dcm", b"\xff\x64"),
        ("MR_small_jpeg_ls_lossless.dcm", b"\xff\xfe"),
    ],
)
def test_a_compressed_frame_says_nothing_beside_its_picture(name: str, marker: bytes) -> None:
    dataset = sample(name)
    (frame,) = generate_frames(dataset.PixelData, number_of_frames=1)
    dataset.PixelData = encapsulate([with_comment(frame, marker)])
    made = copy_of(written(dataset))
    assert b"CANARY" not in made
    copied = dcmread(BytesIO(made))
    assert copied.file_meta.TransferSyntaxUID == dataset.file_meta.TransferSyntaxUID
    assert (copied.pixel_array == sample(name).pixel_array).all()


def test_run_lengths_keep_their_picture_and_lose_what_lies_between() -> None:
    dataset = sample("MR_small_RLE.dcm")
    (frame,) = generate_frames(dataset.PixelData, number_of_frames=1)
    dataset.PixelData = encapsulate([frame + b"CANARY BEHIND THE RUNS"])
    made = copy_of(written(dataset))
    assert b"CANARY" not in made
    assert (dcmread(BytesIO(made)).pixel_array == sample("MR_small_RLE.dcm").pixel_array).all()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CT_small.dcm", Fitness.FIT),
        ("MR_small.dcm", Fitness.FIT),
        ("SC_rgb_jpeg_dcmtk.dcm", Fitness.LOOK_FIRST),
        ("US1_UNCR.dcm", Fitness.LOOK_FIRST),
        ("test-SR.dcm", Fitness.NEVER),
        ("MR-SIEMENS-DICOM-WithOverlays.dcm", Fitness.FIT),
    ],
)
def test_what_often_holds_words_is_looked_at_first(name: str, expected: Fitness) -> None:
    path = get_testdata_file(name)
    assert path is not None, f"{name} is not among this version's samples"
    assert fitness(index(BytesSource(Path(str(path)).read_bytes()))) is expected


@pytest.mark.parametrize(
    "changes",
    [
        {"BurnedInAnnotation": "YES"},
        {"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]},
        {"ConversionType": "DF"},
    ],
)
def test_a_picture_that_says_it_is_written_on_is_looked_at_first(changes: dict[str, Any]) -> None:
    ct = sample("CT_small.dcm")
    for keyword, value in changes.items():
        setattr(ct, keyword, value)
    assert fitness(index(BytesSource(written(ct)))) is Fitness.LOOK_FIRST


def test_what_is_drawn_in_bits_of_the_pixels_stays_out() -> None:
    ct = sample("CT_small.dcm")
    ct.add(DataElement(0x60000102, "US", 12))
    assert fitness(index(BytesSource(written(ct)))) is Fitness.NEVER
