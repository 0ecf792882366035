"""Images of every pixel form, made for the occasion; the same bytes each time."""

from __future__ import annotations

import copy
import io
import struct
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence
from pydicom.uid import JPEG2000, UID, ExplicitVRLittleEndian

from objects import an_object
from safelight.dicom.reading.index import index
from safelight.dicom.source import BytesSource
from safelight.dicom.writing.part10 import file_meta

Array = np.ndarray[Any, Any]
SIDE = 40
_WORDS = {"OW": 16, "OF": 32, "OL": 32, "OD": 64, "OV": 64}
ENHANCED = {"CT": "1.2.840.10008.5.1.4.1.1.2.1", "MR": "1.2.840.10008.5.1.4.1.1.4.1"}


def as_file(made: Dataset, syntax: str = ExplicitVRLittleEndian) -> bytes:
    """Write a data set as a Part 10 file; compressed pixels are taken as encapsulated.

    A transfer syntax that pydicom does not know is named in a file meta group of our own.
    """
    known = UID(syntax) if UID(syntax).is_transfer_syntax else JPEG2000
    if not known.is_little_endian:
        made = _in_big_words(made)  # pydicom leaves OW and its like to the caller
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = made.SOPClassUID
    meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    meta.TransferSyntaxUID = known
    made.file_meta = meta
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dcmwrite(
            out,
            made,
            enforce_file_format=True,
            implicit_vr=known.is_implicit_VR,
            little_endian=known.is_little_endian,
        )
    data = out.getvalue()
    if known == syntax:
        return data
    start = index(BytesSource(data)).dataset_offset
    return file_meta(made.SOPClassUID, made.SOPInstanceUID, syntax) + data[start:]


def _in_big_words(made: Dataset) -> Dataset:
    turned = copy.deepcopy(made)
    for each in turned:
        if each.VR in {"OW", "OF", "OL", "OD", "OV"} and each.value:
            is_pixels = each.keyword == "PixelData"
            bits = max(made.BitsAllocated, 16) if is_pixels else _WORDS[each.VR]
            each.value = np.frombuffer(each.value, f"u{bits // 8}").byteswap().tobytes()
    return turned


def noise(*shape: int, kind: str = "<u2", most: int | None = None) -> Array:
    """Return values of every size that the kind has, or up to `most`."""
    chance = np.random.default_rng(len(shape) * 1000 + shape[-1])
    stored = np.dtype(kind)
    if stored.kind == "f":
        return chance.normal(40, 200, shape).astype(stored)
    least, greatest = int(np.iinfo(stored).min), int(np.iinfo(stored).max)
    if most is not None:
        least, greatest = (-most - 1 if stored.kind == "i" else 0), most
    return chance.integers(least, greatest, shape, dtype=stored, endpoint=True)


def smooth(*shape: int, most: int = 255, kind: str = "u1") -> Array:
    """Return a picture that lossy codecs keep nearly as it is."""
    down, across = np.mgrid[0 : shape[0], 0 : shape[1]]
    wave = (np.sin(down / 9) + np.cos(across / 7) + 2) / 4
    gray = (wave * most).astype(kind)
    return gray if len(shape) == 2 else np.stack([gray, gray[::-1], gray[:, ::-1]], axis=-1)


def an_image(number: int, values: Array | bytes, **changes: object) -> Dataset:
    """Return an image of these values, described by their own shape unless told otherwise."""
    described: dict[str, object] = {}
    if isinstance(values, np.ndarray):
        bits = values.dtype.itemsize * 8
        described = {
            "Rows": values.shape[0],
            "Columns": values.shape[1],
            "BitsAllocated": bits,
            "BitsStored": bits,
            "HighBit": bits - 1,
            "PixelRepresentation": int(values.dtype.kind == "i"),
        }
        data = values.tobytes()
        described["PixelData"] = data + b"\0" * (len(data) % 2)
    else:
        described["PixelData"] = values
    made = an_object(number, study=900, series=1, **(described | changes))
    if made.BitsAllocated <= 8:
        made["PixelData"].VR = "OB"
    return made


def colour(number: int, values: Array, photometric: str, *, planar: int = 0) -> Dataset:
    """Return an image in three samples, by pixel or by plane."""
    stored = np.moveaxis(values, -1, 0) if planar else values
    return an_image(
        number,
        values,
        PixelData=stored.tobytes(),
        SamplesPerPixel=3,
        PhotometricInterpretation=photometric,
        PlanarConfiguration=planar,
    )


