"""What does a 12-bit JPEG frame hold? (PS3.5 section 8.2.1, processes 2 and 4)

For the cage only. pydicom leaves these to a codec under a licence we do not ship;
GDCM reads them when it is asked directly.
"""

from __future__ import annotations

from typing import Any

import gdcm
import numpy as np
from numpy.typing import NDArray

from safelight.dicom.pixels.layout import PixelModule
from safelight.dicom.reasons import Reason, UnreadableError
from safelight.dicom.registry.transfer_syntaxes import JPEG_EXTENDED


def twelve_bits(frame: bytes, pixels: PixelModule) -> NDArray[Any]:
    """Return (rows, columns) values of a gray frame.

    Raises:
        UnreadableError: GDCM gives nothing, or not what the description says.
    """
    if pixels.samples != 1 or pixels.bits_allocated != 16:  # noqa: PLR2004 - bits
        raise UnreadableError(Reason.BAD_PIXELS)
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(frame)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((pixels.columns, pixels.rows, 1))
    image.SetDataElement(element)
    gray = gdcm.PhotometricInterpretation.MONOCHROME2
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(gray))
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(JPEG_EXTENDED)))
    stored = pixels.bits_stored
    image.SetPixelFormat(gdcm.PixelFormat(1, 16, stored, stored - 1, int(pixels.signed)))
    text = image.GetBuffer()
    data = text.encode("utf-8", "surrogateescape") if text else b""
    if len(data) != pixels.decoded_bytes:
        raise UnreadableError(Reason.BAD_PIXELS)
    return np.frombuffer(data, "<i2" if pixels.signed else "<u2").reshape(
        pixels.rows, pixels.columns
    )
