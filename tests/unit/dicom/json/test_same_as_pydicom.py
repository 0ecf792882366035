"""Our index and JSON model say what pydicom says, over every file pydicom ships."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.encaps import generate_frames

from oracle import model_by_pydicom, read_by_pydicom
from safelight.dicom.json.model import to_json
from safelight.dicom.pixels.frames import frame_table
from safelight.dicom.reading.index import Reason, UnreadableError, index, scan
from safelight.dicom.source import BytesSource

_PYDICOM = Path(pydicom.__file__).parent / "data"
_PYDICOM_DATA = find_spec("data_store")  # what the distribution pydicom-data installs
assert _PYDICOM_DATA is not None
assert _PYDICOM_DATA.origin is not None
_FOLDERS = (
    _PYDICOM / "test_files",
    _PYDICOM / "charset_files",
    Path(_PYDICOM_DATA.origin).parent / "data",
)

# Files that pydicom opens in part, or takes for DICOM when it is told to believe anything.
_REFUSED = {
    "DICOMDIR-nooffset": Reason.LENGTH_BEYOND_END,
    "FileInfo.txt": Reason.NOT_DICOM,
    "MR_truncated.dcm": Reason.LENGTH_BEYOND_END,
    "README": Reason.NOT_DICOM,
    "README.txt": Reason.NOT_DICOM,
    "crayons.icc": Reason.NOT_DICOM,
    "emri_small_jpeg_2k_lossless_too_short.dcm": Reason.TRUNCATED,
    "no_meta.dcm": Reason.NOT_DICOM,
    "rtplan.dump": Reason.NOT_DICOM,
    "rtplan_truncated.dcm": Reason.LENGTH_BEYOND_END,
    "rtstruct.dump": Reason.NOT_DICOM,
    "test1.json": Reason.NOT_DICOM,
    "test_PN.json": Reason.NOT_DICOM,
    "zipMR.gz": Reason.NOT_DICOM,
}
# pydicom's own JSON writer raises on this one: NumberOfFrames is "1A".
_BEYOND_PYDICOM = {"badVR.dcm"}


def _files() -> list[Any]:
    paths = sorted(path for folder in _FOLDERS for path in folder.rglob("*") if path.is_file())
    return [pytest.param(path, id=path.name) for path in paths if path.suffix != ".py"]


@pytest.mark.parametrize("path", _files())
def test_the_json_model_is_that_of_pydicom(path: Path) -> None:
    source = BytesSource(path.read_bytes())
    if path.name in _REFUSED:
        with pytest.raises(UnreadableError) as refused:
            scan(source)
        assert refused.value.reason is _REFUSED[path.name]
        return
    ours = to_json(scan(source))
    if path.name in _BEYOND_PYDICOM:
        assert ours["00280008"] == {"vr": "IS", "Value": ["1A"]}
        return
    assert ours == model_by_pydicom(path, ours)


@pytest.mark.parametrize("path", _files())
def test_frames_are_cut_where_pydicom_cuts_them(path: Path) -> None:
    source = BytesSource(path.read_bytes())
    try:
        header = index(source)
    except UnreadableError:
        return  # told apart by reason in the other tests
    frames = [
        b"".join((header.dataset or source).read(*piece) for piece in frame)
        for frame in frame_table(header, source).frames
    ]
    data_set = read_by_pydicom(path)
    pixels = getattr(data_set, "PixelData", b"")
    count = int(getattr(data_set, "NumberOfFrames", 1) or 1)
    if header.pixels is not None and header.pixels.encapsulated:
        assert frames == list(generate_frames(pixels, number_of_frames=count))
    elif pixels:
        assert len(frames) == count
        assert len({len(frame) for frame in frames}) == 1
        assert pixels.startswith(b"".join(frames))
        assert not pixels[sum(map(len, frames)) :].strip(b"\0")
    else:
        assert frames == []
