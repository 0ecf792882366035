"""Servers for tests of faults: made once, copied for each test, ended at its end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from forked import Nursery
from server import Server, copied


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Server:
    folder = tmp_path_factory.mktemp("template")
    made = Server(folder / "data", folder / "keys" / "root.key")
    made.init()
    made.token = made.add_person()
    return made


@pytest.fixture
def server(template: Server, tmp_path: Path) -> Iterator[Server]:
    made = copied(template, tmp_path)
    yield made
    made.kill()


@pytest.fixture
def nursery(server: Server) -> Iterator[Nursery]:
    made = Nursery.open(server)
    yield made
    made.close()
