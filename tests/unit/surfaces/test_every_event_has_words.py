"""Is each kind of event that a room declares also recorded somewhere, and said in words?"""

from __future__ import annotations

import ast
import re
from enum import StrEnum
from importlib import import_module
from inspect import getmembers, isclass
from pathlib import Path

import pytest

import safelight
from safelight.platform.audit.events import Outcome
from safelight.surfaces.web.trail_words import words_of

_SOURCE = Path(safelight.__file__).parent
_ROOMS = sorted(_SOURCE.rglob("events.py"))
_CODE = re.compile(r"[a-z][a-z_-]*(\.[a-z0-9_-]+)+")


def kinds_of(path: Path) -> list[StrEnum]:
    name = ".".join(path.relative_to(_SOURCE.parent).with_suffix("").parts)
    declared = [
        member
        for _, found in getmembers(import_module(name), isclass)
        if issubclass(found, StrEnum) and found.__module__ == name and found is not Outcome
        for member in found
    ]
    assert declared, f"{name} declares no kind of event"
    return declared


def _named() -> set[str]:
    """Return each name of the form Class.MEMBER in the program, outside the declarations."""
    return {
        f"{node.value.id}.{node.attr}"
        for path in _SOURCE.rglob("*.py")
        if path.name != "events.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }


_EVENTS = [kind for path in _ROOMS for kind in kinds_of(path)]


@pytest.mark.parametrize("kind", _EVENTS, ids=str)
def test_a_kind_of_event_has_a_stable_code_and_words(kind: StrEnum) -> None:
    assert _CODE.fullmatch(kind.value)
    assert words_of(kind.value) != kind.value


def test_each_kind_of_event_is_recorded_somewhere() -> None:
    named = _named()
    declared = {f"{type(kind).__name__}.{kind.name}" for kind in _EVENTS}
    assert declared - named == set()


def test_no_two_rooms_use_one_code() -> None:
    codes = [kind.value for kind in _EVENTS]
    assert sorted(codes) == sorted(set(codes))
