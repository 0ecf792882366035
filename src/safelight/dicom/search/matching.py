"""Does an answer match what a query asks for? (PS3.4 C.2.2.2, PS3.18 8.3.4)

Works on DICOM JSON answers. Single value, universal, wildcard, list of UIDs and of
codes, and sequence paths are matched here, days, times and moments in `spans`; names
without regard to case or accents, component group by component group.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from safelight.dicom.elements.dates import parse_date
from safelight.dicom.elements.people import fold, name_words
from safelight.dicom.search import spans
from safelight.dicom.search.name_keys import words_asked

_WILDCARDS = re.compile(r"[*?]")
_LISTED = frozenset({"UI", "CS"})
_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")
_WITHOUT_WILDCARDS = frozenset({"AS", "AT", "DA", "DT", "TM"})


@dataclass(frozen=True, slots=True)
class Key:
    """One matching key: the path of tags (8 hex digits each) and what is asked of it."""

    path: tuple[str, ...]
    wanted: str


def matches(answer: Mapping[str, Any], keys: Iterable[Key], *, fuzzy: bool = False) -> bool:
    """Say whether an answer fits every key. An absent attribute fits only an empty key."""
    return all(_fits(answer, key.path, key.wanted, fuzzy=fuzzy) for key in keys)


def date_range(wanted: str) -> tuple[date | None, date | None] | None:
    """Read a DA key as first and last day, or None if it is not one.

    "20260501", "20260501-", "-20260531" and "20260501-20260531" are understood.
    """
    first, dash, last = wanted.partition("-")
    start, end = parse_date(first), parse_date(last if dash else first)
    if (first and start is None) or (last and end is None) or not (start or end):
        return None
    return start, end


def _fits(answer: Mapping[str, Any], path: tuple[str, ...], wanted: str, *, fuzzy: bool) -> bool:
    if not wanted or set(wanted) == {"*"}:
        return True
    element = answer.get(path[0])
    if not element:
        return False
    values = element.get("Value") or []
    if len(path) > 1:
        return any(
            isinstance(item, dict) and _fits(item, path[1:], wanted, fuzzy=fuzzy) for item in values
        )
    return any(_value_fits(element["vr"], value, wanted, fuzzy=fuzzy) for value in values)


def _value_fits(vr: str, value: Any, wanted: str, *, fuzzy: bool) -> bool:  # noqa: ANN401 (JSON)
    if vr == "PN":
        return _name_fits(value, wanted, fuzzy=fuzzy)
    if vr in _LISTED and (vr == "UI" or has_list(wanted)):
        return any(_word_fits(vr, str(value), word) for word in listed(wanted))
    if vr in spans.RANGED:
        return str(value) == wanted or spans.fits(vr, str(value), wanted)
    if isinstance(value, int | float):
        return _number_fits(value, wanted)
    return _word_fits(vr, str(value), wanted)


def has_list(wanted: str) -> bool:
    """Say whether a key of UIDs or codes names several, with commas or backslashes between."""
    return "," in wanted or "\\" in wanted


def listed(wanted: str) -> list[str]:
    """Return what a list of UIDs or codes names."""
    return [word for word in wanted.replace("\\", ",").split(",") if word]


def _word_fits(vr: str, value: str, wanted: str) -> bool:
    if vr == "UI" or vr in _WITHOUT_WILDCARDS:
        return wanted in {value, "*"}
    return bool(_pattern(wanted).fullmatch(value))


def _number_fits(value: float, wanted: str) -> bool:
    try:
        return float(wanted) == value
    except ValueError:
        return False


def _name_fits(value: Any, wanted: str, *, fuzzy: bool) -> bool:  # noqa: ANN401 (JSON)
    if "=" in wanted and isinstance(value, dict):
        pairs = zip(_GROUPS, wanted.split("="), strict=False)
        return all(
            _name_fits(value.get(group, ""), asked, fuzzy=fuzzy) for group, asked in pairs if asked
        )
    groups = value.values() if isinstance(value, dict) else [value]
    if fuzzy:
        beginnings = words_asked(wanted)
        return any(_has_words(str(group), beginnings) for group in groups)
    folded = fold(wanted)
    for group in groups:
        name = fold(str(group))
        if _pattern(folded).fullmatch(name) or _pattern(folded).fullmatch(name.rstrip("^")):
            return True
    return False


def _has_words(name: str, beginnings: Iterable[str]) -> bool:
    """Say whether each of some beginnings is that of a word of a name, in any order."""
    words = name_words(name)
    return all(
        any(_pattern(f"{beginning}*").fullmatch(word) for word in words) for beginning in beginnings
    )


@lru_cache(maxsize=1024)
def _pattern(wanted: str) -> re.Pattern[str]:
    """Turn a wildcard pattern into a regular one: * is any run, ? any one letter.

    What stands between two stars is looked for once and for all (an atomic group):
    trying every way to divide a value among many stars would take for ever.
    """
    first, *rest = (_letters(part) for part in re.sub(r"\*+", "*", wanted).split("*"))
    if not rest:
        return re.compile(first, re.DOTALL)
    *middle, last = rest
    looked_for = "".join(f"(?>.*?{part})" for part in middle)
    return re.compile(f"{first}{looked_for}.*{last}", re.DOTALL)


def _letters(part: str) -> str:
    return "".join("." if letter == "?" else re.escape(letter) for letter in part)


def has_wildcard(wanted: str) -> bool:
    """Say whether a key uses * or ?."""
    return bool(_WILDCARDS.search(wanted))
