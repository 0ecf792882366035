"""Is every change found that somebody makes with the file in hand and the keys not?"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

TIMES = 400
_SCRIPT = Path(__file__).parent / "tampering.py"
_NAMES = "import runpy, sys; sys.argv = ['tampering', '{times}', '{seed}'];"


@pytest.mark.sqlite_files
@pytest.mark.parametrize("seed", [20260301])
def test_each_of_many_changes_is_found_and_named(instance: Any, seed: int) -> None:  # noqa: ANN401 (the fixture's class lives in a conftest)
    start = _NAMES.format(times=TIMES, seed=seed)
    out = instance.run(f"{start} runpy.run_path({str(_SCRIPT)!r}, run_name='__main__')")
    untouched, *harmed = [json.loads(line) for line in out.splitlines()]
    assert untouched["problem"] == ""
    assert len(harmed) == TIMES - 1
    missed = [found for found in harmed if not found["problem"]]
    assert missed == []
    misnamed = [f for f in harmed if f["expected"] is not None and f["seq"] != f["expected"]]
    assert misnamed == []
    assert len(Counter(found["what"] for found in harmed)) >= 15
