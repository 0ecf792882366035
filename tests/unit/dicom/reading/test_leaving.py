"""What is the same stays the same by digest, and no file leaves armed."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path
from struct import pack

import pydicom
import pytest

from safelight.dicom.json.bulk import bulk_value
from safelight.dicom.json.model import to_json
from safelight.dicom.reading.digest import dataset_digest, disarm
from safelight.dicom.reading.index import index, scan
from safelight.dicom.registry.uids import is_valid_uid
from safelight.dicom.source import BytesSource
from safelight.dicom.writing.part10 import (
    IMPLEMENTATION_CLASS_UID,
    IMPLEMENTATION_VERSION_NAME,
    file_meta,
)
from safelight.kernel.errors import NotFoundError

_FOLDER = Path(pydicom.__file__).parent / "data" / "test_files"
_MR = (_FOLDER / "MR_small_padded.dcm").read_bytes()
_CT = (_FOLDER / "CT_small.dcm").read_bytes()


def _digest(data: bytes) -> bytes:
    source = BytesSource(data)
    return dataset_digest(scan(source), source)


def test_the_digest_is_that_of_the_data_set_alone() -> None:
    header = index(BytesSource(_MR))
    padding = header.elements.get(0xFFFCFFFC)
    end = len(_MR) if padding is None else padding.offset - 12

    assert _digest(_MR) == hashlib.sha256(_MR[header.dataset_offset : end]).digest()


def test_preamble_meta_and_padding_do_not_change_the_digest() -> None:
    header = index(BytesSource(_CT))
    meta = file_meta(header.sop_class_uid, header.sop_instance_uid, header.transfer_syntax)
    body = _CT[header.dataset_offset :]
    padding = pack("<HH2sHI", 0xFFFC, 0xFFFC, b"OB", 0, 8) + bytes(8)

    assert _digest(meta + body) == _digest(_CT)
    assert _digest(b"MZ" + _CT[2:]) == _digest(_CT)
    if 0xFFFCFFFC not in header.elements:
        assert _digest(meta + body + padding) == _digest(_CT)


def test_one_changed_byte_changes_the_digest() -> None:
    changed = bytearray(_CT)
    changed[-500] ^= 1

    assert _digest(bytes(changed)) != _digest(_CT)


@pytest.mark.parametrize("start", [b"MZ\x90\0", b"\x7fELF", b"#!/bin/sh\n", b"<html>", b"%PDF-1.7"])
def test_a_preamble_that_hides_a_program_leaves_as_zeros(start: bytes) -> None:
    armed = start.ljust(128, b"x") + _CT[128:]

    assert disarm(armed) == bytes(128) + _CT[128:]


@pytest.mark.parametrize("start", [b"II*\0", b"MM\0*"])
def test_a_preamble_that_is_a_tiff_header_stays(start: bytes) -> None:
    double = start.ljust(128, b"\1") + _CT[128:]

    assert disarm(double) == double


def test_bytes_that_are_no_file_are_left_alone() -> None:
    assert disarm(b"MZ short") == b"MZ short"


def test_the_file_meta_group_is_one_that_pydicom_accepts() -> None:
    made = file_meta("1.2.840.10008.5.1.4.1.1.2", "1.2.3", "1.2.840.10008.1.2.1")
    meta = pydicom.dcmread(BytesIO(made)).file_meta

    assert meta.MediaStorageSOPInstanceUID == "1.2.3"
    assert meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert meta.ImplementationClassUID == IMPLEMENTATION_CLASS_UID
    assert meta.FileMetaInformationGroupLength == len(made) - 132 - 12
    assert is_valid_uid(IMPLEMENTATION_CLASS_UID)
    assert len(IMPLEMENTATION_VERSION_NAME) <= 16


def test_a_bulk_address_leads_to_the_value_it_stands_for() -> None:
    model = to_json(index(BytesSource(_CT)))
    address = model["7FE00010"]["BulkDataURI"]

    assert address == "bulkdata/7fe00010"
    assert bulk_value(BytesSource(_CT), address) == pydicom.dcmread(BytesIO(_CT)).PixelData


def test_big_endian_words_leave_in_little_endian() -> None:
    big = (_FOLDER / "MR_small_bigendian.dcm").read_bytes()
    little = (_FOLDER / "MR_small.dcm").read_bytes()

    assert bulk_value(BytesSource(big), "7fe00010") == bulk_value(BytesSource(little), "7fe00010")


def test_a_bulk_address_inside_a_sequence_is_followed() -> None:
    path = _FOLDER / "waveform_ecg.dcm"
    model = to_json(index(BytesSource(path.read_bytes())))
    address = model["54000100"]["Value"][1]["54001010"]["BulkDataURI"]

    assert address == "bulkdata/54000100/2/54001010"
    wanted = pydicom.dcmread(path).WaveformSequence[1].WaveformData
    assert bulk_value(BytesSource(path.read_bytes()), address) == wanted


@pytest.mark.parametrize(
    "path", ["", "7fe00011", "zz", "54000100", "54000100/0/54001010", "54000100/9/54001010", "1/1"]
)
def test_an_address_that_leads_nowhere_is_not_found(path: str) -> None:
    data = (_FOLDER / "waveform_ecg.dcm").read_bytes()

    with pytest.raises(NotFoundError):
        bulk_value(BytesSource(data), path)
