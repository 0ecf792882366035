"""One served product with two studies, asked by the clients that others wrote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server import Server


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("clients")
    made = Server(folder / "data", folder / "keys" / "root.key", log=folder / "log")
    made.init()
    made.token = made.add_person()
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="session")
def root(served: Server) -> str:
    return f"http://127.0.0.1:{served.port}/dicomweb"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")
