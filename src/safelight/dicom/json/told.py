"""What does a structured report say, as a person reads it? (PS3.3 C.17.3, C.18)

Its content tree, line by line: what each item is about, and what it says of it. Nothing that
is declared is trusted: depth, lines and letters have bounds, and where they cut that is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from safelight.dicom.elements.people import shown, shown_name
from safelight.dicom.json.model import Model

MOST_LINES: Final = 500
DEEPEST: Final = 12
LONGEST: Final = 20_000  # letters of one item
_CONTENT, _KIND, _ABOUT = "0040A730", "0040A040", "0040A043"
_MEANING, _CODE = "00080104", "00080100"
_TEXT, _CODED, _PERSON = "0040A160", "0040A168", "0040A123"
_MEASURED, _NUMBER, _UNIT = "0040A300", "0040A30A", "004008EA"
_WHEN: Final = {"DATE": "0040A121", "TIME": "0040A122", "DATETIME": "0040A120"}
_POINTS: Final = frozenset({"IMAGE", "COMPOSITE", "WAVEFORM", "SCOORD", "SCOORD3D", "TCOORD"})


@dataclass(frozen=True, slots=True)
class Line:
    """One item of the tree: how deep it lies, what it is about, and the lines it says.

    `is_part` is for what holds others and says nothing itself; `points` for what refers to
    pictures, which are shown beside it.
    """

    depth: int
    about: str
    says: tuple[str, ...] = ()
    is_part: bool = False
    points: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """A report's lines; `is_cut` says that there is more in it than is told."""

    lines: tuple[Line, ...]
    is_cut: bool


def told(model: Model) -> Told:
    """Return what a structured report says."""
    lines = list(islice(_lines(model, 0), MOST_LINES + 1))
    too_deep = any(line.depth > DEEPEST for line in lines)
    kept = tuple(line for line in lines[:MOST_LINES] if line.depth <= DEEPEST)
    return Told(kept, len(lines) > MOST_LINES or too_deep)


def concept_of(model: Model) -> str:
    """Return what an item, or a document, says that it is."""
    return _meaning(_items(model, _ABOUT))


def _lines(item: Model, depth: int) -> Iterator[Line]:
    if depth > DEEPEST + 1:
        return
    for inner in _items(item, _CONTENT):
        kind = str(_first(inner, _KIND) or "")
        line = _line(inner, kind, depth)
        if line is not None:
            yield line
        yield from _lines(inner, depth + 1)


def _line(item: Model, kind: str, depth: int) -> Line | None:
    about = concept_of(item)
    if kind == "CONTAINER":
        return Line(depth, about, is_part=True)
    if kind in _POINTS:
        return Line(depth, about, points=True)
    says = _said(item, kind)
    return Line(depth, about, says) if says else None


def _said(item: Model, kind: str) -> tuple[str, ...]:
    if kind == "TEXT":
        text = str(_first(item, _TEXT) or "")[:LONGEST]
        return tuple(filter(None, (shown(line) for line in text.splitlines())))
    if kind == "CODE":
        one = _meaning(_items(item, _CODED))
    elif kind == "NUM":
        one = _measured(item)
    elif kind == "PNAME":
        one = _name(_first(item, _PERSON))
    elif kind in _WHEN:
        one = shown(str(_first(item, _WHEN[kind]) or ""))
    else:  # an identifier, or a reference to another item: nothing that is read
        return ()
    return (one,) if one else ()


def _measured(item: Model) -> str:
    (value, *_) = _items(item, _MEASURED) or [{}]
    number = _first(value, _NUMBER)
    if number is None:
        return ""
    (unit, *_) = _items(value, _UNIT) or [{}]
    code = shown(str(_first(unit, _CODE) or ""))
    return f"{number:g} {code}".strip() if isinstance(number, float) else f"{number} {code}".strip()


def _meaning(coded: list[Model]) -> str:
    return shown(str(_first(coded[0], _MEANING) or ""))[:LONGEST] if coded else ""


def _name(value: Any) -> str:  # noqa: ANN401 (JSON)
    return shown_name(str(value.get("Alphabetic", ""))) if isinstance(value, dict) else ""


def _items(model: Model, key: str) -> list[Model]:
    found = model.get(key, {}).get("Value") or []
    return [each for each in found if isinstance(each, dict)]


def _first(model: Model, key: str) -> Any:  # noqa: ANN401 (JSON)
    return next(islice(model.get(key, {}).get("Value") or [], 1), None)
