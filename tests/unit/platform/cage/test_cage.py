"""Do the real jobs come back from the cage, whatever is put into it?"""

from __future__ import annotations

import io
import random
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pydicom
import pydicom.data
import pytest
from PIL import Image
from pydicom.encaps import generate_frames

from safelight.dicom.documents.declared import Declared, DocumentKind
from safelight.dicom.documents.reasons import DocumentReason
from safelight.dicom.pictures.render import render
from safelight.dicom.pixels.layout import PixelModule
from safelight.dicom.pixels.voi import VoiWindow
from safelight.dicom.registry import transfer_syntaxes as syntax
from safelight.kernel.errors import ExpectedError
from safelight.platform.cage.cage import Cage
from safelight.platform.cage.errors import CageError, CageReason
from safelight.platform.cage.limits import MIB, Limits
from safelight.platform.cage.pool import Pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydicom.dataelem import DataElement

FOLDER = Path(pydicom.data.__file__).parent / "test_files"
COMPRESSED = {
    "RLE": "MR_small_RLE.dcm",
    "JPEG baseline": "SC_rgb_jpeg_dcmtk.dcm",
    "JPEG extended": "JPGExtended.dcm",
    "JPEG lossless": "SC_rgb_jpeg_gdcm.dcm",
    "JPEG-LS": "MR_small_jpeg_ls_lossless.dcm",
    "JPEG 2000": "MR_small_jp2klossless.dcm",
}
FLIPS = 60


@pytest.fixture(scope="module")
def cage() -> Iterator[Cage]:
    made = Cage(Pool(size=2, limits=Limits(memory=1024 * MIB, processor=10)))
    yield made
    made.close()


def a_slice() -> tuple[bytes, PixelModule]:
    across, down = np.meshgrid(np.arange(96), np.arange(80))
    stored = (across * 20 - down * 5).astype("<i2")
    window = VoiWindow(500, 1500)
    pixels = PixelModule(rows=80, columns=96, signed=True, windows=(window,))
    return stored.tobytes(), pixels


def compressed(name: str) -> tuple[bytes, PixelModule, str, pydicom.Dataset]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(FOLDER / name)
        model = dataset.to_json_dict(1024, lambda element: str(element.tag))
        frame = next(generate_frames(dataset.PixelData, number_of_frames=1))
    return frame, PixelModule.from_json(model), dataset.file_meta.TransferSyntaxUID, dataset


def test_a_frame_is_rendered(cage: Cage) -> None:
    frame, pixels = a_slice()

    picture = cage.render(frame, pixels, transfer_syntax=syntax.EXPLICIT_LITTLE, viewport=(48, 48))

    assert Image.open(io.BytesIO(picture)).size == (48, 40)


@pytest.mark.parametrize("name", list(COMPRESSED.values()))
def test_a_compressed_frame_is_decoded_as_pydicom_has_it(cage: Cage, name: str) -> None:
    frame, pixels, transfer_syntax, dataset = compressed(name)

    decoded = cage.decode(frame, pixels, transfer_syntax=transfer_syntax)

    assert len(decoded.data) == pixels.decoded_bytes
    assert (decoded.pixels.planar, decoded.pixels.frames) == (0, 1)
    if name != COMPRESSED["JPEG extended"]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = dataset.pixel_array
        assert decoded.data == expected.tobytes()


