"""How is a frame written in a compressed transfer syntax, without loss?

For the cage only. Lossy syntaxes are never written: what comes out of Safelight is
what went in, or the same pixels in another form.
"""

from __future__ import annotations

import warnings
from typing import Final

from pydicom.pixels.encoders.base import get_encoder

from safelight.dicom.pictures.decoding import told
from safelight.dicom.pixels.layout import DecodedFrame
from safelight.dicom.reasons import Reason, UnreadableError
from safelight.dicom.registry import transfer_syntaxes as syntax

_PLUGINS: Final = {
    syntax.RLE_LOSSLESS: ("pylibjpeg", "pydicom"),
    syntax.JPEG_LS_LOSSLESS: ("pyjpegls",),
    syntax.JPEG_2000_LOSSLESS: ("pylibjpeg",),
}


def can_encode(transfer_syntax: str) -> bool:
    """Say whether frames can be written in this transfer syntax."""
    return transfer_syntax in _PLUGINS


def encode(frame: DecodedFrame, into: str) -> DecodedFrame:
    """Return the frame in the transfer syntax `into`, without loss.

    Raises:
        UnreadableError: the syntax is not written here, or cannot hold these pixels.
    """
    pixels = frame.pixels
    if not can_encode(into) or pixels.floating:
        raise UnreadableError(Reason.BAD_PIXELS)
    options = told(pixels)
    if pixels.samples > 1:
        options["planar_configuration"] = 0
    for plugin in _PLUGINS[into]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                encoded = get_encoder(into).encode(
                    frame.data, index=0, encoding_plugin=plugin, **options
                )
            except (RuntimeError, ValueError, NotImplementedError):
                continue  # what it cannot hold: too small a picture, too many bits
        return DecodedFrame(pixels, bytes(encoded))
    raise UnreadableError(Reason.BAD_PIXELS)
