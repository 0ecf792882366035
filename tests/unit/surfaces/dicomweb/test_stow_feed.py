"""However a body arrives, what is gathered and written beside it comes out as the same parts."""

from __future__ import annotations

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from safelight.surfaces.dicomweb import stow_feed, stow_parts
from safelight.surfaces.dicomweb.stow_feed import Feed
from safelight.surfaces.dicomweb.stow_parts import BrokenBodyError, Part, PartReader

# The threads look after connections that earlier tests may have left them.
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

SMALL, LARGE = 900, 70_000


@pytest.fixture(autouse=True)
def small_lots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stow_parts, "IN_MEMORY", 5000)
    monkeypatch.setattr(stow_feed, "_LOT", 8000)


def body_of(parts: list[bytes]) -> bytes:
    head = b"--edge\r\nContent-Type: application/dicom\r\n\r\n"
    return b"".join(head + part + b"\r\n" for part in parts)


async def fed(body: bytes, chance: random.Random) -> tuple[list[bytes], BrokenBodyError | None]:
    reader = PartReader(b"edge")
    feed, found, at = Feed(reader), list[Part](), 0
    while at < len(body) and feed.fault is None:
        step = chance.choice([1, 700, 3000, 20_000])
        found += await feed.more(body[at : at + step])
        at += step
    if feed.fault is None:
        found += await feed.rest()
    fault = feed.fault
    await feed.close()
    reader.close()
    assert [part.number for part in found] == list(range(len(found)))
    contents = [part.source.read(0, part.source.size) for part in found if part.source]
    for part in found:
        part.discard()
    return contents, fault


def run(body: bytes, seed: int) -> tuple[list[bytes], BrokenBodyError | None]:
    """Run in a thread of its own: a loop would stay on this one."""
    chance = random.Random(seed)  # noqa: S311 (how a body is cut)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, fed(body, chance)).result()


def test_large_and_small_parts_come_out_in_order() -> None:
    for seed in range(12):
        chance = random.Random(seed)  # noqa: S311 (how large the parts are)
        parts = [chance.randbytes(chance.choice([SMALL, LARGE])) for _ in range(9)]
        assert run(body_of(parts) + b"--edge--\r\n", seed) == (parts, None)


def test_what_is_whole_before_a_fault_is_not_lost() -> None:
    parts = [bytes(SMALL), b"x" * LARGE, b"y" * LARGE, b"z" * SMALL]
    broken = b"--edge\r\nBad\x00Header\r\n\r\n" + bytes(LARGE)
    for seed in range(6):
        found, fault = run(body_of(parts) + broken, seed)
        assert found == parts
        assert fault is not None
