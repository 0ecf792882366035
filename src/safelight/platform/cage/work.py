"""What can a caged child do?

Imported only by `child`, inside the walls: this is where the codecs and pydicom
meet untrusted bytes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from safelight.dicom.documents.declared import Declared, DocumentKind
from safelight.dicom.documents.reasons import DocumentRefusedError
from safelight.dicom.documents.wrap import wrap
from safelight.dicom.pictures.decoding import decode
from safelight.dicom.pictures.encoding import encode
from safelight.dicom.pictures.render import render
from safelight.dicom.pixels.layout import YBR_FULL, DecodedFrame, PixelModule
from safelight.dicom.pixels.overlays import Overlay
from safelight.dicom.pixels.picture import PictureFormat, Region
from safelight.dicom.pixels.voi import VoiFunction, VoiWindow
from safelight.dicom.reasons import UnreadableError
from safelight.dicom.registry import transfer_syntaxes as syntax

Answer = tuple[dict[str, Any], bytes]


_SIDE: Final = 64  # JPEG 2000 halves it five times
_PAPER: Final = b"%PDF-1.4\nstartxref\n0\n%%EOF\n"


def _render(request: dict[str, Any], frame: bytes) -> Answer:
    window, viewport, region = request["window"], request["viewport"], request["region"]
    frame, overlays = _parted(frame, request["overlays"])
    picture = render(
        frame,
        PixelModule.from_wire(request["pixels"]),
        transfer_syntax=request["transfer_syntax"],
        window=VoiWindow.from_wire(window) if window else None,
        viewport=(int(viewport[0]), int(viewport[1])) if viewport else None,
        region=Region(*region) if region else None,
        picture=PictureFormat(request["picture"]),
        quality=int(request["quality"]),
        overlays=overlays,
    )
    return {}, picture


def _parted(payload: bytes, wires: list[dict[str, Any]]) -> tuple[bytes, list[Overlay]]:
    """Part what was sent into the frame and the bits of the drawings over it."""
    if not wires:
        return payload, []
    at = len(payload) - sum(int(wire["size"]) for wire in wires)
    frame, overlays = payload[:at], []
    for wire in wires:
        overlays.append(Overlay.from_wire(wire, payload[at : at + int(wire["size"])]))
        at += int(wire["size"])
    return frame, overlays


def _decode(request: dict[str, Any], frame: bytes) -> Answer:
    pixels = PixelModule.from_wire(request["pixels"])
    return _told(decode(frame, pixels, request["transfer_syntax"]))


def _encode(request: dict[str, Any], frame: bytes) -> Answer:
    pixels = PixelModule.from_wire(request["pixels"])
    return _told(encode(decode(frame, pixels, request["transfer_syntax"]), request["into"]))


def _wrap(request: dict[str, Any], payload: bytes) -> Answer:
    return {}, wrap(DocumentKind(request["kind"]), payload, Declared.from_wire(request["declared"]))


def _told(frame: DecodedFrame) -> Answer:
    return {"pixels": frame.pixels.to_wire()}, frame.data


JOBS: Final[Mapping[str, Callable[[dict[str, Any], bytes], Answer]]] = {
    "render": _render,
    "decode": _decode,
    "encode": _encode,
    "wrap": _wrap,
}


def warm() -> None:
    """Do each job once, so that every module and plugin is loaded before the walls close."""
    logging.disable(logging.CRITICAL)
    gray = DecodedFrame(PixelModule(rows=_SIDE, columns=_SIDE), bytes(_SIDE * _SIDE * 2))
    for into in (syntax.RLE_LOSSLESS, syntax.JPEG_LS_LOSSLESS, syntax.JPEG_2000_LOSSLESS):
        packed = encode(gray, into)
        decode(packed.data, packed.pixels, into)
        with suppress(UnreadableError):
            decode(packed.data[:-_SIDE], packed.pixels, into)
    for window in (None, *(VoiWindow(1.0, 2.0, function) for function in VoiFunction)):
        _picture(gray.data, gray.pixels, PictureFormat.JPEG, window)
    colours = PixelModule(
        rows=_SIDE, columns=_SIDE, samples=3, photometric=YBR_FULL,
        bits_allocated=8, bits_stored=8, high_bit=7,
    )  # fmt: skip
    pictures = {
        picture: _picture(bytes(colours.decoded_bytes), colours, picture, None)
        for picture in PictureFormat
    }
    someone = Declared(patient_name="", patient_id="")
    for kind, data in (
        (DocumentKind.PDF, _PAPER),
        (DocumentKind.PNG, pictures[PictureFormat.PNG]),
        (DocumentKind.JPEG, pictures[PictureFormat.JPEG]),
        (DocumentKind.PNG, _PAPER),
    ):
        with suppress(DocumentRefusedError):
            wrap(kind, data, someone)
    half = replace(colours, rows=_SIDE // 2, columns=_SIDE // 2)
    for into in (syntax.JPEG_BASELINE, syntax.JPEG_LOSSLESS, syntax.JPEG_EXTENDED):
        with suppress(UnreadableError):
            decode(pictures[PictureFormat.JPEG], half, into)


def _picture(
    frame: bytes, pixels: PixelModule, picture: PictureFormat, window: VoiWindow | None
) -> bytes:
    return render(
        frame,
        pixels,
        transfer_syntax=syntax.EXPLICIT_LITTLE,
        viewport=(_SIDE // 2, _SIDE // 2),
        window=window,
        picture=picture,
    )
