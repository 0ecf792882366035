"""In how many ways can a pack be tampered with by whoever has the store, and no keys?

A harm gets what lies in the store and says what lies there afterwards; None takes a pack
away. Which objects that damaged is no opinion of the harm: whoever asks compares the bytes
at each object's place with those that were stored.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from safelight.platform.storage.packs import Place
from safelight.platform.storage.record import HEADER_SIZE, TAG_SIZE

Store = Mapping[str, bytes]
Harmed = dict[str, bytes | None]


@dataclass(frozen=True, slots=True)
class Target:
    """What lies in the store, and which record is harmed this time."""

    dice: random.Random
    packs: Store
    places: tuple[Place, ...]  # of what can be read
    place: Place
    others: Store  # how some packs were before more was added to them
    dead: tuple[bytes, ...]  # records of objects that were erased
    of_one: Mapping[str, str]  # whose each pack is

    def record(self, place: Place) -> bytes:
        return self.packs[place.pack][place.offset : place.offset + place.length]

    def with_record(self, record: bytes) -> Harmed:
        """Put other bytes of the same length where the record lies."""
        assert len(record) == self.place.length
        return self.over(self.place.offset, record)

    def over(self, at: int, put: bytes) -> Harmed:
        old = self.packs[self.place.pack]
        return {self.place.pack: old[:at] + put + old[at + len(put) :]}

    def another_of(self, *, same_pack: bool) -> Place:
        """Return a record of the same length, of the same pack or of another person's."""
        mine = self.of_one[self.place.pack]
        return self.dice.choice(
            [
                each
                for each in self.places
                if each != self.place
                and each.length == self.place.length
                and (each.pack == self.place.pack if same_pack else self.of_one[each.pack] != mine)
            ]
        )


Harm = Callable[[Target], Harmed]


def flip_bit(on: Target) -> Harmed:
    """Turn one bit over, anywhere in a record."""
    at = on.place.offset + on.dice.randrange(on.place.length)
    return on.over(at, bytes([on.packs[on.place.pack][at] ^ 1 << on.dice.randrange(8)]))


def flip_many(on: Target) -> Harmed:
    """Turn bits over in several places of one pack."""
    changed = bytearray(on.packs[on.place.pack])
    for _ in range(on.dice.randint(2, 40)):
        changed[on.dice.randrange(len(changed))] ^= 1 << on.dice.randrange(8)
    return {on.place.pack: bytes(changed)}


def blank(on: Target) -> Harmed:
    """Write zeros over a stretch, as a bad sector does."""
    at = on.place.offset + on.dice.randrange(on.place.length)
    return on.over(at, bytes(min(on.dice.randint(16, 5000), len(on.packs[on.place.pack]) - at)))


def edit_header(on: Target) -> Harmed:
    """Change one field of a record's header."""
    fields = [(0, 8), (8, 1), (9, 1), (10, 1), (11, 1), (12, 4), (16, 16), (32, 16), (48, 32)]
    begins, size = on.dice.choice([*fields, (80, 32)])
    at = on.place.offset + begins
    old = on.packs[on.place.pack][at : at + size]
    new = old
    while new == old:
        new = on.dice.randbytes(size)
    return on.over(at, new)


def grow_chunks(on: Target) -> Harmed:
    """Say of a record that its chunks are larger, or smaller, than they are."""
    at = on.place.offset + 10
    bits = on.packs[on.place.pack][at]
    return on.over(at, bytes([on.dice.choice([each for each in range(14, 23) if each != bits])]))


def truncate(on: Target) -> Harmed:
    """Cut a pack off."""
    pack = on.packs[on.place.pack]
    return {on.place.pack: pack[: on.place.offset + on.dice.randrange(on.place.length)]}


def put_between(on: Target) -> Harmed:
    """Put bytes into a pack, so that what follows lies elsewhere."""
    pack = on.packs[on.place.pack]
    at = on.place.offset + on.dice.randrange(on.place.length)
    return {on.place.pack: pack[:at] + on.dice.randbytes(on.dice.randint(1, 64)) + pack[at:]}


