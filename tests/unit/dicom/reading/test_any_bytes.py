"""Whatever the bytes are, the answer is a header or a named reason."""

from __future__ import annotations

import time
from pathlib import Path
from struct import pack

import orjson
import pydicom
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safelight.dicom.json.bulk import bulk_value
from safelight.dicom.json.model import to_json
from safelight.dicom.json.summary import instance_answer, search_facts, series_answer, study_answer
from safelight.dicom.pixels.frames import frame_table
from safelight.dicom.reading.digest import dataset_digest
from safelight.dicom.reading.index import UnreadableError, check_identity, index, scan
from safelight.dicom.source import BytesSource
from safelight.kernel.errors import NotFoundError

_FOLDER = Path(pydicom.__file__).parent / "data"
_NAMES = (
    "test_files/CT_small.dcm",
    "test_files/MR_small_implicit.dcm",
    "test_files/MR_small_bigendian.dcm",
    "test_files/MR_small_RLE.dcm",
    "test_files/SC_rgb_rle_2frame.dcm",
    "test_files/image_dfl.dcm",
    "test_files/reportsi.dcm",
    "test_files/rtplan.dcm",
    "test_files/UN_sequence.dcm",
    "test_files/nested_priv_SQ.dcm",
    "test_files/ExplVR_LitEndNoMeta.dcm",
    "charset_files/chrJapMulti.dcm",
    "charset_files/chrKoreanMulti.dcm",
    "charset_files/chrX2.dcm",
)
_SOUND = [(_FOLDER / name).read_bytes() for name in _NAMES]
_LENGTHS = (0, 1, 3, 0xFF, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)
_SECONDS = 2.0
_MANY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _use_all_of(data: bytes) -> None:
    """Do with the bytes all that intake does, and allow nothing but named reasons."""
    source = BytesSource(data)
    began = time.process_time()
    try:
        header = scan(source)
        model = to_json(header)
        orjson.dumps([model, study_answer(model), series_answer(model), instance_answer(model)])
        search_facts(model).patient_name.encode()
        dataset_digest(header, source)
        check_identity(header)
        header = index(source)
        frame_table(header, source)
    except UnreadableError as error:
        assert error.reason.explanation  # noqa: PT017  (either outcome is right)
    assert time.process_time() - began < _SECONDS


@st.composite
def _mutated(draw: st.DrawFn) -> bytes:
    """Return a sound file with a few bytes, lengths or stretches changed."""
    data = bytearray(draw(st.sampled_from(_SOUND)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, min(len(data), 6000) - 1))
        kind = draw(st.sampled_from(["byte", "length", "bytes", "cut", "repeat", "drop"]))
        if kind == "byte":
            data[at] = draw(st.integers(0, 255))
        elif kind == "length":
            form = draw(st.sampled_from(["<I", ">I"]))
            data[at : at + 4] = pack(form, draw(st.sampled_from(_LENGTHS)))
        elif kind == "bytes":
            data[at:at] = draw(st.binary(max_size=12))
        elif kind == "cut":
            del data[max(at, 1) :]
        elif kind == "repeat":
            data[at:at] = data[at : at + draw(st.integers(1, 200))]
        else:
            del data[at : at + draw(st.integers(1, 40))]
        if not data:
            break
    return bytes(data)


@given(_mutated())
@_MANY
def test_a_damaged_file_is_read_or_refused_by_name(data: bytes) -> None:
    _use_all_of(data)


@given(st.binary(max_size=400))
@_MANY
def test_random_bytes_behind_a_prefix_are_read_or_refused_by_name(data: bytes) -> None:
    _use_all_of(bytes(128) + b"DICM" + data)


@given(st.sampled_from(_SOUND), st.integers(0, 5000))
@_MANY
def test_a_file_cut_anywhere_is_read_or_refused_by_name(data: bytes, end: int) -> None:
    _use_all_of(data[:end])


@given(st.sampled_from(_SOUND), st.text(alphabet="0123456789abcdefABCDEF/.x-", max_size=30))
@_MANY
def test_any_bulk_path_is_a_value_or_not_found(data: bytes, path: str) -> None:
    try:
        value = bulk_value(BytesSource(data), path)
    except NotFoundError:
        return
    assert len(value) <= len(data) * 20
