"""Does a rendered frame show what the Standard says it shows?"""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from safelight.dicom.phantom.exams import circle
from safelight.dicom.pictures.render import render
from safelight.dicom.pixels.layout import PixelModule
from safelight.dicom.pixels.lookup import LookupTable
from safelight.dicom.pixels.picture import PictureFormat, fitted
from safelight.dicom.pixels.voi import VoiFunction, VoiWindow
from safelight.dicom.reasons import Reason, UnreadableError
from safelight.dicom.registry import transfer_syntaxes as syntax


def a_row(values: list[float], kind: str = "<i2", **changed: Any) -> tuple[bytes, PixelModule]:  # noqa: ANN401
    stored = np.array(values, dtype=kind)
    bits = stored.dtype.itemsize * 8
    described = {
        "rows": 1, "columns": len(values), "bits_allocated": bits, "bits_stored": bits,
        "high_bit": bits - 1, "signed": stored.dtype.kind == "i",
        "floating": stored.dtype.kind == "f",
    }  # fmt: skip
    return stored.tobytes(), PixelModule(**(described | changed))


def shown(
    frame: bytes,
    pixels: PixelModule,
    *,
    into: str = syntax.EXPLICIT_LITTLE,
    **asked: Any,  # noqa: ANN401
) -> np.ndarray[Any, Any]:
    picture = render(frame, pixels, transfer_syntax=into, picture=PictureFormat.PNG, **asked)
    return np.asarray(Image.open(io.BytesIO(picture)))


def by_the_standard(value: float, window: VoiWindow) -> float:
    """Return the brightness by the pseudo-code of PS3.3 C.11.2.1.2.1, word for word."""
    c, w = window.center, window.width
    if value <= c - 0.5 - (w - 1) / 2:
        return 0
    if value > c - 0.5 + (w - 1) / 2:
        return 255
    return ((value - (c - 0.5)) / (w - 1) + 0.5) * 255


@pytest.mark.parametrize("window", [VoiWindow(40, 400), VoiWindow(-600, 1500), VoiWindow(3, 2)])
def test_a_linear_window_is_the_one_of_the_standard(window: VoiWindow) -> None:
    values = list(range(-1400, 1400, 7))
    frame, pixels = a_row([value * 2 + 200 for value in values], slope=0.5, intercept=-100.0)

    expected = [by_the_standard(value, window) for value in values]

    assert np.abs(shown(frame, pixels, window=window)[0] - np.array(expected)).max() <= 0.51


def test_exact_and_sigmoid_windows_differ_as_the_standard_says() -> None:
    frame, pixels = a_row([0, 50, 100])

    exact = shown(frame, pixels, window=VoiWindow(50, 100, VoiFunction.LINEAR_EXACT))
    sigmoid = shown(frame, pixels, window=VoiWindow(50, 100, VoiFunction.SIGMOID))

    assert exact.tolist() == [[0, 128, 255]]
    assert sigmoid.tolist() == [[30, 128, 225]]


def test_the_images_own_first_window_is_used_unless_another_is_asked_for() -> None:
    frame, pixels = a_row([0, 100], windows=(VoiWindow(1000, 10), VoiWindow(50, 100)))

    assert shown(frame, pixels).tolist() == [[0, 0]]
    assert shown(frame, pixels, window=pixels.windows[1]).tolist() == [[0, 255]]


def test_without_a_window_the_whole_range_shows_and_padding_does_not_count() -> None:
    values = [-2000, *range(1000)]
    frame, pixels = a_row([float(value) for value in values], padding=-2000)

    picture = shown(frame, pixels)[0]

    assert picture[1] == 0
    assert picture[-1] == 255
    assert 125 <= picture[500] <= 130


def test_eight_bits_without_a_window_are_shown_as_they_are() -> None:
    frame, pixels = a_row(list(range(256)), kind="u1")

    assert shown(frame, pixels).tolist() == [list(range(256))]


def test_monochrome1_and_an_inverse_presentation_turn_black_to_white() -> None:
    frame, pixels = a_row([0, 255], kind="u1")

    assert shown(frame, replace(pixels, photometric="MONOCHROME1")).tolist() == [[255, 0]]
    assert shown(frame, replace(pixels, inverse=True)).tolist() == [[255, 0]]
    as_prescribed = replace(pixels, photometric="MONOCHROME1", inverse=True)
    assert shown(frame, as_prescribed).tolist() == [[255, 0]]