def take_out(on: Target) -> Harmed:
    """Take bytes out of a pack, and put as many after its end."""
    pack = on.packs[on.place.pack]
    at = on.place.offset + on.dice.randrange(on.place.length)
    size = on.dice.randint(1, 64)
    return {on.place.pack: pack[:at] + pack[at + size :] + on.dice.randbytes(size)}


def swap_packs(on: Target) -> Harmed:
    """Exchange the names of two packs."""
    other = on.dice.choice([each for each in on.packs if each != on.place.pack])
    return {on.place.pack: on.packs[other], other: on.packs[on.place.pack]}


def swap_records(on: Target) -> Harmed:
    """Exchange the places of two records of one pack."""
    other = on.another_of(same_pack=True)
    changed = bytearray(on.packs[on.place.pack])
    changed[on.place.offset : on.place.offset + on.place.length] = on.record(other)
    changed[other.offset : other.offset + other.length] = on.record(on.place)
    return {on.place.pack: bytes(changed)}


def of_somebody_else(on: Target) -> Harmed:
    """Put another person's record in a record's place."""
    return on.with_record(on.record(on.another_of(same_pack=False)))


def pack_of_somebody_else(on: Target) -> Harmed:
    """Put another person's pack in a pack's place."""
    mine = on.of_one[on.place.pack]
    other = on.dice.choice([each for each in on.packs if on.of_one[each] != mine])
    return {on.place.pack: on.packs[other]}


def swap_chunks(on: Target) -> Harmed:
    """Exchange two chunks of one record."""
    chunks, rest = _chunks(on)
    first, second = on.dice.sample(range(len(chunks)), 2)
    chunks[first], chunks[second] = chunks[second], chunks[first]
    return on.with_record(on.record(on.place)[:HEADER_SIZE] + b"".join(chunks) + rest)


def repeat_chunk(on: Target) -> Harmed:
    """Put one chunk of a record in the place of another."""
    chunks, rest = _chunks(on)
    first, second = on.dice.sample(range(len(chunks)), 2)
    chunks[first] = chunks[second]
    return on.with_record(on.record(on.place)[:HEADER_SIZE] + b"".join(chunks) + rest)


def header_of_another(on: Target) -> Harmed:
    """Put another record's header before a record's chunks."""
    other = on.record(on.another_of(same_pack=on.dice.random() < 0.5))
    return on.with_record(other[:HEADER_SIZE] + on.record(on.place)[HEADER_SIZE:])


def erased_one_back(on: Target) -> Harmed:
    """Put the record of an erased object, of the same file, in the place of a new one."""
    fit = [each for each in on.dead if len(each) == on.place.length]
    return on.with_record(on.dice.choice(fit))


def older_pack_back(on: Target) -> Harmed:
    """Put a pack back as it was before more was added to it."""
    older = on.dice.choice(list(on.others))
    return {older: on.others[older]}


def delete(on: Target) -> Harmed:
    """Take a pack away."""
    return {on.place.pack: None}


def empty(on: Target) -> Harmed:
    """Leave nothing of a pack but its name."""
    return {on.place.pack: b""}


HARMS: tuple[Harm, ...] = (
    *(flip_bit, flip_bit, flip_bit, flip_many, blank, edit_header, edit_header, grow_chunks),
    *(truncate, truncate, put_between, take_out, swap_packs, swap_records, of_somebody_else),
    *(pack_of_somebody_else, swap_chunks, repeat_chunk, header_of_another, erased_one_back),
    *(older_pack_back, delete, empty),
)
OF_CHUNKS = (swap_chunks, repeat_chunk)
OF_SMALL = (swap_records, of_somebody_else, header_of_another, erased_one_back)


def chunks_of(length: int, chunk_bits: int = 16) -> int:
    """Say of how many chunks a record of this length is."""
    return -(-(length - HEADER_SIZE) // ((1 << chunk_bits) + TAG_SIZE))


def _chunks(on: Target) -> tuple[list[bytes], bytes]:
    """Cut a record into its whole chunks and the last one."""
    record = on.record(on.place)
    size = (1 << record[10]) + TAG_SIZE
    body = record[HEADER_SIZE:]
    whole = (len(body) - 1) // size
    return [body[at * size : (at + 1) * size] for at in range(whole)], body[whole * size :]
