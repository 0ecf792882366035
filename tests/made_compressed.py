"""Compressed images of every transfer syntax; their codecs are not those of the product."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Any

import imagecodecs
import numpy as np
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, encapsulate_extended
from pydicom.pixels.encoders.base import get_encoder
from pydicom.uid import RLELossless

from made_images import SIDE, Array, an_image, as_file, colour, encapsulated, noise, smooth
from safelight.dicom.reading.index import index
from safelight.dicom.registry import transfer_syntaxes as syntax
from safelight.dicom.source import BytesSource
from safelight.dicom.writing.part10 import file_meta

Codec = Callable[[Array], bytes]
VIDEO = {
    "mpeg2": "1.2.840.10008.1.2.4.100",
    "mpeg2-high": "1.2.840.10008.1.2.4.101",
    "mpeg4": "1.2.840.10008.1.2.4.102",
    "mpeg4-bd": "1.2.840.10008.1.2.4.103",
    "hevc": "1.2.840.10008.1.2.4.107",
}
POINTED_AT = {
    "jpip": "1.2.840.10008.1.2.4.94",
    "jpip-deflate": "1.2.840.10008.1.2.4.95",
    "jpip-htj2k": "1.2.840.10008.1.2.4.204",
    "jpip-htj2k-deflate": "1.2.840.10008.1.2.4.205",
    "smpte-2110-20": "1.2.840.10008.1.2.7.1",
    "smpte-2110-20-interlaced": "1.2.840.10008.1.2.7.2",
    "smpte-2110-30": "1.2.840.10008.1.2.7.3",
}
"""Syntaxes whose pixels lie with a provider elsewhere, or travel beside the object."""

JPEG_XL = "1.2.840.10008.1.2.4.110"

EXACT: dict[str, tuple[str, Codec]] = {
    "jpeg-lossless": (
        syntax.JPEG_LOSSLESS,
        lambda values: _jpeg(values, lossless=True, predictor=4),
    ),
    "jpeg-lossless-sv1": (
        syntax.JPEG_LOSSLESS_SV1,
        lambda values: _jpeg(values, lossless=True, predictor=1),
    ),
    "jpeg-ls": (syntax.JPEG_LS_LOSSLESS, lambda values: bytes(imagecodecs.jpegls_encode(values))),
    "jpeg-2000": (
        syntax.JPEG_2000_LOSSLESS,
        lambda values: bytes(
            imagecodecs.jpeg2k_encode(values, codecformat="j2k", reversible=True, mct=False)
        ),
    ),
    "htj2k": (syntax.HTJ2K_LOSSLESS, lambda values: _htj2k(values, reversible=True)),
    "htj2k-rpcl": (syntax.HTJ2K_LOSSLESS_RPCL, lambda values: _htj2k(values, reversible=True)),
}
LOSSY: dict[str, tuple[str, Codec]] = {
    "jpeg-baseline": (syntax.JPEG_BASELINE, lambda values: _jpeg(values, level=92)),
    "jpeg-ls-near": (
        syntax.JPEG_LS_NEAR_LOSSLESS,
        lambda values: bytes(imagecodecs.jpegls_encode(values, level=2)),
    ),
    "jpeg-2000-lossy": (
        syntax.JPEG_2000,
        lambda values: bytes(imagecodecs.jpeg2k_encode(values, level=45, codecformat="j2k")),
    ),
    "htj2k-lossy": (syntax.HTJ2K, lambda values: _htj2k(values, reversible=False, level=0.002)),
}


def _jpeg(values: Array, **options: Any) -> bytes:  # noqa: ANN401
    if values.ndim == 3:
        options |= {"colorspace": "RGB", "outcolorspace": "YCBCR", "subsampling": "444"}
        if options.get("lossless"):
            options |= {"outcolorspace": "RGB"}
    return bytes(imagecodecs.jpeg8_encode(values, **options))


def _htj2k(values: Array, **options: Any) -> bytes:  # noqa: ANN401
    return bytes(imagecodecs.htj2k_encode(values, **options))


def _rle(made: Dataset) -> list[bytes]:
    frames = int(made.get("NumberOfFrames", 1))
    size = len(made.PixelData) // frames
    return [
        get_encoder(RLELossless).encode(
            made.PixelData[at * size : (at + 1) * size],
            index=0,
            rows=made.Rows,
            columns=made.Columns,
            number_of_frames=1,
            samples_per_pixel=made.SamplesPerPixel,
            bits_allocated=made.BitsAllocated,
            bits_stored=made.BitsStored,
            pixel_representation=made.PixelRepresentation,
            photometric_interpretation=made.PhotometricInterpretation,
            planar_configuration=0,
            encoding_plugin="gdcm",
        )
        for at in range(frames)
    ]


def compressed_images() -> Iterator[tuple[str, bytes, list[Array] | None]]:
    """Yield name, file and the frames that went in (None where the codec changes them)."""
    number = 100
    for name, (uid, codec) in (EXACT | LOSSY).items():
        exact = name in EXACT
        pictures: dict[str, Array] = {"": smooth(SIDE, 52), "-rgb": smooth(SIDE, 52, 3)}
        if exact:
            pictures["-wide"] = noise(SIDE, 52, kind="<u2", most=4095 if "ls" in name else 65535)
            pictures["-film"] = np.stack([smooth(SIDE, 52), 255 - smooth(SIDE, 52)])
        for kind, values in pictures.items():
            number += 1
            frames = list(values) if kind == "-film" else [values]
            made = _described(number, frames, name)
            yield name + kind, encapsulated(made, [codec(each) for each in frames], uid), (
                frames if exact else None
            )  # fmt: skip
    twelve = smooth(SIDE, 52, most=4095, kind="<u2")
    made = an_image(199, twelve, BitsStored=12, HighBit=11)
    packed = _jpeg(twelve, level=95, bitspersample=12)
    yield "jpeg-extended", encapsulated(made, [packed], syntax.JPEG_EXTENDED), None
    yield from _plain_codecs()


def _described(number: int, frames: list[Array], name: str) -> Dataset:
    first = frames[0]
    if first.ndim == 2:
        stored = 12 if first.dtype.itemsize == 2 and "ls" in name else first.dtype.itemsize * 8
        made = an_image(number, first, BitsStored=stored, HighBit=stored - 1)
    else:
        made = colour(number, first, "YBR_FULL" if name == "jpeg-baseline" else "RGB")
        if name == "jpeg-2000-lossy":
            made.PhotometricInterpretation = "YBR_ICT"
        if name.startswith("htj2k"):
            made.PhotometricInterpretation = "YBR_RCT" if "lossy" not in name else "YBR_ICT"
    if len(frames) > 1:
        made.NumberOfFrames = len(frames)
    return made


def _plain_codecs() -> Iterator[tuple[str, bytes, list[Array] | None]]:
    """Yield RLE, deflated frames and frames that are only wrapped."""
    rgb, wide = noise(SIDE, SIDE, 3, kind="u1"), noise(SIDE, SIDE, kind="<i2")
    for name, made, values in (
        ("rle", an_image(201, wide), wide),
        ("rle-rgb", colour(202, rgb, "RGB"), rgb),
    ):
        yield name, encapsulated(made, _rle(made), syntax.RLE_LOSSLESS), [values]
    for name, uid in (
        ("deflated-frame", syntax.DEFLATED_FRAME),
        ("wrapped", syntax.ENCAPSULATED_PLAIN),
    ):
        made = an_image(203 if name == "wrapped" else 204, wide, NumberOfFrames=2)
        data = [wide.tobytes(), wide[::-1].tobytes()]
        frames = [_deflate(each) for each in data] if uid == syntax.DEFLATED_FRAME else data
        yield name, encapsulated(made, frames, uid), [wide, wide[::-1]]
    made = an_image(205, wide, NumberOfFrames=2)
    frames = [bytes(imagecodecs.jpegls_encode(smooth(SIDE, SIDE, kind="<u2", most=999)))] * 2
    pixels, offsets, lengths = encapsulate_extended(frames)
    made.PixelRepresentation = 0
    made.ExtendedOffsetTable, made.ExtendedOffsetTableLengths = offsets, lengths
    made.PixelData = pixels
    made["PixelData"].VR = "OB"
    made["PixelData"].is_undefined_length = True
    yield "extended-offsets", as_file(made, syntax.JPEG_LS_LOSSLESS), (
        [smooth(SIDE, SIDE, kind="<u2", most=999)] * 2
    )  # fmt: skip


def _deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = packer.compress(data) + packer.flush()
    return packed + b"\0" * (len(packed) % 2)


def undecodable() -> Iterator[tuple[str, bytes, bytes]]:
    """Yield what is stored and given back but not decoded: video, JPEG XL, pixels elsewhere.

    Name, file, and a file that says the same in a syntax that pydicom knows.
    """
    for number, (name, uid) in enumerate(VIDEO.items(), 300):
        made = colour(number, smooth(SIDE, SIDE, 3), "YBR_PARTIAL_420", planar=0)
        made.NumberOfFrames = 25
        made.CineRate = 25
        made.PixelData = encapsulate(
            [b"\x00\x00\x01\xb3" + noise(999, kind="u1").tobytes() + b"\0"]
        )
        made["PixelData"].VR = "OB"
        made["PixelData"].is_undefined_length = True
        data = as_file(made, uid)
        yield name, data, data
    for number, (name, uid) in enumerate(POINTED_AT.items(), 320):
        made = an_image(number, smooth(SIDE, SIDE))
        del made.PixelData
        if not name.startswith("smpte"):
            made.PixelDataProviderURL = "https://images.example/jpip?target=1"
        plain = as_file(made)
        start = index(BytesSource(plain)).dataset_offset
        data = _deflate(plain[start:]) if name.endswith("deflate") else plain[start:]
        yield name, file_meta(made.SOPClassUID, made.SOPInstanceUID, uid) + data, plain
    made = an_image(330, smooth(SIDE, SIDE))
    frame = bytes(imagecodecs.jpegxl_encode(smooth(SIDE, SIDE), lossless=True))
    data = encapsulated(made, [frame], JPEG_XL)
    yield "jpeg-xl", data, data
