"""Does a record give back what went in, any part of it, and refuse everything else?"""

from __future__ import annotations

import random
import secrets
from typing import TYPE_CHECKING

import pytest

from safelight.kernel.ids import new_id
from safelight.platform.storage.errors import RecordBrokenError
from safelight.platform.storage.record import (
    HEADER_SIZE,
    TAG_SIZE,
    RecordReader,
    new_object_key,
    seal_record,
    sealed_size,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

BITS = 14
CHUNK = 1 << BITS
STORED_CHUNK = CHUNK + TAG_SIZE
SIZES = [0, 1, 15, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 77]


def sealed(key: bytes, object_id: UUID, plaintext: bytes) -> bytes:
    return b"".join(seal_record(key, object_id, [plaintext], chunk_bits=BITS))


def opened(stored: bytes, key: bytes, object_id: UUID) -> RecordReader:
    return RecordReader(
        lambda offset, length: stored[offset : offset + length], len(stored), key, object_id
    )


def everything(stored: bytes, key: bytes, object_id: UUID) -> bytes:
    record = opened(stored, key, object_id)
    return record.read(0, record.size)


@pytest.mark.parametrize("size", SIZES)
def test_what_went_in_comes_out(size: int) -> None:
    key, object_id, plaintext = new_object_key(), new_id(), secrets.token_bytes(size)
    stored = sealed(key, object_id, plaintext)

    assert len(stored) == sealed_size(size, chunk_bits=BITS)
    assert everything(stored, key, object_id) == plaintext


@pytest.mark.parametrize("size", SIZES)
def test_any_range_can_be_read(size: int) -> None:
    key, object_id, plaintext = new_object_key(), new_id(), secrets.token_bytes(size)
    record = opened(sealed(key, object_id, plaintext), key, object_id)
    chance = random.Random(size)  # noqa: S311 (which ranges are tried)
    edges = sorted({0, size, *(edge for edge in (1, CHUNK - 1, CHUNK, CHUNK + 1) if edge <= size)})
    ranges = [(start, stop) for start in edges for stop in edges if start <= stop]
    ranges += [
        (min(a, b), max(a, b))
        for a, b in ((chance.randint(0, size), chance.randint(0, size)) for _ in range(200))
    ]

    for start, stop in ranges:
        assert record.read(start, stop) == plaintext[start:stop]


@pytest.mark.parametrize(("start", "stop"), [(-1, 0), (2, 1), (0, 101), (101, 101)])
def test_a_range_outside_is_refused(start: int, stop: int) -> None:
    key, object_id = new_object_key(), new_id()
    record = opened(sealed(key, object_id, bytes(100)), key, object_id)

    with pytest.raises(ValueError, match="not within"):
        record.read(start, stop)


def test_pieces_may_come_in_any_size() -> None:
    key, object_id, salt = new_object_key(), new_id(), bytes(32)
    plaintext = secrets.token_bytes(3 * CHUNK + 5)
    whole = list(seal_record(key, object_id, [plaintext], chunk_bits=BITS, salt=salt))
    for step in (1000, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 3):
        pieces = [plaintext[at : at + step] for at in range(0, len(plaintext), step)]
        cut = list(seal_record(key, object_id, [b"", *pieces, b""], chunk_bits=BITS, salt=salt))
        assert b"".join(cut) == b"".join(whole)


def test_only_the_chunks_that_hold_a_range_are_read() -> None:
    key, object_id, plaintext = new_object_key(), new_id(), secrets.token_bytes(100 * CHUNK)
    stored = sealed(key, object_id, plaintext)
    reads: list[tuple[int, int]] = []

    def read_at(offset: int, length: int) -> bytes:
        reads.append((offset, length))
        return stored[offset : offset + length]

    record = RecordReader(read_at, len(stored), key, object_id)
    assert sum(length for _, length in reads) == HEADER_SIZE + STORED_CHUNK
    reads.clear()

    record.read(50 * CHUNK + 10, 51 * CHUNK + 10)

    assert reads == [(HEADER_SIZE + 50 * STORED_CHUNK, 2 * STORED_CHUNK)]


def mutations(stored: bytes, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Damage a record in every way that an attacker or a disk might."""
    for at in [*range(HEADER_SIZE), *(chance.randrange(len(stored)) for _ in range(250))]:
        flipped = bytearray(stored)
        flipped[at] ^= 1 << chance.randrange(8)
        yield f"bit flipped in byte {at}", bytes(flipped)
    body = stored[HEADER_SIZE:]
    chunks = [body[at : at + STORED_CHUNK] for at in range(0, len(body), STORED_CHUNK)]
    boundaries = [HEADER_SIZE + at for at in range(0, len(body), STORED_CHUNK)]
    cuts = {0, 1, HEADER_SIZE - 1, *boundaries}
    cuts |= {edge + shift for edge in boundaries for shift in (-1, 1, TAG_SIZE, TAG_SIZE + 1)}
    cuts |= {len(stored) - shift for shift in (1, TAG_SIZE, TAG_SIZE + 1)}
    cuts |= {chance.randrange(len(stored)) for _ in range(60)}
    for cut in sorted(cut for cut in cuts if 0 <= cut < len(stored)):
        yield f"cut at {cut}", stored[:cut]
    for extra in (1, TAG_SIZE, TAG_SIZE + 1, STORED_CHUNK):
        yield f"{extra} bytes appended", stored + bytes(extra)
    for index in range(len(chunks)):
        head, before, after = stored[:HEADER_SIZE], chunks[:index], chunks[index + 1 :]
        yield f"chunk {index} dropped", head + b"".join(before + after)
        yield f"chunk {index} twice", head + b"".join([*before, chunks[index], *chunks[index:]])
        for other in range(index):
            swapped = list(chunks)
            swapped[index], swapped[other] = swapped[other], swapped[index]
            yield f"chunks {other} and {index} swapped", head + b"".join(swapped)


@pytest.mark.parametrize("seed", range(20, 27))
def test_thousands_of_damaged_records_are_all_refused(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 (which damage is tried)
    tried = 0
    for size in SIZES:
        key, object_id, plaintext = new_object_key(), new_id(), secrets.token_bytes(size)
        stored = sealed(key, object_id, plaintext)
        for what, damaged in mutations(stored, chance):
            tried += 1
            try:
                got = everything(damaged, key, object_id)
            except RecordBrokenError:
                continue
            pytest.fail(f"{size} bytes, {what}: accepted, {len(got)} bytes came out")
    assert tried > 3000


def test_a_cut_record_is_refused_before_any_byte_is_served() -> None:
    key, object_id = new_object_key(), new_id()
    stored = sealed(key, object_id, bytes(3 * CHUNK))

    for cut in range(HEADER_SIZE, len(stored), STORED_CHUNK):
        with pytest.raises(RecordBrokenError):
            opened(stored[:cut], key, object_id)


def test_chunks_of_another_object_do_not_fit_even_under_the_same_key() -> None:
    key, mine, other = new_object_key(), new_id(), new_id()
    first, second = sealed(key, mine, bytes(3 * CHUNK)), sealed(key, other, bytes(3 * CHUNK))
    again = sealed(key, mine, bytes(3 * CHUNK))
    place = slice(HEADER_SIZE + STORED_CHUNK, HEADER_SIZE + 2 * STORED_CHUNK)

    for donor in (second, again):
        mixed = first[: place.start] + donor[place] + first[place.stop :]
        with pytest.raises(RecordBrokenError):
            everything(mixed, key, mine)


def test_another_key_or_another_name_opens_nothing() -> None:
    key, object_id = new_object_key(), new_id()
    stored = sealed(key, object_id, b"an image")

    for _ in range(100):
        with pytest.raises(RecordBrokenError):
            opened(stored, new_object_key(), object_id)
        with pytest.raises(RecordBrokenError):
            opened(stored, key, new_id())


def test_equal_objects_do_not_look_equal() -> None:
    key, object_id = new_object_key(), new_id()

    assert sealed(key, object_id, bytes(100)) != sealed(key, object_id, bytes(100))


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_a_mistake(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        list(seal_record(bytes(length), new_id(), [b""]))
