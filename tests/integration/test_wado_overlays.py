"""Drawings over images come onto their pictures, where the object says and nowhere else."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.pixels.encoders.base import get_encoder
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, RLELossless
from starlette.testclient import TestClient

from asking import INSTANCE, store
from cast import Person
from made_images import as_file, encapsulated
from objects import an_object

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

ROWS, COLUMNS = 4, 6
NOTHING = ["......"] * 4
SMALL = ["......", "..#.#.", "...##.", "......"]


def black(frames: int = 1) -> Dataset:
    """Return an image of 4 rows and 6 columns, black all over in its window."""
    made = an_object(1)
    made.Rows, made.Columns = ROWS, COLUMNS
    made.BitsStored, made.HighBit = 12, 11
    made.PixelData = bytes(2 * ROWS * COLUMNS * frames)
    if frames > 1:
        made.NumberOfFrames = frames
    made.WindowCenter, made.WindowWidth = 500, 1000
    return made


def draw(
    made: Dataset,
    bits: bytes,
    *,
    group: int = 0x6000,
    sides: tuple[int, int] = (2, 3),
    origin: tuple[int, int] = (2, 3),
    kind: str = "G",
    frames: tuple[int, int] | None = None,
) -> Dataset:
    """Add an overlay whose bits are written down as the bytes of its data."""
    start = group << 16
    made.add_new(start | 0x10, "US", sides[0])
    made.add_new(start | 0x11, "US", sides[1])
    if frames is not None:
        made.add_new(start | 0x15, "IS", frames[0])
        made.add_new(start | 0x51, "US", frames[1])
    made.add_new(start | 0x40, "CS", kind)
    made.add_new(start | 0x50, "SS", list(origin))
    made.add_new(start | 0x100, "US", 1)
    made.add_new(start | 0x102, "US", 0)
    made.add_new(start | 0x3000, "OW", bits)
    return made


def small(made: Dataset) -> Dataset:
    """Draw #.# over .## with its corner in the second row and the third column.

    The bits are 1 0 1 0 1 1, the first the lowest of the byte: 110101 in binary.
    """
    return draw(made, b"\x35\x00")


def embedded(made: Dataset, bit: int = 12) -> Dataset:
    """Say the same by one bit of the pixels themselves."""
    values: NDArray[np.uint16] = np.zeros((ROWS, COLUMNS), "<u2")
    for row, line in enumerate(SMALL):
        for column, mark in enumerate(line):
            values[row, column] = (1 << bit) * (mark == "#")
    made.PixelData = values.tobytes()
    made["PixelData"].VR = "OW"
    draw(made, b"", sides=(ROWS, COLUMNS), origin=(1, 1))
    del made[0x60003000]
    made[0x60000100].value, made[0x60000102].value = 16, bit
    return made


def rle(made: Dataset) -> bytes:
    """Compress an image so that all its bits are kept."""
    frame = get_encoder(RLELossless).encode(
        made.PixelData, rows=ROWS, columns=COLUMNS, samples_per_pixel=1, number_of_frames=1,
        bits_allocated=16, bits_stored=16, pixel_representation=0,
        photometric_interpretation="MONOCHROME2",
    )  # fmt: skip
    return encapsulated(made, [frame], RLELossless)


def seen(web: TestClient, owner: Person, *, frame: int = 1, query: str = "") -> list[str]:
    got = web.get(
        f"{INSTANCE}/frames/{frame}/rendered{query}",
        headers=owner.headers | {"Accept": "image/png"},
    )
    assert got.status_code == 200, got.text
    values = np.asarray(Image.open(io.BytesIO(got.content)))
    assert set(np.unique(values)) <= {0, 255}
    return ["".join("#" if value else "." for value in row) for row in values]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(as_file(small(black())), SMALL, id="beside"),
        pytest.param(as_file(small(black()), ExplicitVRBigEndian), SMALL, id="beside-big"),
        pytest.param(as_file(embedded(black())), SMALL, id="in-the-pixels"),
        pytest.param(as_file(embedded(black()), ExplicitVRBigEndian), SMALL, id="in-big-pixels"),
        pytest.param(rle(embedded(black())), SMALL, id="in-pixels-by-rle"),
        pytest.param(as_file(embedded(black(), bit=15)), SMALL, id="in-the-highest-bit"),
        pytest.param(
            as_file(draw(black(), b"\x35\x00", origin=(0, 0))),
            ["##....", "......", "......", "......"],
            id="over-the-upper-edge",
        ),
        pytest.param(
            as_file(draw(black(), b"\x35\x00", origin=(4, 5))),
            ["......", "......", "......", "....#."],
            id="over-the-lower-edge",
        ),
        pytest.param(as_file(draw(black(), b"\x35\x00", origin=(-900, 900))), NOTHING, id="beyond"),
        pytest.param(
            as_file(draw(small(black()), b"\x01\x00", group=0x601E, origin=(1, 1))),
            ["#.....", *SMALL[1:]],
            id="two-groups",
        ),
        pytest.param(as_file(draw(black(), b"\x35\x00", kind="R")), NOTHING, id="region"),
        pytest.param(as_file(draw(black(), b"\x35\x00", sides=(4, 5))), NOTHING, id="too-short"),
        pytest.param(as_file(draw(black(), b"\x35\x00", sides=(0, 3))), NOTHING, id="no-rows"),
    ],
)
def test_a_drawing_lies_where_its_object_says(
    web: TestClient, owner: Person, data: bytes, expected: list[str]
) -> None:
    store(web, owner, data)
    assert seen(web, owner) == expected
    assert seen(web, owner, query="?overlays=yes") == expected
    assert seen(web, owner, query="?overlays=no") == NOTHING


def test_frames_of_a_drawing_lie_over_the_frames_they_belong_to(
    web: TestClient, owner: Person
) -> None:
    # Two frames of nine bits: X in the first, a full cross in the second, without a gap.
    # 101010101 010111010, each byte's lowest bit first.
    bits = bytes([0b01010101, 0b01110101, 0b00000001, 0])
    made = draw(black(4), bits, sides=(3, 3), origin=(1, 1), frames=(2, 2))
    store(web, owner, as_file(made))
    cross = ["#.#...", ".#....", "#.#...", "......"]
    plus = [".#....", "###...", ".#....", "......"]
    assert [seen(web, owner, frame=number) for number in (1, 2, 3, 4)] == [
        NOTHING, cross, plus, NOTHING,
    ]  # fmt: skip


def test_a_drawing_without_frames_lies_over_every_frame(web: TestClient, owner: Person) -> None:
    store(web, owner, as_file(small(black(3)), ExplicitVRLittleEndian))
    assert [seen(web, owner, frame=number) for number in (1, 2, 3)] == [SMALL] * 3


def test_colours_and_long_drawings_are_drawn_too(web: TestClient, owner: Person) -> None:
    side = 128
    made = an_object(1)
    made.Rows = made.Columns = side
    made.SamplesPerPixel, made.PlanarConfiguration = 3, 0
    made.PhotometricInterpretation = "RGB"
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit = 7
    made.PixelData = bytes([10, 20, 30]) * side * side
    drawn = np.eye(side, dtype="u1")
    bits = np.packbits(drawn, bitorder="little").tobytes()  # longer than what a model holds
    store(web, owner, as_file(draw(made, bits, sides=(side, side), origin=(1, 1))))
    got = web.get(f"{INSTANCE}/rendered", headers=owner.headers | {"Accept": "image/png"})
    values = np.asarray(Image.open(io.BytesIO(got.content)))
    expected = np.where(drawn[..., None], 255, np.array([10, 20, 30]))
    assert np.array_equal(values, expected)
    refused = web.get(f"{INSTANCE}/rendered?overlays=maybe", headers=owner.headers)
    assert refused.status_code == 400
