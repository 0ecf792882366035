"""Archives as honest and hostile people make them, and what each costs its sender."""

from __future__ import annotations

import io
import random
import stat
import struct
import zipfile
from collections.abc import Callable

from safelight.dicom.media.reasons import MediaReason
from safelight.dicom.phantom.exams import circle

GOOD = circle(size=(16, 16))
PDF = b"%PDF-1.4\nstartxref\n0\n%%EOF\n"


def archive(
    *members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, good: bool = True
) -> bytes:
    """Return a zip of these members, the last of them an honest exam."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as made:
        for name, data in members:
            made.writestr(zipfile.ZipInfo(name), data, method)
        if good:
            made.writestr("exam/good", GOOD)
    return buffer.getvalue()


def noise(seed: int, length: int) -> bytes:
    return random.Random(seed).randbytes(length)  # noqa: S311 - the same in every run


def patched(data: bytes, signature: bytes, at: int, value: bytes) -> bytes:
    """Return the archive with bytes of its first record of this kind replaced."""
    place = data.index(signature) + at
    return data[:place] + value + data[place + len(value) :]


def with_name(raw: bytes) -> bytes:
    """Return an archive whose first entry has a name that zip tools would not write."""
    return archive(("n" * len(raw), GOOD)).replace(b"n" * len(raw), raw)


def flat_bomb() -> bytes:
    return archive(("bomb", b"%PDF-1.4" + bytes(48 << 20)))


def overlapped() -> bytes:
    """Return two directory entries that share one local entry."""
    data = archive(("one", PDF), good=False)
    at = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    record = data[at:end]
    closing = bytearray(data[end:])
    struct.pack_into("<2HL", closing, 8, 2, 2, 2 * len(record))
    return data[:at] + record * 2 + bytes(closing)


def nested() -> bytes:
    """Return an archive in an archive, which is what a quine is on its way in."""
    return archive(("again.zip", archive(("again.zip", archive()))))


def forged() -> bytes:
    """Return an archive that declares a member smaller than it is."""
    return patched(archive(("lie", PDF * 100)), b"PK\x01\x02", 24, struct.pack("<L", 10))


def zip64_giant() -> bytes:
    """Return an archive that declares a member of 2**62 bytes in a zip64 field."""
    extra = struct.pack("<2HQ", 1, 8, 1 << 62)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        member = zipfile.ZipInfo("giant")
        made.writestr(member, PDF)
        member.extra = extra
        made.writestr("exam/good", GOOD)
    return patched(buffer.getvalue(), b"PK\x01\x02", 24, b"\xff" * 4)


def a_million_entries() -> bytes:
    record = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *([0] * 9), 1, *([0] * 6)) + b"x"
    body = record * 1_000_000
    closing = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(body), 30, 0)
    return b"PK\x03\x04" + bytes(26) + body + closing


def with_mode(mode: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        member = zipfile.ZipInfo("pointer")
        member.create_system = 3
        member.external_attr = (mode | 0o777) << 16
        made.writestr(member, b"/etc/passwd")
        made.writestr("exam/good", GOOD)
    return buffer.getvalue()


def encrypted() -> bytes:
    data = archive(("secret", PDF))
    return patched(data, b"PK\x01\x02", 8, struct.pack("<H", 1))


ARCHIVES: dict[str, tuple[Callable[[], bytes], MediaReason, bool]] = {
    "flat bomb of a thousand to one": (flat_bomb, MediaReason.BOMB, True),
    "overlapping entries": (overlapped, MediaReason.OVERLAPPING, False),
    "archive in archive": (nested, MediaReason.NESTED, True),
    "forged size in the directory": (forged, MediaReason.FORGED_SIZE, True),
    "giant size in a zip64 field": (zip64_giant, MediaReason.FORGED_SIZE, True),
    "a million empty entries": (a_million_entries, MediaReason.TOO_MANY, False),
    "symbolic link": (lambda: with_mode(stat.S_IFLNK), MediaReason.LINK, True),
    "device": (lambda: with_mode(stat.S_IFBLK), MediaReason.LINK, True),
    "absolute path": (lambda: with_name(b"/etc/cron.d/x"), MediaReason.ODD_NAME, True),
    "climbing path": (lambda: with_name(b"a/../../x"), MediaReason.ODD_NAME, True),
    "climbing path with backslashes": (lambda: with_name(b"..\\..\\x"), MediaReason.ODD_NAME, True),
    "name with a NUL": (lambda: with_name(b"a.pdf\0.exe"), MediaReason.ODD_NAME, True),
    "reserved device names": (lambda: with_name(b"dir/CON.txt"), MediaReason.ODD_NAME, True),
    "drive letter": (lambda: with_name(b"C:\\x"), MediaReason.ODD_NAME, True),
    "encrypted entry": (encrypted, MediaReason.ENCRYPTED, True),
}
