"""Spoiled archives of discs: the same number always gives the same bytes."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from functools import cache

from archives import GOOD, PDF
from fuzzing import chance, seeds
from objects import a_file

_RECORDS: dict[bytes, tuple[tuple[int, str], ...]] = {
    b"PK\x03\x04": (
        (4, "H"), (6, "H"), (8, "H"), (14, "L"), (18, "L"), (22, "L"), (26, "H"), (28, "H"),
    ),
    b"PK\x01\x02": (
        (4, "H"), (8, "H"), (10, "H"), (16, "L"), (20, "L"), (24, "L"), (28, "H"), (30, "H"),
        (32, "H"), (34, "H"), (38, "L"), (42, "L"),
    ),
    b"PK\x05\x06": ((4, "H"), (6, "H"), (8, "H"), (10, "H"), (12, "L"), (16, "L"), (20, "H")),
    b"PK\x06\x06": ((4, "Q"), (24, "Q"), (32, "Q"), (40, "Q"), (48, "Q")),
    b"PK\x06\x07": ((4, "L"), (8, "Q"), (16, "L")),
}  # fmt: skip
"""The numbers in each kind of record: where, and how wide (APPNOTE.TXT 4.3)."""
_LIES = (0, 1, 8, 0x41, 0xFF, 0x801, 0xFFFE, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 62, (1 << 64) - 1)
_MASKS = {"H": 0xFFFF, "L": 0xFFFFFFFF, "Q": (1 << 64) - 1}


class _Stream(io.BytesIO):
    """A place where an archive is written to without going back: sizes follow the data."""

    def seekable(self) -> bool:
        return False


@cache
def members() -> tuple[bytes, ...]:
    """Return the pictures that lie in the archives."""
    made = [a_file(number, study=800 + number) for number in range(1, 4)]
    return (GOOD, *made, *(data for data in seeds()[:5] if len(data) < 6000))


@cache
def sound_archives() -> tuple[bytes, ...]:
    """Return a disc as each kind of tool writes it."""
    directory = GOOD[:160] + b"1.2.840.10008.1.3.10" + bytes(400)
    around = [("DICOMDIR", directory), ("VIEW/RUN.EXE", b"MZ" + bytes(900)), ("LETTER.PDF", PDF)]
    pictures = [(f"IMG/{number:04}", data) for number, data in enumerate(members())]
    return (
        _written([*around, *pictures]),
        _written([*pictures[:5], *around], method=zipfile.ZIP_STORED),
        _written(pictures, force_zip64=True),
        _written([*around, *pictures[3:]], into=_Stream()),
        _written([("äöü/", b""), *((f"äöü/山{name}", data) for name, data in pictures)]),
        _written([(f"{number}", PDF) for number in range(8)], comment=b"a disc of letters"),
    )


def _written(
    held: list[tuple[str, bytes]],
    *,
    method: int = zipfile.ZIP_DEFLATED,
    force_zip64: bool = False,
    into: io.BytesIO | None = None,
    comment: bytes = b"",
) -> bytes:
    buffer = into or io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as made:
        made.comment = comment
        for name, data in held:
            member = zipfile.ZipInfo(name)
            member.compress_type = method
            with made.open(member, "w", force_zip64=force_zip64) as file:
                file.write(data)
    return buffer.getvalue()


def spoiled_archive(number: int) -> bytes:
    """Return an archive that lies in a record, or whose bytes are damaged, or both."""
    dice = chance("archive", number)
    data = bytearray(sound_archives()[number % len(sound_archives())])
    for _ in range(dice.choice((1, 1, 2, 4))):
        if dice.random() < 0.6:
            _lie(data, dice)
        else:
            _damage(data, dice)
    if not data.startswith((b"PK\x03\x04", b"PK\x05\x06")) and dice.random() < 0.7:
        data[:0] = b"PK\x03\x04"  # else it is not even looked into
    return bytes(data)


def _lie(data: bytearray, dice: random.Random) -> None:
    """Change one number of one record."""
    signature = dice.choice(list(_RECORDS))
    places = [at for at in range(len(data) - 56) if data[at : at + 4] == signature]
    if not places:
        return
    offset, width = dice.choice(_RECORDS[signature])
    at = dice.choice(places) + offset
    (before,) = struct.unpack_from("<" + width, data, at)
    lie = dice.choice((*_LIES, before + 1, before - 1, before * 2, dice.getrandbits(64)))
    struct.pack_into("<" + width, data, at, lie & _MASKS[width])


def _damage(data: bytearray, dice: random.Random) -> None:
    at = dice.randrange(len(data)) if data else 0
    what = dice.randrange(7)
    if what == 0 and data:
        data[at] ^= 1 << dice.randrange(8)
    elif what == 1:
        data[at : at + 8] = dice.randbytes(8)
    elif what == 2:
        del data[at : at + dice.choice((1, 30, 400))]
    elif what == 3:
        data[at:at] = data[at : at + dice.choice((4, 46, 2000))]
    elif what == 4:
        del data[at:]
    elif what == 5:
        data[:0] = dice.randbytes(dice.choice((1, 100)))
    else:
        data += dice.choice((b"\0", b"PK\x05\x06" + bytes(18), dice.randbytes(50)))
