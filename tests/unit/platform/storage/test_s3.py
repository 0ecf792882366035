"""Does a bucket keep what a folder keeps? Against a real S3 server, healthy, slow and gone."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import obstore
import pytest

import seaweed
from safelight.kernel.ids import new_id
from safelight.platform.storage.errors import (
    PackMissingError,
    RecordBrokenError,
    StorageFailedError,
    StorageFullError,
    StoreUnknownError,
    StoreUnreachableError,
)
from safelight.platform.storage.packs import Place
from safelight.platform.storage.record import new_object_key
from safelight.platform.storage.s3_bucket import Bucket
from safelight.platform.storage.s3_reader import RangeReader
from safelight.platform.storage.s3_store import S3Store
from safelight.platform.storage.s3_writer import BatchWriter
from safelight.platform.storage.store import store_for

Kept = tuple[Place, UUID, bytes]


@pytest.fixture(scope="module")
def server() -> Iterator[seaweed.Seaweed]:
    started = seaweed.start()
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("SAFELIGHT_STORE_ACCESS_KEY", seaweed.ACCESS_KEY)
        settings.setenv("SAFELIGHT_STORE_SECRET_KEY", seaweed.SECRET_KEY)
        yield started
    started.stop()


@pytest.fixture
def store(server: seaweed.Seaweed, tmp_path: Path) -> S3Store:
    return S3Store(server.url(tmp_path.name), staging=tmp_path / "staging", reserve=0)


def put(writer: BatchWriter, content: bytes) -> Kept:
    object_id, key = new_id(), new_object_key()
    pieces = (content[at : at + 100_000] for at in range(0, len(content), 100_000))
    return writer.append(object_id=object_id, key=key, pieces=pieces), object_id, key


def get(store: S3Store, kept: Kept) -> bytes:
    place, object_id, key = kept
    record = store.reader().record(place, object_id=object_id, key=key)
    return record.read(0, record.size)


def staged(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "staging").glob("packs/*/*/*.pack"))


def test_what_was_appended_together_is_one_object(
    store: S3Store, server: seaweed.Seaweed, tmp_path: Path
) -> None:
    contents = [b"", b"one", os.urandom(300_000)]
    kept = [put(store.writer(), content) for content in contents]
    store.writer().sync({place.pack for place, _, _ in kept})

    assert len({place.pack for place, _, _ in kept}) == 1
    (stored,) = obstore.list(server.bucket(), tmp_path.name).collect()
    assert stored["path"] == f"{tmp_path.name}/{kept[0][0].pack}"
    assert stored["size"] == sum(place.length for place, _, _ in kept)
    assert staged(tmp_path) == []
    fresh = RangeReader(Bucket(server.url(tmp_path.name)), tmp_path)
    for content, (place, object_id, key) in zip(contents, kept, strict=True):
        record = fresh.record(place, object_id=object_id, key=key)
        assert record.read(0, record.size) == content


def test_nothing_is_in_the_bucket_before_a_sync(store: S3Store, tmp_path: Path) -> None:
    kept = put(store.writer(), b"not yet")
    assert store.size_of(kept[0].pack) is None
    assert get(store, kept) == b"not yet"  # from this machine, for whoever compacts
    store.writer().sync()
    assert store.size_of(kept[0].pack) == kept[0].length


def test_a_large_object_streams_in_parts_with_flat_memory(store: S3Store, tmp_path: Path) -> None:
    piece = os.urandom(1 << 20)
    object_id, key = new_id(), new_object_key()
    tracemalloc.start()
    place = store.writer().append(object_id=object_id, key=key, pieces=(piece for _ in range(80)))
    store.writer().sync({place.pack})
    record = store.reader().record(place, object_id=object_id, key=key)
    for number in range(80):
        assert record.read(number << 20, (number + 1) << 20) == piece
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40 << 20
    assert staged(tmp_path) == []


def test_many_threads_append_and_sync_and_all_of_it_is_kept(store: S3Store) -> None:
    kept: list[tuple[Kept, bytes]] = []

    def send(number: int) -> None:
        for turn in range(5):
            content = f"{number}/{turn}".encode() * (200_000 if turn == 2 else 100)
            mine = put(store.writer(), content)
            store.writer().sync({mine[0].pack})
            kept.append((mine, content))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept) == 40
    assert all(get(store, mine) == content for mine, content in kept)


def test_damage_and_absence_are_told_apart(
    store: S3Store, server: seaweed.Seaweed, tmp_path: Path
) -> None:
    kept = put(store.writer(), os.urandom(500_000))
    store.writer().sync()
    name = f"{tmp_path.name}/{kept[0].pack}"
    whole = bytes(obstore.get(server.bucket(), name).bytes())
    for harmed in (whole[:-1], whole[:100], whole[:-5] + b"x" + whole[-4:]):
        obstore.put(server.bucket(), name, harmed)
        store.reader().forget(kept[0].pack)
        with pytest.raises(RecordBrokenError):
            get(store, kept)
    assert store.remove(kept[0].pack) == len(whole)
    store.reader().forget(kept[0].pack)
    with pytest.raises(PackMissingError):
        get(store, kept)
    with pytest.raises(PackMissingError):
        store.remove(kept[0].pack)
    with pytest.raises(PackMissingError):
        store.reader().record(Place("packs/../x", 0, 100), object_id=kept[1], key=kept[2])


def test_a_pack_is_idle_an_hour_after_it_was_put_or_left(store: S3Store) -> None:
    one, two = put(store.writer(), b"1"), None
    store.writer().sync()
    two = put(store.writer(), b"2")
    store.writer().sync()
    assert dict(store.idle(idle_for=-60)) == {
        one[0].pack: one[0].length,
        two[0].pack: two[0].length,
    }
    assert dict(store.idle(idle_for=60)) == {}
    store.begin_hour(one[0].pack)
    assert len(dict(store.idle(idle_for=-60))) == 2
    store.remove(one[0].pack)
    assert list(dict(store.idle(idle_for=-60))) == [two[0].pack]


def test_records_are_regrouped_into_one_object(store: S3Store, tmp_path: Path) -> None:
    kept = []
    for content in (b"a" * 1000, b"b" * 3_000_000):
        kept.append(put(store.writer(), content))
        store.writer().sync()
    with store.regroup() as fresh:
        moved = [(fresh.copy(place), object_id, key) for place, object_id, key in kept]
        assert [get(store, each)[:1] for each in moved] == [b"a", b"b"]
        fresh.keep()
    assert staged(tmp_path) == []
    assert store.size_of(moved[0][0].pack) == moved[1][0].offset + moved[1][0].length
    assert [get(store, each)[:1] for each in moved] == [b"a", b"b"]
    with store.regroup() as fresh:
        left = fresh.copy(moved[0][0])
    assert store.size_of(left.pack) is None
    assert staged(tmp_path) == []


def test_what_a_process_left_behind_is_removed_by_the_next(
    store: S3Store, server: seaweed.Seaweed, tmp_path: Path
) -> None:
    mine = put(store.writer(), b"still being written")
    orphan = tmp_path / "staging" / "packs" / "aa" / "bb" / f"{'c' * 32}.pack"
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"of a process that is gone")
    other = S3Store(server.url(tmp_path.name), staging=tmp_path / "staging", reserve=0)
    other.writer()
    assert not orphan.exists()
    store.writer().sync()
    assert get(other, mine) == b"still being written"


def test_where_this_machine_has_no_room_nothing_is_lost(
    server: seaweed.Seaweed, tmp_path: Path
) -> None:
    store = S3Store(server.url(tmp_path.name), staging=tmp_path / "staging", reserve=1 << 60)
    with pytest.raises(StorageFullError):
        put(store.writer(), b"small")
    with pytest.raises(StorageFullError):
        put(store.writer(), os.urandom(9 << 20))
    store.writer().sync()


def test_a_wrong_secret_is_a_failure_that_says_nothing_of_it(
    store: S3Store,
    server: seaweed.Seaweed,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("SAFELIGHT_STORE_SECRET_KEY", "another-secret")
    other = S3Store(server.url(tmp_path.name), staging=tmp_path / "other", reserve=0)
    mine = put(other.writer(), b"lost")
    with pytest.raises(StoreUnreachableError) as caught:
        other.writer().sync({mine[0].pack})
    assert "another-secret" not in str(caught.value) + caplog.text
    assert store.size_of(mine[0].pack) is None
    # Whoever comes late learns it too, and the next batch is judged by itself.
    with pytest.raises(StorageFailedError):
        other.writer().sync({mine[0].pack})
    assert list((tmp_path / "other").glob("packs/*/*/*.pack")) == []


def test_while_the_server_hangs_a_sync_waits_and_is_kept(
    store: S3Store, server: seaweed.Seaweed
) -> None:
    mine = put(store.writer(), b"patience")
    server.process.send_signal(signal.SIGSTOP)
    timer = threading.Timer(1.5, server.process.send_signal, [signal.SIGCONT])
    timer.start()
    try:
        store.writer().sync({mine[0].pack})
    finally:
        timer.join()
        with contextlib.suppress(ProcessLookupError):
            server.process.send_signal(signal.SIGCONT)
    assert get(store, mine) == b"patience"


def test_a_store_of_another_kind_is_refused(tmp_path: Path) -> None:
    for url in ("ftp://host/packs", "s3:///nowhere", "file:relative"):
        with pytest.raises(StoreUnknownError):
            store_for(tmp_path, url)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    place = (
        store_for(tmp_path, f"file://{elsewhere}")
        .writer()
        .append(object_id=new_id(), key=new_object_key(), pieces=[b"x"])
    )
    assert (elsewhere / place.pack).exists()


def test_a_server_that_is_gone_costs_the_batch_and_keeps_what_was_kept(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("SAFELIGHT_STORE_ACCESS_KEY", "nobody")
        settings.setenv("SAFELIGHT_STORE_SECRET_KEY", "nothing")
        store = S3Store(
            "s3://packs/x?endpoint=http://127.0.0.1:1&region=us-east-1",
            staging=tmp_path / "staging",
            reserve=0,
        )
        mine = put(store.writer(), b"lost")
        with pytest.raises(StoreUnreachableError):
            store.writer().sync({mine[0].pack})
        with pytest.raises(StoreUnreachableError):
            get(store, mine)
    assert staged(tmp_path) == []
