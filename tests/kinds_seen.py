"""Which kinds of event does each test really bring about? A plugin for `pytest -p kinds_seen`.

It watches what is inserted into the record, in this process, and writes for each test that
passed a line of JSON to the file that SAFELIGHT_KINDS_SEEN names.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_seen: set[str] = set()


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
    yield
    if getattr(item, "has_passed", False):
        line = {"node": item.nodeid, "kinds": sorted(_seen)}
        with Path(os.environ["SAFELIGHT_KINDS_SEEN"]).open("a") as kept:
            kept.write(json.dumps(line) + "\n")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Note whether the test itself passed."""
    outcome = yield
    if call.when == "call":
        item.has_passed = outcome.get_result().passed  # type: ignore[attr-defined]
