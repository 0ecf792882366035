"""Is everything that is declared also locked, and does no lock name a registry?"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUN = [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["demo"]]
GROUPS = PROJECT["dependency-groups"]
DECLARED = {
    "requirements.lock": [*RUN, *GROUPS["build"]],
    "requirements-dev.lock": [*RUN, *GROUPS["build"], *GROUPS["dev"]],
    "requirements-frontend.lock": GROUPS["frontend"],
}
NAME = re.compile(r"^[A-Za-z0-9_.-]+")


@pytest.mark.parametrize("lock", DECLARED)
def test_everything_declared_is_locked_with_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text()
    locked = set(re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE))
    declared = {named[0].lower() for each in DECLARED[lock] if (named := NAME.match(each))}

    assert declared - locked == set()
    assert text.count("==") <= text.count("--hash=sha256:")
    assert "://" not in text


def test_the_browser_packages_are_locked_without_a_registry() -> None:
    assert "://registry" not in (ROOT / "frontend" / "package-lock.json").read_text()
    assert '"resolved"' not in (ROOT / "frontend" / "package-lock.json").read_text()
