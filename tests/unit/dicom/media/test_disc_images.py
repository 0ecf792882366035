"""Is the image of a disc read, whoever made it, and does a hostile one cost only itself?"""

from __future__ import annotations

import random
import resource
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from archives import GOOD, PDF, archive, noise
from disc_images import ROOT, a_disc, of_others, of_ours, patched, record_at, with_extent
from safelight.dicom.media import disc_image
from safelight.dicom.media.contents import (
    Media,
    MediaItem,
    MediaLimits,
    MediaRefused,
    MediaSkipped,
    Offered,
    walk,
)
from safelight.dicom.media.iso9660 import SECTOR
from safelight.dicom.media.reasons import MediaReason, MediaRefusedError
from safelight.dicom.source import BytesSource, Source


def outcome(data: bytes, limits: MediaLimits | None = None) -> list[Media]:
    return list(walk([Offered("d.iso", BytesSource(data))], limits=limits))


def taken(found: list[Media]) -> dict[str, bytes]:
    items = [each for each in found if isinstance(each, MediaItem)]
    return {each.label: each.source.read(0, each.source.size) for each in items}


def refused(found: list[Media]) -> dict[str, MediaReason]:
    return {each.label: each.reason for each in found if isinstance(each, MediaRefused)}


def test_a_disc_of_ours_comes_in_as_it_went_out() -> None:
    files = [(("DICOM", f"{number:08d}"), GOOD + bytes(number)) for number in range(1, 200)]
    found = outcome(of_ours(*files, (("LETTER.PDF",), PDF), (("README.TXT",), b"words")))
    expected = {"d.iso/" + "/".join(place): data for place, data in files}
    assert taken(found) == {**expected, "d.iso/LETTER.PDF": PDF}
    assert [each for each in found if not isinstance(each, MediaItem)] == [
        MediaSkipped("", MediaReason.NOT_MEDICAL, 1)
    ]


@pytest.mark.parametrize("udf", [False, True])
def test_a_disc_of_another_program_comes_in(udf: bool) -> None:  # noqa: FBT001
    data = of_others(("Brief.pdf", PDF), ("a folder/bild", GOOD), ("viewer.exe", b"MZ  "), udf=udf)
    found = outcome(data)
    assert sorted(taken(found).values()) == sorted([PDF, GOOD])
    assert not refused(found)
    assert MediaSkipped("", MediaReason.PROGRAM, 1) in found


@pytest.mark.parametrize("options", [(), ("-R",), ("-J",), ("-R", "-J"), ("-udf", "-J", "-R")])
def test_a_disc_of_genisoimage_comes_in(tmp_path: Path, options: tuple[str, ...]) -> None:
    program = shutil.which("genisoimage")
    if program is None:
        pytest.skip("genisoimage is not here")
    deep = tmp_path / "disc" / "a" / "b" / "c" / "d" / "e" / "f"
    deep.mkdir(parents=True)
    files = {deep / "deepest": GOOD, deep.parent / "letter": PDF + noise(1, 5000)}
    files |= {tmp_path / "disc" / f"image {n}.dcm": GOOD + bytes(n) for n in range(1, 90)}
    for path, data in files.items():
        path.write_bytes(data)
    made = tmp_path / "made.iso"
    subprocess.run(
        [program, "-quiet", *options, "-o", made, tmp_path / "disc"],
        check=True,
        capture_output=True,
    )
    found = outcome(made.read_bytes())
    assert sorted(taken(found).values()) == sorted(files.values())
    assert not refused(found)


def test_a_file_in_two_parts_is_put_together() -> None:
    whole = PDF + noise(2, 3 * SECTOR)
    data = of_ours((("ONE.PDF",), whole[: 2 * SECTOR]), (("TWO.PDF",), whole[2 * SECTOR :]))
    at = record_at(data, b"ONE.PDF;1")
    other = record_at(data, b"TWO.PDF;1")
    joined = patched(data, [(at + 25, b"\x80"), (other + 33, b"ONE.PDF;1")])
    assert taken(outcome(joined)) == {"d.iso/ONE.PDF": whole}
    (member,) = disc_image.members(BytesSource(joined), most=9)
    source = member.source(BytesSource(joined))
    for offset in (0, 1, 2 * SECTOR - 1, 2 * SECTOR, source.size - 1, source.size, source.size + 9):
        assert source.read(offset, 700) == whole[offset : offset + 700]