def test_tables_replace_slope_and_window() -> None:
    modality = LookupTable(10, 16, np.array([0, 500, 1000], "<u2").tobytes())
    voi = LookupTable(500, 8, np.array([7, 9], "<u2").tobytes())
    frame, pixels = a_row([0, 11, 99], modality_lut=modality, voi_lut=voi)

    assert shown(frame, pixels).tolist() == [[7, 7, 9]]


def test_bits_that_are_not_stored_do_not_show() -> None:
    overlay = 0x8000
    frame, pixels = a_row(
        [overlay | 0xFFF, 0x0FFF, 0x0001 | overlay],
        kind="<u2", bits_stored=12, high_bit=11, signed=True,
    )  # fmt: skip

    window = VoiWindow(0.5, 3, VoiFunction.LINEAR_EXACT)
    assert shown(frame, replace(pixels, signed=True), window=window).tolist() == [[0, 0, 170]]


@pytest.mark.parametrize("kind", ["<i4", "<u4", "<f4", "<f8"])
def test_deep_and_floating_values_are_windowed(kind: str) -> None:
    frame, pixels = a_row([0, 50, 100], kind=kind)

    window = VoiWindow(50, 100, VoiFunction.LINEAR_EXACT)
    assert shown(frame, pixels, window=window).tolist() == [[0, 128, 255]]


def test_what_is_not_a_number_is_shown_as_something() -> None:
    frame, pixels = a_row([float("nan"), float("inf"), 1.0], kind="<f4")

    assert shown(frame, pixels, window=VoiWindow(0.5, 1, VoiFunction.LINEAR_EXACT)).shape == (1, 3)


def test_single_bits_are_unpacked_from_the_lowest() -> None:
    pixels = PixelModule(
        rows=2, columns=5, bits_allocated=1, bits_stored=1, high_bit=0, signed=False
    )

    picture = shown(bytes([0b10100001, 0b00000001]), pixels)

    assert picture.tolist() == [[255, 0, 0, 0, 0], [255, 0, 255, 255, 0]]


def test_a_frame_of_single_bits_may_start_inside_a_byte() -> None:
    pixels = PixelModule(
        rows=1, columns=3, frames=3, number=2, bits_allocated=1, bits_stored=1, high_bit=0
    )
    all_frames = bytes([0b00101000, 0b1])  # 000 101 001, from the lowest bit

    assert shown(all_frames, pixels).tolist() == [[255, 0, 255]]
    with pytest.raises(UnreadableError):
        shown(all_frames[:1], replace(pixels, number=3))


@pytest.mark.parametrize("number", [1, 2])
def test_odd_frames_of_big_endian_words_are_found(number: int) -> None:
    pixels = PixelModule(
        rows=1, columns=3, frames=2, number=number, words=True,
        bits_allocated=8, bits_stored=8, high_bit=7,
    )  # fmt: skip
    swapped = bytes([2, 1, 4, 3, 6, 5])  # 1 2 3, then 4 5 6
    touched = swapped[:4] if number == 1 else swapped[2:]

    assert shown(touched, pixels, into=syntax.EXPLICIT_BIG).tolist() == [
        [1, 2, 3] if number == 1 else [4, 5, 6]
    ]


def test_full_samples_under_a_subsampled_name_are_read_as_full() -> None:
    full = PixelModule(
        rows=1, columns=2, samples=3, photometric="YBR_FULL",
        bits_allocated=8, bits_stored=8, high_bit=7,
    )  # fmt: skip
    frame = bytes([76, 85, 255, 150, 44, 21])

    named_otherwise = replace(full, photometric="YBR_FULL_422")
    assert shown(frame, named_otherwise).tolist() == shown(frame, full).tolist()


@pytest.mark.parametrize("planar", [0, 1])
def test_colours_may_come_by_pixel_or_by_plane(planar: int) -> None:
    colours = np.array([[[255, 0, 0], [0, 255, 0], [9, 8, 7]]], dtype="u1")
    pixels = PixelModule(
        rows=1, columns=3, samples=3, photometric="RGB", planar=planar,
        bits_allocated=8, bits_stored=8, high_bit=7,
    )  # fmt: skip
    frame = (np.moveaxis(colours, -1, 0) if planar else colours).tobytes()

    assert shown(frame, pixels).tolist() == colours.tolist()


