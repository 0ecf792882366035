"""Spoiled objects, frames, requests: the same number always gives the same bytes.

A tenth of the counts runs every time; the whole of them, in pieces that go on where
they were stopped, with `make test-long`.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from functools import cache

from figures import figure
from made import made_files
from safelight.dicom.elements.element import Element, Item
from safelight.dicom.reading.index import UnreadableError, index
from safelight.dicom.source import BytesSource
from samples import LEFT_OUT, all_files

PIECES = 10
SEEDS = 40
_LARGEST = 20_000
_LENGTHS = (0, 1, 2, 3, 0xFF, 0xFFFE, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)
_VRS = b"AEASATCSDADSDTFDFLISLOLTOBODOFOLOVOWPNSHSLSQSSSTSVTMUCUIULUNURUSUTUVZZ"
_TERMS = (
    b"ISO_IR 100", b"ISO_IR 192", b"GB18030", b"GBK", b"ISO 2022 IR 87", b"\\ISO 2022 IR 149",
    b"ISO 2022 IR 13\\ISO 2022 IR 87", b"NONSENSE", b"\\\\\\", b"", b"\x1b\xff",
)  # fmt: skip
_NASTY = (
    b"\x1b$B\x1b", b"\xc0\xaf", b"\xff\xfe\xfd", b"=^=^=^", b"\\" * 9, b"1e999", b"-", b"NaN",
    "\u202e\u0000".encode(), b"../../x", b"<script>", b"9" * 64,
)  # fmt: skip


def numbers(count: int, piece: int) -> range:
    """Return the numbers of one of the pieces; piece 0 of ten is the tenth that always runs."""
    size = count // PIECES
    return range(piece * size, (piece + 1) * size)


@cache
def seeds() -> tuple[bytes, ...]:
    """Return forty small objects that differ as much as possible: one of each kind in turn."""
    kinds: dict[tuple[str, str], bytes] = {}
    for sample in (*made_files(), *all_files()):
        if len(sample.data) > _LARGEST or sample.name in LEFT_OUT:
            continue
        header = index(BytesSource(sample.data))
        kinds.setdefault((header.transfer_syntax, header.sop_class_uid), sample.data)
    return tuple(kinds.values())[:SEEDS]


def survived(what: str, count: int, piece: int) -> None:
    """Keep for the report that so many bad inputs were tried, and that nothing fell over."""
    figure(f"inputs.bad.{what}.{piece}", count, "bad inputs")
    figure(f"inputs.crashes.{what}.{piece}", 0, "crashes")


def chance(kind: str, number: int) -> random.Random:
    return random.Random(f"{kind} {number}")  # noqa: S311 (to be repeated, not to be secret)


def spoiled_bytes(number: int) -> bytes:
    """Return an object with a few bytes changed, dropped, doubled or cut off anywhere."""
    dice = chance("bytes", number)
    data = bytearray(seeds()[number % len(seeds())])
    for _ in range(dice.randint(1, 6)):
        at = (
            dice.randrange(len(data))
            if dice.random() < 0.4
            else dice.randrange(min(len(data), 2000))
        )
        what = dice.randrange(6)
        if what == 0:
            data[at] ^= 1 << dice.randrange(8)
        elif what == 1:
            data[at] = dice.randrange(256)
        elif what == 2:
            data[at : at + 4] = struct.pack("<I", dice.choice(_LENGTHS))
        elif what == 3:
            del data[at : at + dice.randint(1, 40)]
        elif what == 4:
            data[at:at] = data[at : at + dice.randint(1, 200)]
        else:
            data[at:at] = dice.randbytes(dice.randint(1, 12))
        if len(data) < 200:
            break
    return bytes(data[: dice.randrange(len(data))] if dice.random() < 0.05 else data)


def spoiled_structure(number: int) -> bytes:
    """Return an object in which one or two elements lie: about length, VR, value or charset."""
    dice = chance("structure", number)
    data = seeds()[number % len(seeds())]
    for _ in range(dice.randint(1, 2)):
        try:
            header = index(BytesSource(data))
        except UnreadableError:
            return data
        if header.dataset is not None or not header.explicit:
            return spoiled_bytes(number)
        found = list(_all_elements(header.root))
        tag, element = dice.choice(found)
        data = _with_lie(data, tag, element, dice, little_endian=header.little_endian)
    return data


def _all_elements(item: Item) -> Iterator[tuple[int, Element]]:
    for tag, element in item.elements.items():
        yield tag, element
        for inner in element.items or ():
            if inner.explicit:
                yield from _all_elements(inner)


def _with_lie(
    data: bytes, tag: int, element: Element, dice: random.Random, *, little_endian: bool
) -> bytes:
    start, end = element.offset, element.offset + element.length
    order = "<" if little_endian else ">"
    is_long = data[start - 8 : start - 4] in _heads(tag, order) and element.vr not in {"US", "SS"}
    head = start - 8 if is_long else start - 12
    what = dice.randrange(5)
    if what == 0:
        width = "H" if is_long else "I"
        lie = dice.choice(_LENGTHS) & (0xFFFF if is_long else 0xFFFFFFFF)
        at = start - (2 if is_long else 4)
        return data[:at] + struct.pack(order + width, lie) + data[start:]
    if what == 1:
        at = dice.randrange(len(_VRS) // 2) * 2
        return data[: head + 4] + _VRS[at : at + 2] + data[head + 6 :]
    if what == 2:
        return data[:start] + dice.randbytes(element.length) + data[end:]
    if what == 3 and is_long:
        value = dice.choice(_TERMS if tag == 0x00080005 else _NASTY)
        value += b" " * (len(value) % 2)
        return data[: start - 2] + struct.pack(order + "H", len(value)) + value + data[end:]
    return data[:head] + data[end:] if dice.random() < 0.5 else data[:end] + data[head:]


def _heads(tag: int, order: str) -> tuple[bytes, ...]:
    return (struct.pack(order + "HH", tag >> 16, tag & 0xFFFF),)


def spoiled_frame(number: int, frame: bytes) -> bytes:
    """Return a compressed frame with bits turned, or bytes dropped, doubled or cut off."""
    dice = chance("frame", number)
    data = bytearray(frame)
    for _ in range(dice.choice((1, 1, 2, 5, 40))):
        at = (
            dice.randrange(len(data))
            if dice.random() < 0.5
            else dice.randrange(min(len(data), 120))
        )
        data[at] ^= 1 << dice.randrange(8)
    if dice.random() < 0.1:
        del data[dice.randrange(len(data)) :]
    if dice.random() < 0.1 and data:
        at = dice.randrange(len(data))
        data[at:at] = data[at : at + 64]
    return bytes(data)
