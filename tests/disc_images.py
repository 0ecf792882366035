"""Images of discs as honest and hostile people make them."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial

import pycdlib

from archives import GOOD, PDF
from safelight.dicom.media.iso9660 import SECTOR, DiscFile, image

AT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
ROOT = 20 * SECTOR
"""Where the uppermost folder lies in an image of ours."""


def of_ours(*files: tuple[tuple[str, ...], bytes]) -> bytes:
    """Return an image as a disc of ours has it."""
    held = [DiscFile(place, len(data), partial(iter, [data])) for place, data in files]
    return b"".join(image(held, volume="TEST", at=AT))


def a_disc() -> bytes:
    """Return an image with a letter, and an exam in a folder."""
    return of_ours((("LETTER.PDF",), PDF), (("EXAM", "00000001"), GOOD))


def of_others(*files: tuple[str, bytes], udf: bool = False) -> bytes:
    """Return an image as another writes it: with Joliet, Rock Ridge, and UDF if asked."""
    made = pycdlib.PyCdlib()
    made.new(joliet=3, rock_ridge="1.09", udf="2.60" if udf else None)
    folders = sorted({name.rpartition("/")[0] for name, _ in files} - {""})
    for number, folder in enumerate(folders):
        beside = f"/{folder}" if udf else None
        made.add_directory(f"/D{number}", joliet_path=f"/{folder}", rr_name=folder, udf_path=beside)
    for number, (name, data) in enumerate(files):
        folder, _, last = name.rpartition("/")
        above = f"/D{folders.index(folder)}" if folder else ""
        beside = f"/{name}" if udf else None
        made.add_fp(
            io.BytesIO(data), len(data), f"{above}/F{number}.;1",
            joliet_path=f"/{name}", rr_name=last, udf_path=beside,
        )  # fmt: skip
    written = io.BytesIO()
    made.write_fp(written)
    made.close()
    return written.getvalue()


def record_at(data: bytes, name: bytes) -> int:
    """Return where the record of this name lies."""
    return data.index(bytes((len(name),)) + name, ROOT) - 32


def patched(data: bytes, changes: Iterable[tuple[int, bytes]]) -> bytes:
    """Return the image with these bytes at these places."""
    made = bytearray(data)
    for at, value in changes:
        made[at : at + len(value)] = value
    return bytes(made)


def with_extent(
    data: bytes, name: bytes, *, sector: int | None = None, size: int | None = None
) -> bytes:
    """Return the image with a record that says where else its file lies, or how long it is."""
    at = record_at(data, name)
    changes = [(at + 2, sector), (at + 10, size)]
    return patched(data, [(to, struct.pack("<I", it)) for to, it in changes if it is not None])
