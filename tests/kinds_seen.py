"""Which kinds of event does each test really bring about? A plugin for `pytest -p kinds_seen`.

It watches what is inserted into the record, in this process, and reads what came to stand in
the records below the tests' own folder, where commands and servers of their own wrote. For
each test that passed it writes a line of JSON to the file that SAFELIGHT_KINDS_SEEN names.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

_RECORD = "safelight.sqlite3"
_COUNTED = "SELECT kind, count(*) FROM audit_entry GROUP BY kind"
_seen: set[str] = set()
_known: dict[Path, Counter[str]] = {}


def pytest_collection_finish() -> None:
    """Watch from here on: before, Django is not set up."""
    from safelight.platform.audit import actions  # noqa: PLC0415 (the settings are made first)

    insert = actions._insert

    def watched(**values: Any) -> None:  # noqa: ANN401 (columns of an entry)
        insert(**values)
        _seen.add(str(values["kind"]))

    actions._insert = watched


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Begin with nothing seen for each test, its fixtures included."""
    _seen.clear()
    _known.clear()
    _known.update(_records(item))
    yield
    if getattr(item, "has_passed", False):
        line = {"node": item.nodeid, "kinds": sorted(_seen)}
        with Path(os.environ["SAFELIGHT_KINDS_SEEN"]).open("a") as kept:
            kept.write(json.dumps(line) + "\n")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Note whether the test itself passed, and what others wrote while its folder is there."""
    outcome = yield
    if call.when == "call":
        item.has_passed = outcome.get_result().passed  # type: ignore[attr-defined]
        for path, kinds in _records(item).items():
            _seen.update(kinds - _known.get(path, Counter()))


def _records(item: pytest.Item) -> dict[Path, Counter[str]]:
    """Count the entries of each kind in each record below the folder of this run's tests."""
    folder = item.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
    found = {}
    for path in folder.rglob(_RECORD):
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as record:
                found[path] = Counter(dict(record.execute(_COUNTED)))
        except sqlite3.Error:
            continue  # no record yet, or one that a test has spoilt
    return found
