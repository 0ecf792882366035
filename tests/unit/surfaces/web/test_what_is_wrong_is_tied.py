"""Is what is wrong with a field told to whoever hears the page, at that field?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from safelight.surfaces import web

_TEMPLATES = Path(web.__file__).parent / "templates"
_WRONG = re.compile(r"{% if faults\.(\w+) %}<span class=\"why\"([^>]*)>")
_PAGES = sorted(
    str(path.relative_to(_TEMPLATES))
    for path in _TEMPLATES.rglob("*.html")
    if _WRONG.search(path.read_text(encoding="utf-8"))
)


def test_there_are_such_pages() -> None:
    assert len(_PAGES) > 20


@pytest.mark.parametrize("name", _PAGES)
def test_what_is_wrong_describes_its_field(name: str) -> None:
    page = (_TEMPLATES / name).read_text(encoding="utf-8")
    described = " ".join(re.findall(r'aria-describedby="([^"]*)"', page))
    for field, attributes in _WRONG.findall(page):
        told = re.search(r'id="([\w-]+)"', attributes)
        assert told, f"{name}: what is wrong with {field} has no id"
        assert re.search(rf"(^|[\s}}]){told[1]}([\s{{]|$)", described), f"{name}: {told[1]}"
