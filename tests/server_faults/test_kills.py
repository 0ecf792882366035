"""A thousand kills at random moments, of STOW, import and compaction, lose nothing acknowledged.

The servers are forked from a warmed process, so that a kill costs about a second; the
kills of whole served products are in test_killed.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from figures import figure
from forked import Nursery
from killing import A_PIECE, PIECES, Killing, kill_often
from ledger import LostError

pytestmark = [pytest.mark.server, pytest.mark.timeout(1500)]

IN_CI = 100
FOUND_WITHIN = 15  # kills


def test_a_hundred_kills_lose_nothing_that_was_acknowledged(
    nursery: Nursery, tmp_path: Path
) -> None:
    kill_often(Killing(nursery, tmp_path, seed=0), IN_CI)


@pytest.mark.long
@pytest.mark.parametrize("piece", PIECES)
def test_a_thousand_kills_lose_nothing_that_was_acknowledged(
    nursery: Nursery, tmp_path: Path, piece: int
) -> None:
    kill_often(Killing(nursery, tmp_path, seed=piece), A_PIECE)


@pytest.mark.parametrize("bug", ["answer-before-commit", "rows-before-bytes"])
def test_a_bug_that_is_built_in_on_purpose_is_found(
    nursery: Nursery, tmp_path: Path, bug: str
) -> None:
    killing = Killing(nursery, tmp_path, seed=0, reports=tmp_path / "reports", bug=bug)
    with pytest.raises(AssertionError, match="All that is known") as found:
        killing.go_on(FOUND_WITHIN)
    assert isinstance(found.value.__cause__, LostError)
    print(f"{bug}: found after {killing.kills} kills")  # noqa: T201 (a figure to report)
    figure(f"kills.until-found.{bug}", killing.kills, "kills")


def test_a_loss_is_noticed_and_all_that_is_known_of_it_is_written_down(
    nursery: Nursery, tmp_path: Path
) -> None:
    killing = Killing(nursery, tmp_path, seed=0, reports=tmp_path / "reports")
    killing.go_on(1)
    for pack in nursery.server.data.glob("packs/*/*/*.pack"):
        pack.rename(pack.with_suffix(".away"))
    with pytest.raises(AssertionError, match="All that is known"):
        killing.go_on(1)
    (report,) = killing.reports.iterdir()
    said = report.read_text()
    (lost, *_) = {name for name in killing.ledger.kept if f'"{name}": [' in said}
    assert f"'{lost}'" in said
    assert '"reads": "pack-missing"' in said
    assert ".away" in said