def encapsulated(made: Dataset, frames: list[bytes], syntax: str) -> bytes:
    """Write an image whose frames are compressed already."""
    made.PixelData = encapsulate(frames)
    made["PixelData"].VR = "OB"
    made["PixelData"].is_undefined_length = True
    return as_file(made, syntax)


def palette(number: int, values: Array, *, bits: int = 16, segmented: bool = False) -> Dataset:
    """Return an indexed image whose 256 colours are three ramps."""
    made = an_image(number, values, PhotometricInterpretation="PALETTE COLOR")
    for place, name in enumerate(("Red", "Green", "Blue")):
        ramp = (np.arange(256) * (place + 1)) % 256
        entries = (ramp.astype("u1") if bits == 8 else ramp * 257).astype(
            "u1" if bits == 8 else "<u2"
        )
        setattr(made, f"{name}PaletteColorLookupTableDescriptor", [256, 0, bits])
        if segmented:
            words = [0, 1, 0, 1, 255, 65535] if place != 1 else [0, 2, 7, 9, 1, 254, 60000]
            data = struct.pack(f"<{len(words)}H", *words)
            setattr(made, f"Segmented{name}PaletteColorLookupTableData", data)
        else:
            setattr(made, f"{name}PaletteColorLookupTableData", entries.tobytes())
    return made


def with_overlay(number: int, *, embedded: bool) -> Dataset:
    """Return a 12-bit image with an overlay beside it or in the bits above it."""
    values = noise(SIDE, SIDE, most=4095)
    drawn = (np.add.outer(np.arange(SIDE), np.arange(SIDE)) % 5 == 0).astype("<u2")
    made = an_image(
        number,
        values | drawn << 12 if embedded else values,
        BitsStored=12,
        HighBit=11,
        WindowCenter=2048,
        WindowWidth=4096,
    )
    made.add_new(0x60000010, "US", SIDE)
    made.add_new(0x60000011, "US", SIDE)
    made.add_new(0x60000040, "CS", "G")
    made.add_new(0x60000050, "SS", [1, 1])
    made.add_new(0x60000100, "US", 16 if embedded else 1)
    made.add_new(0x60000102, "US", 12 if embedded else 0)
    if not embedded:
        made.add_new(0x60003000, "OW", np.packbits(drawn.astype("u1"), bitorder="little").tobytes())
    return made


def enhanced(number: int, modality: str, frames: int = 3) -> Dataset:
    """Return an enhanced multi-frame image whose frames are windowed each in its own way."""
    values = noise(SIDE * frames, SIDE, kind="<i2", most=1500)
    made = an_image(number, values, Rows=SIDE, NumberOfFrames=frames, Modality=modality)
    made.SOPClassUID = ENHANCED[modality]
    shared, spacing, scaled = Dataset(), Dataset(), Dataset()
    spacing.PixelSpacing, spacing.SliceThickness = [0.5, 0.5], 2
    scaled.RescaleSlope, scaled.RescaleIntercept, scaled.RescaleType = 2, -100, "HU"
    shared.PixelMeasuresSequence = Sequence([spacing])
    shared.PixelValueTransformationSequence = Sequence([scaled])
    made.SharedFunctionalGroupsSequence = Sequence([shared])
    groups = []
    for at in range(frames):
        group, window, place = Dataset(), Dataset(), Dataset()
        window.WindowCenter, window.WindowWidth = 100 * at, 1000 + 500 * at
        place.ImagePositionPatient = [0, 0, at * 2]
        group.FrameVOILUTSequence = Sequence([window])
        group.PlanePositionSequence = Sequence([place])
        groups.append(group)
    made.PerFrameFunctionalGroupsSequence = Sequence(groups)
    return made


def with_table(number: int, sequence: str, descriptor: list[int], entries: Array) -> Dataset:
    """Return an image with a modality or VOI lookup table."""
    table = Dataset()
    made = an_image(number, noise(SIDE, SIDE, most=4095), BitsStored=12, HighBit=11)
    if sequence == "ModalityLUTSequence":
        made.WindowCenter, made.WindowWidth = 1500, 2500
    table.add_new(0x00283002, "US", descriptor)
    table.add_new(0x00283006, "OW", entries.astype("<u2").tobytes())
    setattr(made, sequence, Sequence([table]))
    return made


def halved(values: Array) -> bytes:
    """Return Y Y Cb Cr for each pair of pixels."""
    pairs = values.reshape(values.shape[0], -1, 2, 3)
    return np.stack(
        [pairs[:, :, 0, 0], pairs[:, :, 1, 0], pairs[:, :, 0, 1], pairs[:, :, 0, 2]], axis=-1
    ).tobytes()


