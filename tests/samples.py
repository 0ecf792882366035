"""Every file that pydicom, pydicom-data and pynetdicom install, and why some are left out."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import pydicom
import pynetdicom

_NOT_DICOM = "not-dicom"
_MISSING_UID = "missing-uid"
_DIRECTORY = "directory"
LEFT_OUT = {
    # Not DICOM: descriptions, dumps, a colour profile, JSON, a gzip file.
    "FileInfo.txt": _NOT_DICOM,
    "README": _NOT_DICOM,
    "README.txt": _NOT_DICOM,
    "crayons.icc": _NOT_DICOM,
    "rtplan.dump": _NOT_DICOM,
    "rtstruct.dump": _NOT_DICOM,
    "test1.json": _NOT_DICOM,
    "test_PN.json": _NOT_DICOM,
    "zipMR.gz": _NOT_DICOM,
    # Pieces of data sets without the identifiers that make one an object of an exam
    # (study, series, SOP class or SOP instance UID).
    "JPEGLSNearLossless_08.dcm": _MISSING_UID,
    "JPEGLSNearLossless_16.dcm": _MISSING_UID,
    "SC_rgb_jls_lossy_line.dcm": _MISSING_UID,
    "SC_rgb_jls_lossy_sample.dcm": _MISSING_UID,
    "UN_sequence.dcm": _MISSING_UID,
    "chrSQEncoding.dcm": _MISSING_UID,
    "chrSQEncoding1.dcm": _MISSING_UID,
    "empty_charset_LEI.dcm": _MISSING_UID,
    "meta_missing_tsyntax.dcm": _MISSING_UID,
    "nested_priv_SQ.dcm": _MISSING_UID,
    "no_meta_group_length.dcm": _MISSING_UID,
    "priv_SQ.dcm": _MISSING_UID,
    # A data set that starts in the middle of a header: no preamble, no file meta group.
    "no_meta.dcm": _NOT_DICOM,
    # A SOP Instance UID that is none.
    "bad_sequence.dcm": "bad-uid",
    # Tables of contents of discs; they describe files and are no objects of an exam.
    "DICOMDIR": _DIRECTORY,
    "DICOMDIR-bigEnd": _DIRECTORY,
    "DICOMDIR-empty.dcm": _DIRECTORY,
    "DICOMDIR-implicit": _DIRECTORY,
    "DICOMDIR-nopatient": _DIRECTORY,
    "DICOMDIR-reordered": _DIRECTORY,
    # Cut off, each on purpose.
    "DICOMDIR-nooffset": "length-beyond-end",
    "MR_truncated.dcm": "length-beyond-end",
    "rtplan_truncated.dcm": "length-beyond-end",
    "emri_small_jpeg_2k_lossless_too_short.dcm": "truncated",
    # NumberOfFrames is "1A".
    "badVR.dcm": "bad-pixels",
}
"""By file name: the reason with which the file is refused."""


@dataclass(frozen=True)
class Sample:
    """One file, and what pydicom says of its bytes.

    `twin` says the same in a transfer syntax that pydicom can read, where it cannot read this.
    """

    path: Path
    data: bytes
    twin: bytes | None = None

    @property
    def name(self) -> str:
        return self.path.name

    def read(self) -> pydicom.FileDataset:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return pydicom.dcmread(BytesIO(self.twin or self.data), force=True)


def folders() -> list[Path]:
    installed = Path(pydicom.__file__).parent / "data"
    more = find_spec("data_store")  # what the distribution pydicom-data installs
    assert more is not None
    assert more.origin is not None
    return [
        installed / "test_files",
        installed / "charset_files",
        Path(more.origin).parent / "data",
        Path(pynetdicom.__file__).parent / "tests" / "dicom_files",
    ]


def all_files() -> Iterator[Sample]:
    for folder in folders():
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".py":
                yield Sample(path, path.read_bytes())
