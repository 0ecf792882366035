"""Do waiting bytes come back, survive a restart when they should, and vanish when not?"""

from __future__ import annotations

import errno
import os
import random
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from safelight.platform.keys.errors import SealBrokenError
from safelight.platform.storage.errors import (
    RecordBrokenError,
    StorageFailedError,
    StorageFullError,
)
from safelight.platform.storage.spool import SealedSpool

if TYPE_CHECKING:
    from pathlib import Path

ABOVE = b"\x07" * 32
PIECE = 64 << 10


def test_any_range_can_be_read_while_it_grows(tmp_path: Path) -> None:
    chance = random.Random(1)  # noqa: S311 (which ranges are tried)
    written = b""
    with SealedSpool(tmp_path, reserve=0) as spool:
        for _ in range(40):
            more = secrets.token_bytes(chance.choice([0, 1, 1000, PIECE - 1, PIECE, 3 * PIECE + 5]))
            spool.append(more)
            written += more
            assert spool.size == len(written)
            for _ in range(10):
                start = chance.randint(0, len(written))
                length = chance.randint(0, 2 * PIECE)
                assert spool.read(start, length) == written[start : start + length]
        assert spool.read(0, spool.size + 100) == written


def test_many_threads_read_what_was_appended(tmp_path: Path) -> None:
    content = secrets.token_bytes(700_000)
    with SealedSpool(tmp_path, reserve=0) as spool, ThreadPoolExecutor(8) as threads:
        spool.append(content)
        starts = [random.Random(turn).randrange(600_000) for turn in range(400)]  # noqa: S311
        read = threads.map(lambda start: spool.read(start, 90_000), starts)
        assert list(read) == [content[start : start + 90_000] for start in starts]


def test_what_is_streamed_is_what_was_appended_in_order(tmp_path: Path) -> None:
    content = secrets.token_bytes(5_300_001)
    with SealedSpool(tmp_path, reserve=0) as spool:
        spool.append(content)
        assert b"".join(spool.stream(17, len(content))) == content[17:]
        assert list(spool.stream(9, 9)) == []


def test_a_temporary_spool_has_no_name_and_nothing_readable(tmp_path: Path) -> None:
    spool = SealedSpool(tmp_path, reserve=0)
    spool.append(b"Doe^Jane " * 100_000)
    with open(f"/proc/self/fd/{spool._descriptor}", "rb") as file:  # noqa: PTH123 (no name)
        assert b"Doe^Jane" not in file.read()

    assert list(tmp_path.iterdir()) == []
    spool.close()


def test_a_lasting_spool_goes_on_after_a_restart(tmp_path: Path) -> None:
    spool = SealedSpool.lasting(tmp_path, above=ABOVE, reserve=0)
    name, wrapped_key = spool.name, spool.wrapped_key
    written = b""
    for size in (10, PIECE, 3 * PIECE + 1, 0, 5):
        more = secrets.token_bytes(size)
        spool.append(more)
        spool.flush()
        spool.close()
        written += more
        spool = SealedSpool.resume(
            tmp_path, name, wrapped_key, above=ABOVE, kept=len(written), reserve=0
        )
        assert spool.read(0, spool.size) == written
    spool.discard()
    spool.discard()

    assert list(tmp_path.iterdir()) == []


def test_what_a_crash_tore_is_cut_off_and_the_rest_is_kept(tmp_path: Path) -> None:
    spool = SealedSpool.lasting(tmp_path, above=ABOVE, reserve=0)
    kept = secrets.token_bytes(2 * PIECE + 100)
    spool.append(kept)
    spool.flush()
    durable = (tmp_path / spool.name).stat().st_size
    spool.append(secrets.token_bytes(3 * PIECE))
    spool.close()
    path = tmp_path / spool.name
    torn = path.read_bytes()

    for size, damage in [
        (durable + 1, b""),
        (durable + 20, b""),
        (durable + PIECE, b""),
        (len(torn) - 1, b""),
        (len(torn) - PIECE, b"\0" * 1000),
    ]:
        path.write_bytes(torn[: size - len(damage)] + damage)
        again = SealedSpool.resume(
            tmp_path, spool.name, spool.wrapped_key, above=ABOVE, kept=len(kept), reserve=0
        )
        assert again.size >= len(kept)
        assert again.read(0, len(kept)) == kept
        again.append(b"more")
        again.flush()
        assert again.read(again.size - 4, 4) == b"more"
        again.close()


def test_a_spool_that_lost_what_was_promised_is_refused(tmp_path: Path) -> None:
    spool = SealedSpool.lasting(tmp_path, above=ABOVE, reserve=0)
    spool.append(bytes(3 * PIECE))
    spool.flush()
    spool.close()
    os.truncate(tmp_path / spool.name, PIECE)

    with pytest.raises(RecordBrokenError):
        SealedSpool.resume(
            tmp_path, spool.name, spool.wrapped_key, above=ABOVE, kept=3 * PIECE, reserve=0
        )


def test_a_spool_opens_only_under_its_own_key_and_name(tmp_path: Path) -> None:
    spool = SealedSpool.lasting(tmp_path, above=ABOVE, reserve=0)
    other = SealedSpool.lasting(tmp_path, above=ABOVE, reserve=0)
    spool.append(b"x" * 100)
    spool.flush()

    with pytest.raises(SealBrokenError):
        SealedSpool.resume(tmp_path, spool.name, spool.wrapped_key, above=b"\x08" * 32)
    with pytest.raises(SealBrokenError):
        SealedSpool.resume(tmp_path, spool.name, other.wrapped_key, above=ABOVE)
    with pytest.raises(RecordBrokenError):
        SealedSpool.resume(tmp_path, "../root.key", spool.wrapped_key, above=ABOVE)
    spool.discard()
    other.discard()
    with pytest.raises(RecordBrokenError):
        SealedSpool.resume(tmp_path, spool.name, spool.wrapped_key, above=ABOVE)


def test_every_damaged_byte_of_a_piece_is_noticed(tmp_path: Path) -> None:
    spool = SealedSpool.lasting(tmp_path, above=ABOVE, reserve=0)
    spool.append(secrets.token_bytes(200))
    spool.flush()
    path = tmp_path / spool.name
    genuine = path.read_bytes()
    for at in range(len(genuine)):
        path.write_bytes(genuine[:at] + bytes([genuine[at] ^ 1]) + genuine[at + 1 :])
        spool._newest = (-1, b"")
        with pytest.raises(RecordBrokenError):
            spool.read(0, 200)
    spool.close()


def test_a_full_disk_is_said_and_what_was_there_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    with SealedSpool(tmp_path, reserve=0) as spool:
        spool.append(b"a" * PIECE)
        with monkeypatch.context() as faulty:
            faulty.setattr(os, "pwritev", full)
            with pytest.raises(StorageFullError):
                spool.append(b"b" * PIECE)
        spool.append(b"c")
        assert spool.read(0, PIECE) == b"a" * PIECE
        assert spool.read(spool.size - 1, 1) == b"c"
    with SealedSpool(tmp_path, reserve=1 << 60) as spool, pytest.raises(StorageFullError):
        spool.append(b"a" * PIECE)


def test_a_failed_flush_promises_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: int) -> None:
        raise OSError(errno.EIO, "broken")

    with SealedSpool.lasting(tmp_path, above=ABOVE, reserve=0) as spool:
        spool.append(b"a")
        monkeypatch.setattr(os, "fdatasync", broken)
        with pytest.raises(StorageFailedError):
            spool.flush()