def looping() -> bytes:
    """Return an image whose folder is the one that it lies in."""
    return with_extent(a_disc(), b"EXAM", sector=ROOT // SECTOR, size=SECTOR)


def sharing_a_part() -> bytes:
    data = of_ours((("A.PDF",), PDF + noise(1, 9000)), (("B.PDF",), PDF + noise(2, 9000)))
    (sector,) = struct.unpack_from("<I", data, record_at(data, b"B.PDF;1") + 2)
    return with_extent(data, b"B.PDF;1", sector=sector - 1)


def deeper_than_any() -> bytes:
    """Return an image with a hundred folders, each in the one before."""
    data = bytearray(a_disc())
    first = len(data) // SECTOR
    for number in range(100):
        record = bytearray(36)
        record[0], record[25], record[32], record[33] = 36, 2, 2, ord("A")
        record[34:35] = b"B"
        struct.pack_into("<I", record, 2, first + number + 1)
        struct.pack_into("<I", record, 10, SECTOR)
        data += bytes(record).ljust(SECTOR, b"\0")
    return with_extent(bytes(data), b"EXAM", sector=first, size=SECTOR)


def named_at_length() -> bytes:
    """Return an image whose many files lie under the longest names that folders can have."""
    data = bytearray(a_disc())
    first = len(data) // SECTOR

    def record(name: bytes, sector: int, size: int, flags: int) -> bytes:
        length = 33 + len(name) + (1 - len(name) % 2)
        head = bytearray(33)
        head[0], head[25], head[32] = length, flags, len(name)
        struct.pack_into("<I", head, 2, sector)
        struct.pack_into("<I", head, 10, size)
        return (bytes(head) + name).ljust(length, b"\0")

    for number in range(60):
        name = b"F" * 220
        last = number == 59
        below = record(name, first + number + 1, SECTOR * (100 if last else 1), 2)
        data += below.ljust(SECTOR, b"\0")
    for number in range(100):
        data += b"".join(record(b"%02d%02d" % (number, each), 0, 0, 0) for each in range(50)).ljust(
            SECTOR, b"\0"
        )
    return with_extent(bytes(data), b"EXAM", sector=first, size=SECTOR)


def in_countless_parts() -> bytes:
    """Return an image of one file that lies in more parts than a disc has files."""
    data = bytearray(a_disc())
    first = len(data) // SECTOR
    part = bytearray(34)
    part[0], part[25], part[32], part[33] = 34, 0x80, 1, ord("A")
    data += (bytes(part) * 60).ljust(SECTOR, b"\0") * 2000
    return with_extent(bytes(data), b"EXAM", sector=first, size=2000 * SECTOR)


WHOLE: dict[str, tuple[Callable[[], bytes], MediaReason]] = {
    "a folder in itself": (looping, MediaReason.LOOPING),
    "folders too deep": (deeper_than_any, MediaReason.LOOPING),
    "files that share a part": (sharing_a_part, MediaReason.OVERLAPPING),
    "a file over a folder": (
        lambda: with_extent(a_disc(), b"LETTER.PDF;1", sector=20), MediaReason.OVERLAPPING,
    ),
    "a folder beyond the end": (
        lambda: with_extent(a_disc(), b"EXAM", sector=1 << 30), MediaReason.CUT_OFF,
    ),
    "a folder without an end": (
        lambda: with_extent(a_disc(), b"EXAM", size=(1 << 32) - 1), MediaReason.TOO_MANY,
    ),
    "names without measure": (named_at_length, MediaReason.TOO_MANY),
    "parts without number": (in_countless_parts, MediaReason.TOO_MANY),
    "a record longer than its sector": (
        lambda: patched(a_disc(), [(record_at(a_disc(), b"EXAM"), b"\x21")]), MediaReason.BROKEN,
    ),
    "no descriptor": (lambda: a_disc()[: 17 * SECTOR - 9], MediaReason.BROKEN),
    "sectors of another size": (
        lambda: patched(a_disc(), [(16 * SECTOR + 128, b"\0\x02")]), MediaReason.OTHER_IMAGE,
    ),
    "UDF alone": (
        lambda: patched(a_disc(), [(16 * SECTOR + 1, b"BEA01")]), MediaReason.OTHER_IMAGE,
    ),
    "raw sectors": (
        lambda: b"\0" + b"\xff" * 10 + b"\0" + bytes(99_999), MediaReason.OTHER_IMAGE,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_a_hostile_image_is_refused_by_its_name(name: str) -> None:
    make, reason = WHOLE[name]
    data = make()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refused(outcome(data)) == {"d.iso": reason}
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


ONE: dict[str, tuple[Callable[[], bytes], MediaReason]] = {
    "beyond the end": (
        lambda: with_extent(a_disc(), b"LETTER.PDF;1", sector=1 << 31), MediaReason.CUT_OFF,
    ),
    "interleaved": (
        lambda: patched(a_disc(), [(record_at(a_disc(), b"LETTER.PDF;1") + 26, b"\1")]),
        MediaReason.LAYOUT,
    ),
    "climbing": (
        lambda: a_disc().replace(b"LETTER.PDF;1", b"../../../x;1"), MediaReason.ODD_NAME,
    ),
    "an absolute path": (
        lambda: a_disc().replace(b"LETTER.PDF;1", b"/etc/passw;1"), MediaReason.ODD_NAME,
    ),
    "a zip on the disc": (
        lambda: of_ours((("LETTER.PDF",), archive()), (("EXAM", "00000001"), GOOD)),
        MediaReason.NESTED,
    ),
    "an image on the disc": (
        lambda: of_ours((("LETTER.PDF",), a_disc()), (("EXAM", "00000001"), GOOD)),
        MediaReason.NESTED,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ONE)
def test_a_hostile_file_costs_itself_and_nothing_else(name: str) -> None:
    make, reason = ONE[name]
    found = outcome(make())
    assert list(refused(found).values()) == [reason]
    assert taken(found) == {"d.iso/EXAM/00000001": GOOD}


def test_more_files_than_any_disc_has_are_refused() -> None:
    files = [((f"{number:08d}",), PDF) for number in range(9)]
    assert refused(outcome(of_ours(*files), MediaLimits(entries=8))) == {
        "d.iso": MediaReason.TOO_MANY
    }
    assert len(taken(outcome(of_ours(*files), MediaLimits(entries=9)))) == 9


def test_more_bytes_than_any_disc_has_are_refused() -> None:
    found = outcome(of_ours(*(((f"{n}",), PDF) for n in range(9))), MediaLimits(unpacked=60))
    assert len(taken(found)) == 60 // len(PDF)
    assert list(refused(found).values()) == [MediaReason.TOO_LARGE]


def test_a_large_file_is_read_where_it_lies() -> None:
    class Sparse:
        """Many gigabytes of which nothing is held."""

        def __init__(self, head: bytes, size: int) -> None:
            self.head, self.size, self.most = head, size, 0

        def read(self, offset: int, length: int) -> bytes:
            self.most = max(self.most, length)
            return self.head[offset : offset + length].ljust(min(length, self.size - offset), b"\0")

    source: Source = Sparse(with_extent(a_disc(), b"00000001.;1", size=3 << 30), 4 << 30)
    items = [each for each in walk([Offered("d", source)]) if isinstance(each, MediaItem)]
    assert items[-1].source.size == 3 << 30
    assert isinstance(source, Sparse)
    assert source.most <= SECTOR


def test_any_damage_ends_in_an_answer() -> None:
    whole = of_others(("Brief.pdf", PDF), ("bilder/eins", GOOD))
    chance = random.Random(11)  # noqa: S311 - the same in every run
    answered = 0
    for number in range(2000):
        damaged = bytearray((a_disc(), whole)[number % 2])
        for _ in range(chance.randint(1, 8)):
            damaged[chance.randrange(16 * SECTOR, len(damaged))] = chance.randrange(256)
        try:
            found = disc_image.members(BytesSource(bytes(damaged)), most=1000)
        except MediaRefusedError:
            answered += 1
            continue
        answered += len(found)
        outcome(bytes(damaged[: chance.randint(40_000, len(damaged))]))
    assert answered > 2000
