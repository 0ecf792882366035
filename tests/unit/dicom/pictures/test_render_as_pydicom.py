"""Is a rendered frame what pydicom's own steps make of the same pixels?

Modality transformation, values of interest, palettes and colour are applied by pydicom
and scaled to bytes here; then every pixel is compared.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.pixels.processing import (
    apply_color_lut,
    apply_modality_lut,
    apply_voi_lut,
    apply_windowing,
)

from made import made_files
from safelight.dicom.json.bulk import bulk_value
from safelight.dicom.json.model import to_json
from safelight.dicom.pictures.render import render
from safelight.dicom.pixels.frames import frame_table
from safelight.dicom.pixels.layout import PixelModule
from safelight.dicom.pixels.picture import PictureFormat
from safelight.dicom.reading.index import index
from safelight.dicom.registry import transfer_syntaxes as syntax
from safelight.dicom.source import BytesSource
from samples import LEFT_OUT, Sample, all_files

Array = np.ndarray[Any, Any]
LARGEST = 300_000
LOSSY = {syntax.JPEG_BASELINE, syntax.JPEG_EXTENDED, syntax.JPEG_2000, syntax.HTJ2K}
GRAY = {"MONOCHROME1", "MONOCHROME2"}
BROKEN = "JPEG2000-embedded-sequence-delimiter.dcm"


@pytest.fixture(autouse=True)
def _pydicom_may_warn() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def images() -> list[Any]:
    seen: set[bytes] = set()
    found = []
    for sample in (*all_files(), *made_files()):
        if (
            sample.name in {*LEFT_OUT, BROKEN}
            or sample.name.isdigit()
            or len(sample.data) > LARGEST
        ):
            continue
        header = index(BytesSource(sample.data))
        shown = header.pixels and syntax.can_be_decoded(header.transfer_syntax)
        if shown and header.text(0x00280010) and sample.data not in seen:
            seen.add(sample.data)
            found.append(pytest.param(sample, id=sample.name))
    return found


def rendered(sample: Sample, number: int) -> tuple[Array, PixelModule]:
    """Return the picture of one frame, in the size of the frame."""
    source = BytesSource(sample.data)
    header = index(source)
    data = header.dataset or source
    pixels = PixelModule.from_json(
        to_json(header), frame=number, bulk=lambda path: bulk_value(source, path)
    )
    frame = b"".join(data.read(*piece) for piece in frame_table(header, source).frames[number - 1])
    picture = render(
        frame,
        PixelModule.from_wire(pixels.to_wire() | {"aspect": 1.0}),
        transfer_syntax=header.transfer_syntax,
        picture=PictureFormat.PNG,
    )
    return np.asarray(Image.open(io.BytesIO(picture))), pixels


def expected(dataset: pydicom.FileDataset, number: int) -> Array | None:
    """Return bytes of brightness or colour by pydicom, None where it has no opinion.

    It has none without a window: the range that is shown then is our own choice.
    """
    try:
        every = np.asarray(dataset.pixel_array)
    except Exception:  # noqa: BLE001  (it has many ways to say no)
        return None
    stored = every[number - 1] if int(dataset.get("NumberOfFrames") or 1) > 1 else every
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        colours = apply_color_lut(stored, dataset)
        return np.asarray(colours >> (8 * (colours.dtype.itemsize - 1))).astype("u1")
    if dataset.PhotometricInterpretation not in GRAY:
        return np.asarray(stored >> (dataset.BitsStored - 8)).astype("u1")
    return _brightness(stored, dataset, number)


def _brightness(stored: Array, dataset: pydicom.FileDataset, number: int) -> Array | None:
    looks = _looks(dataset, number)
    real = apply_modality_lut(stored, looks)
    if "WindowCenter" in looks and looks.WindowCenter not in (None, ""):
        centre = np.ravel(np.asarray(looks.WindowCenter, dtype=float))[0]
        width = np.ravel(np.asarray(looks.WindowWidth, dtype=float))[0]
        flat = np.concatenate([np.ravel(real).astype(float), [centre - 1e9, centre + 1e9]])
        done = apply_windowing(flat, _only_window(looks, centre, width))
        low, high = done[-2], done[-1]
        shades = (done[:-2].reshape(real.shape) - low) / (high - low) * 255
    elif looks.get("VOILUTSequence"):
        table = looks.VOILUTSequence[0]
        shades = apply_voi_lut(real, looks).astype(float) * 256 // (1 << table.LUTDescriptor[2])
    elif dataset.get("BitsStored", 64) <= 8 and "ModalityLUTSequence" not in looks:
        least = -(1 << (dataset.BitsStored - 1)) if dataset.PixelRepresentation else 0
        shades = (stored.astype(float) - least) * 255 / ((1 << dataset.BitsStored) - 1)
    else:
        return None
    dark = dataset.PhotometricInterpretation == "MONOCHROME1"
    dark = dark or dataset.get("PresentationLUTShape") == "INVERSE"
    return np.asarray(255 - shades if dark else shades)


def _only_window(looks: pydicom.Dataset, centre: float, width: float) -> pydicom.Dataset:
    made = pydicom.Dataset()
    made.PhotometricInterpretation = "MONOCHROME2"
    made.BitsStored, made.PixelRepresentation = 16, 0
    made.WindowCenter, made.WindowWidth = centre, width
    made.VOILUTFunction = looks.get("VOILUTFunction") or "LINEAR"
    return made


def _looks(dataset: pydicom.FileDataset, number: int) -> pydicom.Dataset:
    """Return the attributes that say how a frame looks, out of its functional groups too."""
    made = pydicom.Dataset()
    made.update({
        each.tag: each
        for each in dataset
        if each.keyword
        in {
            "RescaleSlope", "RescaleIntercept", "ModalityLUTSequence", "WindowCenter",
            "WindowWidth", "VOILUTFunction", "VOILUTSequence", "PixelRepresentation",
        }
    })  # fmt: skip
    made.file_meta = dataset.file_meta
    groups = [*(dataset.get("SharedFunctionalGroupsSequence") or [])]
    groups += (dataset.get("PerFrameFunctionalGroupsSequence") or [])[number - 1 : number]
    for group in groups:
        for macro in ("PixelValueTransformationSequence", "FrameVOILUTSequence"):
            for item in group.get(macro) or []:
                made.update(item)
    return made


@pytest.mark.parametrize("sample", images())
def test_a_picture_is_what_pydicom_makes_of_it(sample: Sample) -> None:
    dataset = sample.read()
    frames = int(dataset.get("NumberOfFrames") or 1)
    for number in sorted({1, frames}):
        theirs = expected(dataset, number)
        ours, pixels = rendered(sample, number)
        assert ours.shape[:2] == (pixels.rows, pixels.columns)
        if theirs is None:
            continue
        tolerance = 2 if dataset.file_meta.get("TransferSyntaxUID") in LOSSY else 1
        assert np.abs(ours.astype(float) - theirs).max() <= tolerance


def test_most_images_have_been_judged() -> None:
    judged = [each.id for each in images() if expected(each.values[0].read(), 1) is not None]

    assert len(judged) > len(images()) * 2 // 3
    assert {
        "palette-explicit", "palette-segmented-explicit", "palette-big", "ybr-planes-explicit",
        "ybr-422-explicit", "enhanced-ct-explicit", "modality-lut-explicit", "voi-lut-explicit",
        "sigmoid-explicit", "monochrome1-explicit", "inverse-explicit", "one-bit-big",
        "overlay-embedded-explicit", "seg-binary", "parametric-map",
    } <= set(judged)  # fmt: skip
