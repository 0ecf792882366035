"""Which descriptions of pixels are believed?"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest

from safelight.dicom.pixels.layout import PixelModule, describe
from safelight.dicom.pixels.lookup import LookupTable, lookup_table
from safelight.dicom.pixels.segments import expand
from safelight.dicom.pixels.voi import VoiFunction, VoiWindow
from safelight.dicom.reasons import Reason, UnreadableError


def a_model(**changed: tuple[str, Any]) -> dict[str, Any]:
    """Return the model of a small CT slice; changes are keyed `t` and eight digits."""
    elements = {
        "t00280002": ("US", 1),
        "t00280004": ("CS", "MONOCHROME2"),
        "t00280010": ("US", 64),
        "t00280011": ("US", 32),
        "t00280100": ("US", 16),
        "t00280101": ("US", 12),
        "t00280102": ("US", 11),
        "t00280103": ("US", 1),
    } | changed
    return {
        tag[1:]: {"vr": vr, "Value": value if isinstance(value, list) else [value]}
        for tag, (vr, value) in elements.items()
    }


def refused(model: dict[str, Any]) -> Reason:
    with pytest.raises(UnreadableError) as caught:
        PixelModule.from_json(model)
    return caught.value.reason


def test_a_plain_description_is_read() -> None:
    pixels = PixelModule.from_json(a_model())

    assert (pixels.rows, pixels.columns, pixels.bits_stored, pixels.signed) == (64, 32, 12, True)
    assert pixels.native_bytes == 64 * 32 * 2


@pytest.mark.parametrize("bits", [0, 7, 12, 24, 64, -8, 1 << 40])
def test_odd_numbers_of_bits_are_refused(bits: int) -> None:
    model = a_model(t00280100=("US", bits), t00280101=("US", 1), t00280102=("US", 0))

    assert refused(model) is Reason.BAD_PIXELS


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"t00280010": ("US", 65535), "t00280011": ("US", 65535)}, Reason.PIXEL_FLOOD),
        ({"t00280008": ("IS", 2**31 - 1)}, Reason.PIXEL_FLOOD),
        ({"t00280010": ("US", 0)}, Reason.BAD_PIXELS),
        ({"t00280011": ("US", -1)}, Reason.BAD_PIXELS),
        ({"t00280010": ("UL", 70000)}, Reason.BAD_PIXELS),
        ({"t00280008": ("IS", 0)}, Reason.BAD_PIXELS),
        ({"t00280002": ("US", 3)}, Reason.BAD_PIXELS),
        ({"t00280002": ("US", 200)}, Reason.BAD_PIXELS),
        ({"t00280004": ("CS", "CMYK")}, Reason.BAD_PIXELS),
        ({"t00280101": ("US", 17)}, Reason.BAD_PIXELS),
        ({"t00281053": ("DS", 1e999)}, None),
    ],
)
def test_floods_and_nonsense_are_refused_in_plain_numbers(
    changed: dict[str, tuple[str, Any]], reason: Reason | None
) -> None:
    if reason is None:
        assert PixelModule.from_json(a_model(**changed)).slope == 1.0
    else:
        assert refused(a_model(**changed)) is reason


@pytest.mark.parametrize("value", [{}, {"vr": "US"}, {"vr": "US", "Value": "x"}, [], "512", None])
def test_a_model_of_the_wrong_shape_is_refused_and_breaks_nothing(value: Any) -> None:  # noqa: ANN401
    assert refused(a_model() | {"00280010": value}) is Reason.BAD_PIXELS


def test_an_object_without_pixels_has_nothing_to_describe() -> None:
    assert describe({"00080016": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.88.11"]}}) is None


def test_only_usable_windows_are_kept_with_their_function() -> None:
    pixels = PixelModule.from_json(
        a_model(
            t00281050=("DS", [40, 50, 60]),
            t00281051=("DS", [0, 100, 200]),
            t00281056=("CS", "SIGMOID"),
        )
    )

    assert pixels.windows == (
        VoiWindow(50, 100, VoiFunction.SIGMOID),
        VoiWindow(60, 200, VoiFunction.SIGMOID),
    )


def test_an_enhanced_image_is_described_frame_by_frame() -> None:
    def group(slope: float) -> dict[str, Any]:
        values = {"00281053": {"vr": "DS", "Value": [slope]}}
        return {"00289145": {"vr": "SQ", "Value": [values]}}

    spacing = {"00280030": {"vr": "DS", "Value": [2.0, 1.0]}}
    model = a_model(t00280008=("IS", 2)) | {
        "52009230": {"vr": "SQ", "Value": [group(2.0), group(3.0)]},
        "52009229": {"vr": "SQ", "Value": [{"00289110": {"vr": "SQ", "Value": [spacing]}}]},
    }

    assert PixelModule.from_json(model, frame=1).slope == 2.0
    assert PixelModule.from_json(model, frame=2).slope == 3.0
    assert PixelModule.from_json(model, frame=2).aspect == 2.0


def test_long_palettes_are_fetched_and_survive_the_wire() -> None:
    table = np.arange(1024, dtype="<u2").tobytes()
    palettes = {}
    for number in (1, 2, 3):
        palettes[f"0028110{number}"] = {"vr": "US", "Value": [1024, 0, 16]}
        palettes[f"0028120{number}"] = {"vr": "OW", "BulkDataURI": f"bulkdata/0028120{number}"}
    model = a_model(t00280004=("CS", "PALETTE COLOR"), t00280103=("US", 0)) | palettes

    pixels = PixelModule.from_json(model, bulk=lambda address: table if "bulk" in address else b"")

    assert pixels.palette == (LookupTable(0, 16, table),) * 3
    assert PixelModule.from_wire(pixels.to_wire()) == pixels
    assert PixelModule.from_json(model).palette == ()


def test_packed_bytes_and_words_give_the_same_table() -> None:
    packed = lookup_table([4, 0, 8], bytes([1, 2, 3, 4]))

    assert packed == lookup_table([4, 0, 8], bytes([1, 0, 2, 0, 3, 0, 4, 0]))
    assert packed == lookup_table([4, 0, 8], [1, 2, 3, 4])


@pytest.mark.parametrize(
    ("descriptor", "data"),
    [
        ([4, 0, 16], b"\0" * 7),
        ([4, 0], b"\0" * 8),
        ([70000, 0, 16], b"\0" * 8),
        ([4, 0, 40], b"\0" * 8),
        (["a", 0, 16], b"\0" * 8),
        ([2, 0, 16], [1, 70000]),
    ],
)
def test_a_table_that_is_not_what_it_promises_is_refused(
    descriptor: list[Any], data: bytes | list[int]
) -> None:
    with pytest.raises(UnreadableError):
        lookup_table(descriptor, data)


def test_segments_expand_to_steps_ramps_and_repetitions() -> None:
    steps = [0, 2, 10, 20]
    ramp = [1, 4, 60]

    assert expand(steps + ramp) == [10, 20, 30, 40, 50, 60]
    assert expand([*steps, 2, 1, 0, 0]) == [10, 20, 10, 20]


@pytest.mark.parametrize("words", [[2, 1, 0, 0], [1, 3, 9], [7, 1, 1], [0], [1, 65535] * 20])
def test_segments_that_never_end_are_refused(words: list[int]) -> None:
    with pytest.raises(UnreadableError):
        expand(words)


def test_broken_inline_data_is_refused() -> None:
    item: dict[str, dict[str, Any]] = {
        "00283002": {"vr": "US", "Value": [2, 0, 16]},
        "00283006": {"vr": "OW", "InlineBinary": "****"},
    }

    assert refused(a_model() | {"00283010": {"vr": "SQ", "Value": [item]}}) is Reason.BAD_PIXELS
    sound = base64.b64encode(b"\0\0\1\0").decode()
    item["00283006"]["InlineBinary"] = sound
    model = a_model() | {"00283010": {"vr": "SQ", "Value": [item]}}
    assert PixelModule.from_json(model).voi_lut is not None
