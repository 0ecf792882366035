"""Does every promise name code and tests that exist?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(
    r"^\| (?P<number>[VL]\d+) \| (?P<words>[^|]+) \| (?P<code>[^|]+) \| (?P<tests>[^|]+) \|$"
)
PATH = re.compile(r"`([^`]+)`")


def rows() -> list[re.Match[str]]:
    page = (ROOT / "docs" / "reference" / "promises.md").read_text()
    return [row for line in page.splitlines() if (row := ROW.match(line))]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["number"])
def test_a_promise_names_code_and_tests_that_exist(row: re.Match[str]) -> None:
    code, tests = PATH.findall(row["code"]), PATH.findall(row["tests"])

    assert code
    assert tests
    assert [path for path in (*code, *tests) if not (ROOT / path).is_file()] == []
    assert all(path.startswith("src/safelight/") for path in code)
    assert all(path.startswith("tests/") for path in tests)


def test_promises_stand_once_and_in_order() -> None:
    numbers = [row["number"] for row in rows()]

    assert numbers == sorted(set(numbers), key=lambda number: (number[0] == "L", int(number[1:])))


def test_every_module_of_a_promise_is_listed() -> None:
    page = (ROOT / "docs" / "reference" / "promises.md").read_text()
    unlisted = [
        path.name
        for path in (ROOT / "tests" / "promises").glob("test_*.py")
        if path.name not in page
    ]

    assert unlisted == []


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["number"])
def test_every_promise_has_a_module_of_its_own(row: re.Match[str]) -> None:
    letter, number = row["number"][0].lower(), int(row["number"][1:])

    assert f"`tests/promises/test_{letter}{number:02}_" in row["tests"]