def native_images() -> Iterator[tuple[str, Dataset]]:
    """Yield an image of every native form, by name."""
    flat, film = (SIDE, SIDE), (5, 7)
    rgb, ramp = noise(*flat, 3, kind="u1"), np.arange(4096)
    numbers = iter(range(1, 100))
    bits = np.packbits(noise(3 * 35, kind="u1", most=1), bitorder="little").tobytes()
    yield "one-bit", an_image(
        next(numbers), bits, Rows=film[0], Columns=film[1], NumberOfFrames=3,
        BitsAllocated=1, BitsStored=1, HighBit=0,
    )  # fmt: skip
    yield "eight", an_image(next(numbers), noise(*flat, kind="u1"))
    yield "eight-signed", an_image(next(numbers), noise(*flat, kind="i1"))
    yield "odd", an_image(next(numbers), noise(3, 3, kind="u1"))
    yield "twelve", an_image(next(numbers), noise(*flat, most=4095), BitsStored=12, HighBit=11)
    yield "twelve-signed", an_image(
        next(numbers), noise(*flat, kind="<i2", most=2047) & 0xFFF, BitsStored=12, HighBit=11,
        PixelRepresentation=1,
    )  # fmt: skip
    yield "sixteen-signed", an_image(
        next(numbers), noise(*flat, kind="<i2"), RescaleSlope=2, RescaleIntercept=-1024,
        WindowCenter=[40, 300], WindowWidth=[400, 1500],
    )  # fmt: skip
    yield "thirty-two", an_image(next(numbers), noise(*flat, kind="<u4"))
    yield "thirty-two-signed", an_image(next(numbers), noise(*flat, kind="<i4"))
    for name, kind, keyword in (
        ("float", "<f4", "FloatPixelData"),
        ("double", "<f8", "DoubleFloatPixelData"),
    ):
        values = noise(*flat, kind=kind)
        made = an_image(next(numbers), values)
        del made.PixelData, made.BitsStored, made.HighBit, made.PixelRepresentation
        setattr(made, keyword, values.tobytes())
        yield name, made
    yield "monochrome1", an_image(
        next(numbers), noise(*flat, most=4095), BitsStored=12, HighBit=11,
        PhotometricInterpretation="MONOCHROME1", WindowCenter=2000, WindowWidth=3000,
    )  # fmt: skip
    yield "palette", palette(next(numbers), noise(*flat, kind="u1"))
    yield "palette-bytes", palette(next(numbers), noise(*flat, kind="u1"), bits=8)
    yield "palette-wide", palette(next(numbers), noise(*flat, most=255))
    yield "palette-segmented", palette(next(numbers), noise(*flat, kind="u1"), segmented=True)
    yield "rgb", colour(next(numbers), rgb, "RGB")
    yield "rgb-planes", colour(next(numbers), rgb, "RGB", planar=1)
    yield "rgb-sixteen", colour(next(numbers), noise(*flat, 3), "RGB")
    yield "ybr", colour(next(numbers), rgb, "YBR_FULL")
    yield "ybr-planes", colour(next(numbers), rgb, "YBR_FULL", planar=1)
    yield "ybr-422", an_image(
        next(numbers), halved(rgb), Rows=SIDE, Columns=SIDE, SamplesPerPixel=3, BitsAllocated=8,
        BitsStored=8, HighBit=7, PhotometricInterpretation="YBR_FULL_422", PlanarConfiguration=0,
    )  # fmt: skip
    yield "overlay", with_overlay(next(numbers), embedded=False)
    yield "overlay-embedded", with_overlay(next(numbers), embedded=True)
    yield "film", an_image(next(numbers), noise(SIDE * 4, SIDE), Rows=SIDE, NumberOfFrames=4)
    yield "enhanced-ct", enhanced(next(numbers), "CT")
    yield "enhanced-mr", enhanced(next(numbers), "MR")
    yield (
        "modality-lut",
        with_table(next(numbers), "ModalityLUTSequence", [4096, 0, 16], (ramp * 7) % 3000),
    )
    yield "voi-lut", with_table(next(numbers), "VOILUTSequence", [4096, 0, 12], 4095 - ramp)
    yield "sigmoid", an_image(
        next(numbers), noise(*flat), WindowCenter=30000, WindowWidth=20000,
        VOILUTFunction="SIGMOID",
    )  # fmt: skip
    yield "padding", an_image(
        next(numbers), np.where(noise(*flat) > 9000, noise(*flat, most=999), 63000).astype("<u2"),
        PixelPaddingValue=63000,
    )  # fmt: skip
    yield (
        "inverse",
        an_image(next(numbers), noise(*flat, kind="u1"), PresentationLUTShape="INVERSE"),
    )
