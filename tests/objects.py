"""Small DICOM objects made for the occasion, and ways to spoil them."""

from __future__ import annotations

import io
import struct
import warnings

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import ExplicitVRLittleEndian

CT = "1.2.840.10008.5.1.4.1.1.2"
ROOT = "1.2.826.0.1.3680043.10.999"


def uid(*numbers: int) -> str:
    return ".".join([ROOT, *map(str, numbers)])


def an_object(number: int = 1, *, study: int = 1, series: int = 1, **changes: object) -> Dataset:
    """Return a CT slice of 16 by 16 pixels about a made-up person."""
    made = Dataset()
    made.SpecificCharacterSet = "ISO_IR 192"
    made.SOPClassUID = CT
    made.SOPInstanceUID = uid(study, series, number)
    made.StudyInstanceUID = uid(study)
    made.SeriesInstanceUID = uid(study, series)
    made.PatientName = "Berg^Anna"
    made.PatientID = "AB-17"
    made.PatientBirthDate = "19700503"
    made.PatientSex = "F"
    made.StudyDate = "20260412"
    made.StudyTime = "101500"
    made.StudyID = "S1"
    made.AccessionNumber = "ACC-1"
    made.Modality = "CT"
    made.SeriesNumber = series
    made.InstanceNumber = number
    made.Rows = made.Columns = 16
    made.SamplesPerPixel = 1
    made.PhotometricInterpretation = "MONOCHROME2"
    made.BitsAllocated = made.BitsStored = 16
    made.HighBit = 15
    made.PixelRepresentation = 0
    pixels = np.random.default_rng(number).integers(0, 4000, 256, dtype="<u2")
    made.PixelData = pixels.tobytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, value in changes.items():
            if value is None:
                del made[name]
            else:
                setattr(made, name, value)
    return made


def written(made: Dataset, *, preamble: bytes = bytes(128)) -> bytes:
    """Write an object as a Part 10 file in explicit little endian."""
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some values are wrong on purpose
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = made.SOPClassUID
        meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        made.file_meta = meta
        made.preamble = preamble
        dcmwrite(out, made, enforce_file_format=True)
    return out.getvalue()


def a_file(number: int = 1, *, study: int = 1, series: int = 1, **changes: object) -> bytes:
    """Return `an_object` as a file."""
    return written(an_object(number, study=study, series=series, **changes))


def with_elements(data: bytes, extra: bytes) -> bytes:
    """Put raw elements of a group below the pixels' in front of the pixel data."""
    at = data.index(struct.pack("<HH", 0x7FE0, 0x0010) + b"OW")
    return data[:at] + extra + data[at:]


def element(
    group: int, number: int, vr: bytes, value: bytes, *, length: int | None = None
) -> bytes:
    """Write one explicit little endian element; `length` may lie."""
    stated = len(value) if length is None else length
    head = struct.pack("<HH", group, number) + vr
    if vr in {b"OB", b"OW", b"SQ", b"UN", b"UT", b"UC", b"UR", b"OF", b"OD", b"OL", b"OV"}:
        return head + b"\0\0" + struct.pack("<I", stated) + value
    return head + struct.pack("<H", stated) + value


def nested(levels: int) -> bytes:
    """Write sequences within sequences, of undefined length."""
    opening = struct.pack("<HH", 0x0009, 0x1001) + b"SQ\0\0" + struct.pack("<I", 0xFFFFFFFF)
    item = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    closing = struct.pack("<HHI", 0xFFFE, 0xE00D, 0) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    return element(0x0009, 0x0010, b"LO", b"TESTS ") + (opening + item) * levels + closing * levels
