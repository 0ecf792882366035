"""A thousand kills at random moments, of STOW, import and compaction, lose nothing acknowledged.

The servers are forked from a warmed process, so that a kill costs about a second; the
kills of whole served products are in test_killed.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from killing import Killing, Nursery
from server import Server, copied

pytestmark = [pytest.mark.server, pytest.mark.timeout(1500)]

IN_CI = 100
A_PIECE = 50  # at most ten minutes, also on a machine that has other work


@pytest.fixture
def nursery(template: Server, tmp_path: Path) -> Iterator[Nursery]:
    made = Nursery.open(copied(template, tmp_path))
    yield made
    made.close()


def kill(nursery: Nursery, work: Path, times: int, *, seed: int) -> Killing:
    killing = Killing(nursery, work, seed)
    killing.go_on(times)
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(killing.by_kind.items()))
    print(  # noqa: T201 (the figure to report)
        f"{killing.kills} kills ({kinds}), {len(killing.ledger.kept)} acknowledged, 0 lost,"
        f" {killing.seconds / killing.kills:.2f} s each"
    )
    assert killing.kills == times
    assert len(killing.ledger.kept) > times
    return killing


def test_a_hundred_kills_lose_nothing_that_was_acknowledged(
    nursery: Nursery, tmp_path: Path
) -> None:
    kill(nursery, tmp_path, IN_CI, seed=0)


@pytest.mark.long
@pytest.mark.parametrize("piece", range(1, 21))
def test_a_thousand_kills_lose_nothing_that_was_acknowledged(
    nursery: Nursery, tmp_path: Path, piece: int
) -> None:
    kill(nursery, tmp_path, A_PIECE, seed=piece)
