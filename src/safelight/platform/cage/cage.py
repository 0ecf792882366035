"""Through which door do untrusted pixels and documents go?

`cage()` is this process's one pool of limited children. Every decoder of pixels,
and pydicom on untrusted bytes, runs behind it and nowhere else.
"""

from __future__ import annotations

import atexit
import os
import threading
from typing import TYPE_CHECKING, Final

from safelight.dicom.pixels.layout import DecodedFrame, PixelModule
from safelight.dicom.pixels.picture import PictureFormat, Region, fitted
from safelight.dicom.writing.transcoding import NATIVE, transcode
from safelight.platform.cage.errors import CageError, CageReason
from safelight.platform.cage.isolation import Wall
from safelight.platform.cage.limits import frame_seconds
from safelight.platform.cage.pool import Pool

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from safelight.dicom.documents.declared import Declared, DocumentKind
    from safelight.dicom.pixels.overlays import Overlay
    from safelight.dicom.pixels.voi import VoiWindow
    from safelight.dicom.source import Source

SECONDS: Final = 30.0
SECONDS_TO_WRAP: Final = 120.0
_BYTES_PER_PIXEL: Final = 4
_SPARE: Final = 1024 * 1024
_MOST_WRAPPED: Final = 512 * 1024 * 1024


class Cage:
    """What can be done to untrusted bytes. Every call may raise `CageError`."""

    def __init__(self, pool: Pool | None = None) -> None:
        self.pool = pool or Pool()

    def render(  # noqa: PLR0913 (words of the Standard)
        self,
        frame: bytes,
        pixels: PixelModule,
        *,
        transfer_syntax: str,
        window: VoiWindow | None = None,
        viewport: tuple[int, int] | None = None,
        region: Region | None = None,
        format: PictureFormat = PictureFormat.JPEG,  # noqa: A002 - the Standard's word
        quality: int = 90,
        overlays: Sequence[Overlay] = (),
        seconds: float = SECONDS,
    ) -> bytes:
        """Return one frame as a picture; see `dicom.pictures.render`."""
        wide, high = fitted(pixels, viewport, region)
        request = {
            "job": "render",
            "pixels": pixels.to_wire(),
            "transfer_syntax": transfer_syntax,
            "window": window.to_wire() if window else None,
            "viewport": viewport,
            "region": tuple(region) if region else None,
            "picture": PictureFormat(format).value,
            "quality": quality,
            "overlays": [overlay.to_wire() for overlay in overlays],
        }
        if overlays:
            frame = b"".join([frame, *(overlay.bits for overlay in overlays)])
        most = wide * high * _BYTES_PER_PIXEL + _SPARE
        return self.pool.run(request, frame, most=most, seconds=seconds)[1]

    def decode(
        self,
        frame: bytes,
        pixels: PixelModule,
        *,
        transfer_syntax: str,
        seconds: float = SECONDS,
    ) -> DecodedFrame:
        """Return one frame in native little endian form; see `dicom.pictures.decoding`."""
        request = {
            "job": "decode",
            "pixels": pixels.to_wire(),
            "transfer_syntax": transfer_syntax,
            "processor": frame_seconds(pixels.decoded_bytes),
        }
        header, data = self.pool.run(request, frame, most=pixels.decoded_bytes, seconds=seconds)
        described = PixelModule.from_wire(header["pixels"])
        if len(data) != pixels.decoded_bytes or described.native_bytes > 8 * len(data):
            raise CageError(CageReason.CRASHED, "wrong-size")
        return DecodedFrame(described, data)

    def encode(
        self,
        frame: bytes,
        pixels: PixelModule,
        *,
        transfer_syntax: str,
        into: str,
        seconds: float = SECONDS,
    ) -> DecodedFrame:
        """Return one frame in another compressed transfer syntax; see `dicom.pictures.encoding`."""
        request = {
            "job": "encode",
            "pixels": pixels.to_wire(),
            "transfer_syntax": transfer_syntax,
            "into": into,
        }
        most = pixels.decoded_bytes * 2 + _SPARE
        header, data = self.pool.run(request, frame, most=most, seconds=seconds)
        return DecodedFrame(PixelModule.from_wire(header["pixels"]), data)

    def transcode(self, source: Source, into: str, *, seconds: float = SECONDS) -> Iterator[bytes]:
        """Return an object in another transfer syntax, in pieces; see `dicom.writing.transcoding`.

        Each frame goes through a child when its turn comes, with `seconds` of its own.
        """

        def convert(frame: bytes, pixels: PixelModule, held: str, wanted: str) -> DecodedFrame:
            if wanted in NATIVE:
                return self.decode(frame, pixels, transfer_syntax=held, seconds=seconds)
            return self.encode(frame, pixels, transfer_syntax=held, into=wanted, seconds=seconds)

        return transcode(source, into, convert=convert)

    def wrap(
        self,
        kind: DocumentKind,
        payload: bytes,
        declared: Declared,
        *,
        seconds: float = SECONDS_TO_WRAP,
    ) -> bytes:
        """Return a Part 10 file that holds a document or picture; see `dicom.documents.wrap`."""
        request = {"job": "wrap", "kind": kind.value, "declared": declared.to_wire()}
        return self.pool.run(request, payload, most=_MOST_WRAPPED, seconds=seconds)[1]

    def isolation(self) -> str:
        """Say which walls stand around the children, for `doctor`."""
        walls = self.pool.walls()
        return ", ".join(walls) if walls else "none"

    def is_networkless(self) -> bool:
        """Say whether the children cannot reach the network."""
        walls = set(self.pool.walls())
        return bool(walls & {Wall.OWN_NETWORK.value, Wall.CALL_FILTER.value})

    def close(self) -> None:
        """End the children."""
        self.pool.close()


_lock = threading.Lock()
_cages: dict[int, Cage] = {}


def cage(*, size: int = 2) -> Cage:
    """Return this process's cage, made at the first call; a fork gets its own."""
    process = os.getpid()
    with _lock:
        if process not in _cages:
            _cages[process] = made = Cage(Pool(size=size))
            atexit.register(made.close)
        return _cages[process]
