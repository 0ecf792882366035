"""Where does the DICOM JSON model say how pixels are laid out and meant to be seen?

Plain attributes come first; the functional groups of an enhanced multi-frame
image (PS3.3 C.7.6.16) are asked next, those of the frame before the shared ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from safelight.dicom.pixels.item import Item
from safelight.dicom.pixels.lookup import LookupTable, lookup_table, segmented_table
from safelight.dicom.pixels.segments import expand
from safelight.dicom.pixels.voi import windows
from safelight.dicom.registry import tags

if TYPE_CHECKING:
    from collections.abc import Iterable

    from safelight.dicom.pixels.item import Bulk

_PIXEL_ASPECT_RATIO: Final = 0x00280034
_PIXEL_PADDING_VALUE: Final = 0x00280120
_PALETTES: Final = (
    (0x00281101, 0x00281201, 0x00281221),
    (0x00281102, 0x00281202, 0x00281222),
    (0x00281103, 0x00281203, 0x00281223),
)
_VOI_FUNCTION: Final = 0x00281056
_MODALITY_LUT_SEQUENCE: Final = 0x00283000
_VOI_LUT_SEQUENCE: Final = 0x00283010
_PRESENTATION_LUT_SHAPE: Final = 0x20500020
_SHARED_GROUPS: Final = 0x52009229
_FRAME_GROUPS: Final = 0x52009230
_MACROS: Final = (0x00289110, 0x00289132, 0x00289145)
_SPACINGS: Final = (tags.PIXEL_SPACING, 0x00181164, 0x00182010, _PIXEL_ASPECT_RATIO)
_PAIR: Final = 2
_ODDEST_ASPECT: Final = 100.0
_BYTE_VR: Final = "OB"
_MONOCHROME_SAMPLES: Final = 1


def attributes(model: dict[str, Any], *, frame: int, bulk: Bulk | None) -> dict[str, Any]:
    """Return the arguments of a `PixelModule` for frame number `frame`, from 1.

    Raises:
        UnreadableError: rows, columns or bits are missing, or a table is broken.
    """
    item = Item(model)
    places = [item, *_groups(item, frame)]
    samples = item.integer(tags.SAMPLES_PER_PIXEL, 1)
    gray = samples == _MONOCHROME_SAMPLES
    return (
        _layout(item)
        | _bits(item)
        | {
            "number": frame,
            "samples": samples,
            "photometric": item.text(
                tags.PHOTOMETRIC_INTERPRETATION, "MONOCHROME2" if gray else "RGB"
            ),
            "planar": 0 if gray else item.integer(tags.PLANAR_CONFIGURATION, 0),
            "aspect": _aspect(places),
            "slope": _first(places, tags.RESCALE_SLOPE, 1.0) or 1.0,
            "intercept": _first(places, tags.RESCALE_INTERCEPT, 0.0),
            "windows": _windows(places),
            "modality_lut": _table(places, _MODALITY_LUT_SEQUENCE, bulk),
            "voi_lut": _table(places, _VOI_LUT_SEQUENCE, bulk),
            "palette": _palette(item, bulk),
            "inverse": item.text(_PRESENTATION_LUT_SHAPE, "") == "INVERSE",
        }
    )


def has_pixels(model: dict[str, Any]) -> bool:
    """Say whether the instance describes an image, so that there is something to show."""
    return any(tags.json_key(tag) in model for tag in (tags.ROWS, *tags.PIXEL_TAGS))


def _layout(item: Item) -> dict[str, Any]:
    return {
        "rows": item.integer(tags.ROWS, 0),
        "columns": item.integer(tags.COLUMNS, 0),
        "frames": item.integer(tags.NUMBER_OF_FRAMES, 1),
        "words": item.element(tags.PIXEL_DATA).get("vr", _BYTE_VR) != _BYTE_VR,
    }


def _bits(item: Item) -> dict[str, Any]:
    floating = any(
        item.element(tag) for tag in (tags.FLOAT_PIXEL_DATA, tags.DOUBLE_FLOAT_PIXEL_DATA)
    )
    allocated = item.integer(tags.BITS_ALLOCATED, 0)
    stored = item.integer(tags.BITS_STORED, allocated)
    high = item.integer(tags.HIGH_BIT, stored - 1)
    padding = item.numbers(_PIXEL_PADDING_VALUE)
    signed = item.integer(tags.PIXEL_REPRESENTATION, 0) == 1
    return {
        "bits_allocated": allocated,
        "bits_stored": stored,
        "high_bit": high if stored <= high + 1 <= allocated else stored - 1,
        "signed": signed,
        "floating": floating,
        "padding": int(padding[0]) if padding and not floating else None,
    }


def _groups(item: Item, frame: int) -> list[Item]:
    """Return the macros that say how this frame looks, its own before the shared ones."""
    own = item.items(_FRAME_GROUPS)[frame - 1 : frame] if frame > 0 else []
    shared = item.items(_SHARED_GROUPS)[:1]
    return [
        inner for group in (*own, *shared) for macro in _MACROS for inner in group.items(macro)[:1]
    ]


def _first(places: Iterable[Item], tag: int, default: float) -> float:
    for place in places:
        if found := place.numbers(tag):
            return found[0]
    return default


def _windows(places: list[Item]) -> tuple[Any, ...]:
    for place in places:
        widths = place.numbers(tags.WINDOW_WIDTH)
        centers = place.numbers(tags.WINDOW_CENTER)
        if found := windows(centers, widths, place.text(_VOI_FUNCTION, "LINEAR")):
            return found
    return ()


def _aspect(places: list[Item]) -> float:
    for place in places:
        for tag in _SPACINGS:
            found = place.numbers(tag)
            if len(found) == _PAIR and min(found) > 0:
                aspect = found[0] / found[1]
                return aspect if 1 / _ODDEST_ASPECT <= aspect <= _ODDEST_ASPECT else 1.0
    return 1.0


def _table(places: list[Item], sequence: int, bulk: Bulk | None) -> LookupTable | None:
    for place in places:
        for entry in place.items(sequence)[:1]:
            data = entry.data(tags.LUT_DATA, bulk)
            if data is not None:
                return lookup_table(entry.values(tags.LUT_DESCRIPTOR), data)
    return None


def _palette(item: Item, bulk: Bulk | None) -> tuple[LookupTable, ...]:
    tables = []
    for descriptor, plain, segmented in _PALETTES:
        described = item.values(descriptor)
        data = item.data(plain, bulk)
        segments = item.data(segmented, bulk) if data is None else None
        if data is not None:
            tables.append(lookup_table(described, data))
        elif segments is not None:
            tables.append(segmented_table(described, segments, expand))
    return tuple(tables) if len(tables) == len(_PALETTES) else ()
