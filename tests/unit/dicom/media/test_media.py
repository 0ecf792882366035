"""What is taken from discs, folders and archives, and what is refused?"""

from __future__ import annotations

import io
import os
import random
import resource
import socket
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from archives import ARCHIVES, GOOD, PDF, archive, noise
from safelight.dicom.media.contents import (
    MediaItem,
    MediaLimits,
    MediaRefused,
    MediaSkipped,
    Offered,
    walk,
)
from safelight.dicom.media.files import files_under
from safelight.dicom.media.kinds import MediaKind, kind_of
from safelight.dicom.media.names import is_odd_name, shown
from safelight.dicom.media.reasons import MediaReason
from safelight.dicom.source import BytesSource

if TYPE_CHECKING:
    from safelight.dicom.media.contents import Media


def outcome(data: bytes, limits: MediaLimits | None = None) -> list[Media]:
    return list(walk([Offered("disc.zip", BytesSource(data))], limits=limits))


def reasons(media: list[Media]) -> list[MediaReason]:
    return [one.reason for one in media if isinstance(one, MediaRefused)]


def taken(media: list[Media]) -> list[str]:
    return [one.label for one in media if isinstance(one, MediaItem)]


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_hostile_archive_costs_its_items_and_nothing_else(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, reason, others_are_taken = ARCHIVES[name]
    data = make()
    monkeypatch.chdir(tmp_path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    found = outcome(data)

    assert reason in reasons(found)
    assert taken(found) == (["disc.zip/exam/good"] if others_are_taken else [])
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 256 * 1024  # KiB
    assert list(tmp_path.iterdir()) == []


def test_an_honest_disc_is_taken_and_its_viewer_counted() -> None:
    directory = GOOD[:160] + b"1.2.840.10008.1.3.10" + bytes(400)
    jpeg, png = b"\xff\xd8\xff\xe0" + bytes(40), b"\x89PNG\r\n\x1a\n" + bytes(40)
    data = archive(
        ("DICOMDIR", directory),
        ("viewer/run.exe", b"MZ" + bytes(100)),
        ("viewer/lib.dll", b"MZ" + bytes(100)),
        ("README", b"hello there"),
        ("letter", PDF),
        ("photo", jpeg),
        ("scan", png),
        ("IMG\\0001", GOOD),
    )

    found = outcome(data)

    kinds = {one.label.partition("/")[2]: one.kind for one in found if isinstance(one, MediaItem)}
    assert kinds == {
        "letter": MediaKind.PDF, "photo": MediaKind.JPEG, "scan": MediaKind.PNG,
        "IMG/0001": MediaKind.DICOM, "exam/good": MediaKind.DICOM,
    }  # fmt: skip
    assert [one for one in found if isinstance(one, MediaSkipped)] == [
        MediaSkipped("disc.zip/DICOMDIR", MediaReason.DIRECTORY),
        MediaSkipped("", MediaReason.NOT_MEDICAL, 1),
        MediaSkipped("", MediaReason.PROGRAM, 2),
    ]
    assert reasons(found) == []


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_come_out_byte_for_byte(method: int) -> None:
    large = b"%PDF-1.5" + noise(3, 3 << 20) + bytes(2 << 20)

    found = outcome(archive(("large", large), method=method))

    item = found[0]
    assert isinstance(item, MediaItem)
    assert item.source.read(0, item.source.size) == large


def test_a_large_member_goes_to_the_spool() -> None:
    class Spool:
        def __init__(self) -> None:
            self.kept = b""
            self.pieces = 0

        @property
        def size(self) -> int:
            return len(self.kept)

        def read(self, offset: int, length: int) -> bytes:
            return self.kept[offset : offset + length]

        def append(self, more: bytes) -> None:
            self.kept += more
            self.pieces += 1

    large = PDF + noise(1, 3 << 20)
    limits = MediaLimits(in_memory=1 << 20)
    offered = [Offered("disc.zip", BytesSource(archive(("large", large))))]

    found = list(walk(offered, new_spool=Spool, limits=limits))

    assert isinstance(found[0], MediaItem)
    spool = found[0].source
    assert isinstance(spool, Spool)
    assert spool.kept == large
    assert spool.pieces > 3
    assert reasons(outcome(archive(("large", large)), limits)) == [MediaReason.NO_ROOM]


def test_the_whole_archive_has_a_limit_too() -> None:
    members = [(f"m{number}", PDF + noise(number, 1 << 20)) for number in range(9)]

    found = outcome(archive(*members), MediaLimits(unpacked=4 << 20))

    assert len(taken(found)) == 3
    assert reasons(found) == [MediaReason.TOO_LARGE]


def test_unpacking_that_takes_too_long_is_stopped() -> None:
    assert reasons(outcome(archive(("m", PDF)), MediaLimits(seconds=-1))) == [MediaReason.TOO_SLOW]


def test_damage_is_noticed() -> None:
    data = archive(("letter", PDF * 50), method=zipfile.ZIP_STORED)
    damaged = data.replace(b"startxref\n0", b"startxref\n1", 1)

    assert reasons(outcome(damaged)) == [MediaReason.CHECKSUM]
    assert reasons(outcome(data[:-1])) == [MediaReason.BROKEN]
    assert reasons(outcome(b"PK\x03\x04" + bytes(100))) == [MediaReason.BROKEN]


def test_packing_that_we_do_not_unpack_is_named() -> None:
    found = outcome(archive(("m", PDF), method=zipfile.ZIP_LZMA))

    assert reasons(found) == [MediaReason.COMPRESSION] * 2


def test_a_real_zip64_archive_is_read() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made, made.open("exam", "w", force_zip64=True) as member:
        member.write(GOOD)

    assert taken(outcome(buffer.getvalue())) == ["disc.zip/exam"]


def test_any_damage_ends_in_an_answer() -> None:
    data = archive(("letter", PDF * 20), ("IMG1", GOOD))
    chance = random.Random(9)  # noqa: S311 - the same in every run

    for _ in range(1500):
        damaged = bytearray(data)
        for _ in range(chance.randint(1, 6)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        found = outcome(bytes(damaged[: chance.randint(1, len(damaged))]))
        assert all(isinstance(one, MediaItem | MediaRefused | MediaSkipped) for one in found)


def test_a_match_that_waits_for_room_is_not_lost() -> None:
    for length in range((1 << 20) - 40, (1 << 20) + 40):
        packer = zlib.compressobj(9, wbits=-15)
        body = PDF + bytes(length - len(PDF))
        packed = packer.compress(body) + packer.flush()
        assert len(packed) < 4096
        found = outcome(archive(("m", body), good=False))
        assert taken(found) == ["disc.zip/m"], length


def test_a_folder_is_walked_without_following_links(tmp_path: Path) -> None:
    disc = tmp_path / "disc"
    (disc / "a" / "b").mkdir(parents=True)
    (disc / "a" / "b" / "one").write_bytes(GOOD)
    (disc / "letter.txt").write_bytes(PDF)
    (disc / "more.zip").write_bytes(archive())
    (disc / "link").symlink_to("/etc/passwd")
    (disc / "loop").symlink_to(disc, target_is_directory=True)
    os.mkfifo(disc / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(disc / "s"))

        found = list(walk(files_under(disc)))

    assert taken(found) == ["disc/a/b/one", "disc/letter.txt", "disc/more.zip/exam/good"]
    refused = {one.label for one in found if isinstance(one, MediaRefused)}
    assert refused == {"disc/link", "disc/loop", "disc/pipe", "disc/s"}


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    assert list(files_under(tmp_path / "none")) == [MediaRefused("none", MediaReason.UNREADABLE)]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (bytes(128) + b"DICM" + bytes(20), MediaKind.DICOM),
        (b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100", MediaKind.DICOM),
        (b"\x08\x00\x08\x00\x1a\x00\x00\x00ORIGINAL\\PRIMARY", MediaKind.DICOM),
        (b"\x00\x08\x00\x05CS\x00\x0aISO_IR 100", MediaKind.DICOM),
        (b"\x08\x00\x05\x00\xff\xff\xff\xff" + bytes(20), MediaKind.OTHER),
        (b"\x08\x00", MediaKind.OTHER),
        (b"", MediaKind.OTHER),
        (b"MZ\x90\x00" + bytes(124) + b"DICM", MediaKind.DICOM),
        (b"#!/bin/sh\n", MediaKind.PROGRAM),
    ],
)
def test_files_are_known_by_their_bytes(head: bytes, kind: MediaKind) -> None:
    assert kind_of(head) is kind


@pytest.mark.parametrize("name", ["IMG0001", "a/b/c.dcm", "DICOM\\SE1\\IM1", "console.txt", "ä/ö"])
def test_ordinary_names_pass(name: str) -> None:
    assert not is_odd_name(name)


def test_a_shown_name_has_nothing_hidden_in_it() -> None:
    assert shown("a\u202egpj.exe\x07") == "a\ufffdgpj.exe\ufffd"
    assert len(shown("x" * 5000)) == 200
    assert shown("\ud800").isprintable()
