"""Spoiled images of discs: the same number always gives the same bytes."""

from __future__ import annotations

import struct
from functools import cache

from archives import PDF
from disc_images import of_others, of_ours
from fuzzing import chance
from safelight.dicom.media.iso9660 import SECTOR
from spoiled_archives import members

_FIRST = 16 * SECTOR
_LIES = (0, 1, 16, 20, 21, 0x7FFF, 0xFFFFFFFF, 0x7FFFFFFF, 0x80000000)


@cache
def sound_images() -> tuple[bytes, ...]:
    """Return a disc as two kinds of programs write it."""
    pictures = list(enumerate(members()))
    return (
        of_ours(*((("IMG", f"{number:08d}"), data) for number, data in pictures)),
        of_ours(*(((f"{number:08d}",), data) for number, data in pictures), (("L.PDF",), PDF)),
        of_others(*((f"bilder/{number}", data) for number, data in pictures), ("brief", PDF)),
    )


def _records(data: bytes) -> list[int]:
    """Return where the records of files and folders lie."""
    found = []
    for sector in range(_FIRST, len(data), SECTOR):
        at = sector
        while at + 34 < sector + SECTOR and data[at] >= 34:
            if data[at + 2 : at + 6] != data[at + 6 : at + 10][::-1]:
                break
            found.append(at)
            at += data[at]
    return found


def spoiled_image(number: int) -> bytes:
    """Return an image whose records lie, or that is damaged before its files, or cut off."""
    dice = chance("image", number)
    data = bytearray(sound_images()[number % len(sound_images())])
    records = _records(bytes(data))
    for _ in range(dice.choice((1, 1, 2, 4))):
        at, what = dice.choice(records), dice.randrange(6)
        if what in {0, 1}:
            place = at + (2 if what else 10)
            (before,) = struct.unpack_from("<I", data, place)
            lie = dice.choice((*_LIES, before + 1, before - 1, before * 2, dice.getrandbits(32)))
            struct.pack_into("<I", data, place, lie & 0xFFFFFFFF)
        elif what == 2:
            data[at + dice.choice((0, 1, 25, 26, 27, 32))] = dice.randrange(256)
        elif what == 3:
            data[at + 33 : at + 36] = dice.randbytes(3)
        elif what == 4:
            data[_FIRST + dice.randrange(190)] = dice.randrange(256)
        elif dice.random() < 0.3:
            del data[dice.randrange(len(data)) :]
            break
    return bytes(data)
