"""Whatever a header says of overlays, a picture is made, and nothing is drawn outside it."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from safelight.dicom.pictures.render import render
from safelight.dicom.pixels.layout import PixelModule
from safelight.dicom.pixels.overlays import Overlay, overlays
from safelight.dicom.pixels.picture import PictureFormat
from safelight.dicom.pixels.voi import VoiWindow
from safelight.dicom.registry.transfer_syntaxes import EXPLICIT_LITTLE, RLE_LOSSLESS

_NUMBERS = st.one_of(
    st.integers(-3, 20), st.sampled_from([-(2**31), -65_536, 65_535, 2**31, None, "x", 0.5])
)
_ELEMENTS = st.dictionaries(
    st.sampled_from(["0010", "0011", "0015", "0050", "0051", "0100", "0102"]),
    st.lists(_NUMBERS, max_size=3).map(lambda values: {"vr": "US", "Value": values}),
)
_DATA = st.one_of(
    st.none(),
    st.binary(max_size=64).map(
        lambda data: {"vr": "OW", "InlineBinary": base64.b64encode(data).decode()}
    ),
    st.sampled_from([{"vr": "OW", "InlineBinary": "?"}, {"vr": "OW", "BulkDataURI": "x"}, {}, 3]),
)


def model(elements: dict[str, Any], data: Any, group: str) -> dict[str, Any]:  # noqa: ANN401
    made: dict[str, Any] = {f"{group}{number}": value for number, value in elements.items()}
    return made if data is None else made | {f"{group}3000": data}


@given(_ELEMENTS, _DATA, st.sampled_from(["6000", "6012", "601E"]), st.integers(1, 4))
def test_any_overlay_is_drawn_inside_or_left_out(
    elements: dict[str, Any],
    data: Any,  # noqa: ANN401
    group: str,
    frame: int,
) -> None:
    pixels = PixelModule(
        rows=3, columns=5, frames=4, number=frame, bits_stored=12, high_bit=11,
        windows=(VoiWindow(500, 1000),),
    )  # fmt: skip

    def bulk(_: str, /, *, start: int = 0, stop: int | None = None) -> bytes:
        return bytes([255] * 16)[start:stop]

    found = overlays(model(elements, data, group), pixels, bulk=bulk)
    for each in found:
        assert Overlay.from_wire(each.to_wire(), each.bits) == each
    for syntax in (EXPLICIT_LITTLE, RLE_LOSSLESS):
        if syntax == RLE_LOSSLESS and any(each.plane is None for each in found):
            continue
        frame_bytes = bytes(30) if syntax == EXPLICIT_LITTLE else _RLE
        made = render(
            frame_bytes,
            pixels,
            transfer_syntax=syntax,
            picture=PictureFormat.PNG,
            overlays=found,
        )
        values = np.asarray(Image.open(io.BytesIO(made)))
        assert values.shape == (3, 5)
        assert set(np.unique(values)) <= {0, 255}


_RLE = (
    (2).to_bytes(4, "little")
    + (64).to_bytes(4, "little")
    + (66).to_bytes(4, "little")
    + bytes(52)
    + bytes([257 - 15, 0]) * 2
)
"""Fifteen zeros of either byte of a word (PS3.5 annex G)."""
