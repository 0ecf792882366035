"""Kills of a product whose rows are in PostgreSQL and packs in a bucket lose nothing either.

The product's processes die, not the servers that it uses.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import bases
from forked import Nursery
from killing import A_PIECE, PIECES, Killing, kill_often
from server import Server, copied

pytestmark = [pytest.mark.server, pytest.mark.timeout(1500)]

IN_CI = 10


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Server:
    folder = tmp_path_factory.mktemp("on-servers")
    made = Server(folder / "data", folder / "keys" / "root.key", env=bases.on_servers())
    made.init()
    made.token = made.add_person()
    return made


@pytest.fixture
def server(template: Server, tmp_path: Path) -> Iterator[Server]:
    made = copied(template, tmp_path)
    made.env = bases.on_servers(like=template.env)
    yield made
    made.kill()


# In the test run these servers are started only where the whole run is on them.
@pytest.mark.bases
@pytest.mark.postgres_server
def test_ten_kills_lose_nothing_that_was_acknowledged(nursery: Nursery, tmp_path: Path) -> None:
    kill_often(Killing(nursery, tmp_path, seed=0), IN_CI)


@pytest.mark.long
@pytest.mark.parametrize("piece", PIECES)
def test_a_thousand_kills_lose_nothing_that_was_acknowledged(
    nursery: Nursery, tmp_path: Path, piece: int
) -> None:
    kill_often(Killing(nursery, tmp_path, seed=piece), A_PIECE)