def test_full_and_halved_luminance_give_the_same_colours() -> None:
    full = PixelModule(
        rows=1, columns=2, samples=3, photometric="YBR_FULL",
        bits_allocated=8, bits_stored=8, high_bit=7,
    )  # fmt: skip
    red = (76, 85, 255)

    picture = shown(bytes([*red, *red]), full)

    assert np.abs(picture.astype(int) - [[[254, 0, 0], [254, 0, 0]]]).max() <= 1
    halved = replace(full, photometric="YBR_FULL_422")
    assert shown(bytes([76, 76, 85, 255]), halved).tolist() == picture.tolist()


def test_an_index_beyond_the_palette_takes_its_last_colour() -> None:
    table = LookupTable(1, 16, np.array([0, 0xFF00], "<u2").tobytes())
    frame, pixels = a_row([0, 1, 2, 250], kind="u1", photometric="PALETTE COLOR")

    picture = shown(frame, replace(pixels, palette=(table,) * 3))

    assert picture[0, :, 0].tolist() == [0, 0, 255, 255]


def test_a_palette_image_without_its_palette_is_refused() -> None:
    frame, pixels = a_row([0, 1], kind="u1", photometric="PALETTE COLOR")

    with pytest.raises(UnreadableError):
        shown(frame, pixels)


def test_a_frame_that_is_cut_off_is_refused() -> None:
    frame, pixels = a_row([1, 2, 3])

    with pytest.raises(UnreadableError) as caught:
        shown(frame[:-1], pixels)
    assert caught.value.reason is Reason.PIXELS_TOO_SHORT


def test_big_endian_words_are_turned() -> None:
    little, pixels = a_row([-5, 300])
    big, _ = a_row([-5, 300], kind=">i2")
    window = VoiWindow(100, 400)

    assert (
        shown(big, pixels, into=syntax.EXPLICIT_BIG, window=window).tolist()
        == shown(little, pixels, window=window).tolist()
    )


@pytest.mark.parametrize(
    ("aspect", "viewport", "expected"),
    [
        (1.0, None, (200, 100)),
        (2.0, None, (200, 200)),
        (0.5, None, (400, 100)),
        (1.0, (100, 100), (100, 50)),
        (1.0, (1000, 1000), (1000, 500)),
        (2.0, (100, 1000), (100, 100)),
        (1.0, (1, 1), (1, 1)),
    ],
)
def test_a_picture_fills_its_viewport_and_keeps_the_bodys_shape(
    aspect: float, viewport: tuple[int, int] | None, expected: tuple[int, int]
) -> None:
    pixels = PixelModule(rows=100, columns=200, aspect=aspect)

    assert fitted(pixels, viewport) == expected


@pytest.mark.parametrize("viewport", [(0, 10), (10, -1), (9000, 10)])
def test_a_viewport_out_of_bounds_is_refused(viewport: tuple[int, int]) -> None:
    with pytest.raises(UnreadableError):
        fitted(PixelModule(rows=4, columns=4), viewport)


def test_a_circle_in_oblong_pixels_is_round_on_the_screen() -> None:
    file = circle(size=(64, 128), spacing=(2.0, 1.0), radius=40.0)
    pixels = PixelModule(
        rows=64, columns=128, aspect=2.0, signed=True, windows=(VoiWindow(1500, 3000),)
    )

    bright = shown(file[-pixels.native_bytes :], pixels) > 127

    assert bright.shape == (128, 128)
    across, down = bright.any(axis=0).sum(), bright.any(axis=1).sum()
    assert abs(int(across) - int(down)) <= 2
    assert abs(bright.sum() - np.pi * 40**2) / (np.pi * 40**2) < 0.02


@pytest.mark.parametrize("picture", list(PictureFormat))
def test_every_picture_format_opens_again(picture: PictureFormat) -> None:
    frame, pixels = a_row(list(range(256)), kind="u1")

    data = render(frame, pixels, transfer_syntax=syntax.EXPLICIT_LITTLE, picture=picture)

    assert Image.open(io.BytesIO(data)).get_format_mimetype() == picture.media_type