def images() -> list[str]:
    """Return the names of all test files whose first frame can be taken out."""
    found = []
    for path in sorted(FOLDER.glob("*.dcm")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            header = pydicom.dcmread(path, force=True, specific_tags=["Rows", "PixelData"])
        sound = path.name not in {"badVR.dcm", "MR_truncated.dcm"}
        if sound and "Rows" in header and "TransferSyntaxUID" in header.file_meta:
            found.append(path.name)
    return found


def first_frame(name: str) -> tuple[bytes, PixelModule, str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(FOLDER / name)
        values: dict[str, bytes] = {}

        def keep(element: DataElement) -> str:
            values[str(element.tag)] = element.value
            return str(element.tag)

        model = dataset.to_json_dict(1024, keep)
        pixels = PixelModule.from_json(model, bulk=values.__getitem__)
        transfer_syntax = dataset.file_meta.TransferSyntaxUID
        frame = dataset.PixelData
        if transfer_syntax.is_encapsulated:
            frame = next(generate_frames(frame, number_of_frames=pixels.frames))
    return frame, pixels, transfer_syntax


@pytest.mark.parametrize("viewport", [None, (48, 48)])
@pytest.mark.parametrize("name", images())
def test_nothing_is_missing_behind_the_walls(
    cage: Cage, name: str, viewport: tuple[int, int] | None
) -> None:
    """Whatever a job has to load later would be refused, so results would differ."""
    frame, pixels, transfer_syntax = first_frame(name)
    asked: Any = {"transfer_syntax": transfer_syntax, "viewport": viewport}

    there = attempt(lambda: render(frame, pixels, **asked))
    behind = attempt(lambda: cage.render(frame, pixels, **asked))

    assert there == behind


def attempt(job: Callable[[], bytes]) -> bytes | str:
    """Return what a job gives, or the sentence with which it refuses."""
    try:
        return job()
    except ExpectedError as error:
        return str(error)


def test_a_frame_is_re_encoded_and_comes_back(cage: Cage) -> None:
    frame, pixels = a_slice()

    packed = cage.encode(
        frame, pixels, transfer_syntax=syntax.EXPLICIT_LITTLE, into=syntax.JPEG_2000_LOSSLESS
    )

    assert len(packed.data) < len(frame)
    again = cage.decode(packed.data, packed.pixels, transfer_syntax=syntax.JPEG_2000_LOSSLESS)
    assert again.data == frame


@pytest.mark.parametrize("kind", list(COMPRESSED))
def test_flipped_bits_cost_a_job_at_most(cage: Cage, kind: str) -> None:
    frame, pixels, transfer_syntax, _ = compressed(COMPRESSED[kind])
    chance = random.Random(kind)  # noqa: S311 - the same flips in every run

    outcomes = []
    for _ in range(FLIPS):
        damaged = bytearray(frame)
        for _ in range(chance.randint(1, 8)):
            damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        try:
            cage.decode(bytes(damaged), pixels, transfer_syntax=transfer_syntax)
            outcomes.append("done")
        except CageError as error:
            outcomes.append(error.reason.value)

    assert len(outcomes) == FLIPS
    sound = cage.decode(frame, pixels, transfer_syntax=transfer_syntax)
    assert len(sound.data) == pixels.decoded_bytes


def test_a_small_frame_that_declares_a_giant_picture_is_refused(cage: Cage) -> None:
    frame, pixels, transfer_syntax, _ = compressed(COMPRESSED["JPEG 2000"])
    size_at = frame.index(b"\xff\x51") + 6
    giant = frame[:size_at] + (2**31 - 1).to_bytes(4, "big") * 2 + frame[size_at + 8 :]

    with pytest.raises(CageError):
        cage.decode(giant, pixels, transfer_syntax=transfer_syntax)


def test_a_frame_too_large_for_the_cages_memory_is_too_large(cage: Cage) -> None:
    pixels = PixelModule(rows=16000, columns=16000, windows=(VoiWindow(1, 2),))

    with pytest.raises(CageError) as caught:
        cage.render(
            bytes(pixels.native_bytes), pixels, transfer_syntax=syntax.EXPLICIT_LITTLE, seconds=60
        )

    assert caught.value.reason in {CageReason.TOO_LARGE, CageReason.CRASHED}


@pytest.mark.parametrize("transfer_syntax", [syntax.RLE_LOSSLESS, "1.2.3", syntax.JPEG_2000])
@pytest.mark.parametrize("frame", [b"", b"\0" * 64, b"\xff" * 4096])
def test_noise_is_refused_with_a_reason(cage: Cage, frame: bytes, transfer_syntax: str) -> None:
    _, pixels = a_slice()

    with pytest.raises(CageError) as caught:
        cage.decode(frame, pixels, transfer_syntax=transfer_syntax)

    assert caught.value.reason is CageReason.REFUSED
    assert caught.value.detail == "bad-pixels"


def test_a_picture_is_wrapped_and_a_hostile_one_refused(cage: Cage) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(buffer, "PNG")
    someone = Declared(patient_name="Made^Up", patient_id="1")

    wrapped = cage.wrap(DocumentKind.PNG, buffer.getvalue(), someone)

    assert pydicom.dcmread(io.BytesIO(wrapped)).pixel_array.shape == (30, 40, 3)
    with pytest.raises(CageError) as caught:
        cage.wrap(DocumentKind.PNG, b"\x89PNG\r\n\x1a\n" + b"\0" * 500, someone)
    assert caught.value.reason is CageReason.REFUSED
    assert str(caught.value) == DocumentReason(caught.value.detail).explanation
