"""Are records in packs kept when they are said to be, and found again?"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from safelight.kernel.ids import new_id
from safelight.platform.storage.errors import (
    PackMissingError,
    RecordBrokenError,
    StorageFailedError,
)
from safelight.platform.storage.packs import PackReader, PackWriter, Place, writer_for
from safelight.platform.storage.record import new_object_key
from safelight.platform.storage.sweep import orphans, packs, remove

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[PackWriter]:
    writer = PackWriter(tmp_path, reserve=0)
    yield writer
    writer.close()


def put(writer: PackWriter, content: bytes) -> tuple[Place, UUID, bytes]:
    object_id, key = new_id(), new_object_key()
    return writer.append(object_id=object_id, key=key, pieces=[content]), object_id, key


def got(folder: Path, place: Place, object_id: UUID, key: bytes) -> bytes:
    record = PackReader(folder).record(place, object_id=object_id, key=key)
    return record.read(0, record.size)


def test_records_lie_one_after_the_other_in_one_pack(writer: PackWriter, tmp_path: Path) -> None:
    contents = [secrets.token_bytes(size) for size in (0, 1, 70_000, 534_000)]
    kept = [put(writer, content) for content in contents]
    writer.sync()

    assert [got(tmp_path, *one) for one in kept] == contents
    assert len({place.pack for place, _, _ in kept}) == 1
    ends = [place.offset + place.length for place, _, _ in kept]
    assert [place.offset for place, _, _ in kept] == [0, *ends[:-1]]
    assert (tmp_path / kept[0][0].pack).stat().st_size == ends[-1]


def test_a_large_object_keeps_nobody_waiting(writer: PackWriter, tmp_path: Path) -> None:
    arrived, go_on = threading.Event(), threading.Event()
    piece = secrets.token_bytes(5 << 20)

    def slowly() -> Iterator[bytes]:
        yield from (piece, piece, piece)
        arrived.set()
        assert go_on.wait(20)
        yield piece

    object_id, key = new_id(), new_object_key()
    with ThreadPoolExecutor(1) as pool:
        large = pool.submit(writer.append, object_id=object_id, key=key, pieces=slowly())
        assert arrived.wait(20)
        small = put(writer, b"meanwhile")
        writer.sync()
        assert got(tmp_path, *small) == b"meanwhile"
        go_on.set()
        place = large.result(20)
    writer.sync()

    assert got(tmp_path, place, object_id, key) == piece * 4


def test_a_full_pack_is_followed_by_another(tmp_path: Path) -> None:
    writer = PackWriter(tmp_path, reserve=0, roll_at=100_000)
    kept = []
    for number in range(8):
        kept.append(put(writer, bytes([number]) * 60_000))
        writer.sync()
    writer.close()

    assert len({place.pack for place, _, _ in kept}) == 4
    for number, one in enumerate(kept):
        assert got(tmp_path, *one) == bytes([number]) * 60_000


def test_an_upload_that_breaks_off_leaves_no_trace(writer: PackWriter, tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield bytes(9 << 20)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        writer.append(object_id=new_id(), key=new_object_key(), pieces=broken())
    kept = put(writer, b"the next one")
    writer.sync()

    assert got(tmp_path, *kept) == b"the next one"
    assert sum((tmp_path / name).stat().st_size for name in packs(tmp_path)) == kept[0].length


def test_a_truncated_pack_loses_only_what_was_cut(writer: PackWriter, tmp_path: Path) -> None:
    first, second = put(writer, b"a" * 70_000), put(writer, b"b" * 70_000)
    writer.sync()
    end = second[0].offset + second[0].length
    for cut in (1, 16, 17, 4_464 + 16, 70_000):
        os.truncate(tmp_path / second[0].pack, end - cut)
        with pytest.raises(RecordBrokenError):
            got(tmp_path, *second)

    assert got(tmp_path, *first) == b"a" * 70_000


def test_a_place_that_is_not_the_records_own_opens_nothing(
    writer: PackWriter, tmp_path: Path
) -> None:
    first, second = put(writer, b"a" * 1000), put(writer, b"b" * 1000)
    writer.sync()
    place, object_id, key = second
    for other in (
        first[0],
        replace(place, offset=place.offset - 1),
        replace(place, length=place.length - 1),
        replace(place, length=place.length + 1),
        replace(place, length=0),
    ):
        with pytest.raises(RecordBrokenError):
            got(tmp_path, other, object_id, key)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../root.key",
        "packs/../root.key",
        "/etc/passwd",
        "packs/ab/cd/ab.pack\n",
        "packs/x.pack",
    ],
)
def test_only_names_of_ours_are_opened(name: str, tmp_path: Path) -> None:
    with pytest.raises(PackMissingError):
        got(tmp_path, Place(name, 0, 200), new_id(), new_object_key())


def test_a_link_is_not_followed(writer: PackWriter, tmp_path: Path) -> None:
    kept = put(writer, b"mine")
    writer.sync()
    link = tmp_path / "packs" / "ab.pack"
    link.symlink_to(tmp_path / kept[0].pack)

    with pytest.raises(OSError, match="symbolic links"):
        got(tmp_path, replace(kept[0], pack="packs/ab.pack"), *kept[1:])


def test_more_packs_than_may_be_open_can_be_read(tmp_path: Path) -> None:
    writer = PackWriter(tmp_path, reserve=0, roll_at=1)
    kept = []
    for number in range(200):
        kept.append((number, put(writer, str(number).encode())))
        writer.sync()
    writer.close()
    reader = PackReader(tmp_path)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 (counting only)

    for number, (place, object_id, key) in kept * 2:
        record = reader.record(place, object_id=object_id, key=key)
        assert record.read(0, record.size) == str(number).encode()

    assert len(os.listdir("/proc/self/fd")) - before <= 130  # noqa: PTH208 (the same)


def test_a_record_stays_readable_while_its_pack_is_let_go(
    writer: PackWriter, tmp_path: Path
) -> None:
    place, object_id, key = put(writer, bytes(500_000))
    writer.sync()
    reader = PackReader(tmp_path)
    record = reader.record(place, object_id=object_id, key=key)
    reader.forget(place.pack)
    remove(tmp_path, place.pack)

    assert record.read(0, 500_000) == bytes(500_000)
    with pytest.raises(PackMissingError):
        reader.record(place, object_id=object_id, key=key)


def test_sixteen_threads_write_and_read_without_mixing_anything_up(tmp_path: Path) -> None:
    writer = PackWriter(tmp_path, reserve=0, roll_at=4 << 20)
    reader = PackReader(tmp_path)

    def work(number: int) -> int:
        for turn in range(20):
            size = (number * 7919 + turn * 104_729) % 200_000
            content = secrets.token_bytes(size)
            if turn == 10:
                content *= 1 + (5 << 20) // (size + 1)
            place, object_id, key = put(writer, content)
            writer.sync()
            record = reader.record(place, object_id=object_id, key=key)
            assert record.read(0, record.size) == content
        return turn + 1

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(work, range(16))) == 320
    writer.close()


def test_a_fresh_writer_takes_over_from_a_closed_one_and_after_a_fork(tmp_path: Path) -> None:
    first = writer_for(tmp_path, reserve=0)
    assert writer_for(tmp_path) is first
    first.close()
    with pytest.raises(StorageFailedError):
        put(first, b"too late")
    second = writer_for(tmp_path, reserve=0)
    assert second is not first
    one = put(second, b"before")
    second._process += 1  # what a child process sees
    third = writer_for(tmp_path, reserve=0)
    assert third is not second
    two = put(third, b"after")
    assert one[0].pack != two[0].pack
    second.close()
    third.close()


def test_a_sweep_finds_only_idle_packs_that_no_row_names(tmp_path: Path) -> None:
    writer = PackWriter(tmp_path, reserve=0, roll_at=1)
    known, orphan = put(writer, b"known")[0].pack, None
    writer.sync()
    orphan = put(writer, b"orphan")[0].pack
    writer.sync()
    written_now = PackWriter(tmp_path, reserve=0)
    put(written_now, b"not yet committed")

    def found(idle_for: float) -> list[str]:
        return list(orphans(tmp_path, is_known=lambda name: name == known, idle_for=idle_for))

    assert found(3600) == []
    assert found(0) == [orphan]
    assert remove(tmp_path, orphan) > 0
    assert found(0) == []
    writer.close()
    written_now.close()


_KEEP_WRITING = """
    import sys, secrets
    from pathlib import Path
    from safelight.kernel.ids import new_id
    from safelight.platform.storage.packs import PackWriter
    from safelight.platform.storage.record import new_object_key
    writer = PackWriter(Path(sys.argv[1]), reserve=0, roll_at=1 << 20)
    while True:
        batch = []
        for _ in range(1 + secrets.randbelow(5)):
            object_id, key = new_id(), new_object_key()
            content = key * secrets.randbelow(5000)
            place = writer.append(object_id=object_id, key=key, pieces=[content])
            where = (place.pack, place.offset, place.length)
            batch.append((*where, object_id, key.hex(), len(content)))
        writer.sync()
        for row in batch:
            print(*row, flush=True)
"""


def test_what_was_acknowledged_survives_being_killed_at_any_moment(tmp_path: Path) -> None:
    acknowledged = 0
    for kill in range(12):
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(_KEEP_WRITING), str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline()
        time.sleep(secrets.randbelow(100) / 1000)
        process.send_signal(signal.SIGKILL)
        lines = process.stdout.read().split("\n")[:-1]  # a line without its end was not said
        process.wait()
        process.stdout.close()
        for line in lines:
            pack, offset, length, object_id, key_text, size = line.split()
            key = bytes.fromhex(key_text)
            place = Place(pack, int(offset), int(length))
            assert got(tmp_path, place, UUID(object_id), key) == key * (int(size) // 32), kill
            acknowledged += 1
    assert acknowledged > 50
