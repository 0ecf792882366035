"""What is different between two texts, paragraph by paragraph and word by word? Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby

_BREAK = re.compile(r"\n\s*\n|\n(?=- )")
_MARKS = re.compile(r"^#{1,2} |^- |\*\*")  # how a text says what is a title, in a list, or bold
_ALIKE = 0.5  # above it two paragraphs are one that was changed


class Op(StrEnum):
    """What became of some words."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Run:
    """Some words in a row, and what became of them."""

    op: Op
    words: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of the comparison, as runs of words."""

    runs: tuple[Run, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing in it was changed."""
        return all(run.op is Op.SAME for run in self.runs)


def compare(before: str, after: str) -> list[Paragraph]:
    """Return both texts as one, with what was taken out and what was put in."""
    old, new = _paragraphs(before), _paragraphs(after)
    found: list[Paragraph] = []
    for tag, i, k, m, n in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [Paragraph((Run(Op.SAME, each),)) for each in old[i:k]]
        else:
            found += _replaced(old[i:k], new[m:n])
    return found


def in_stretches(paragraphs: list[Paragraph]) -> list[tuple[bool, list[Paragraph]]]:
    """Return the paragraphs in stretches that are all the same, or all changed: (same, which)."""
    return [(same, list(each)) for same, each in groupby(paragraphs, lambda one: one.is_same)]


def _paragraphs(text: str) -> list[str]:
    found = (_MARKS.sub("", each).strip() for each in _BREAK.split(text.strip()))
    return [each for each in found if each]


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Paragraph]:
    """Pair each new paragraph with the first old one it is like; the rest came or went."""
    left = list(old)
    for each in new:
        words = each.split()
        like = next(
            (
                place
                for place, one in enumerate(left)
                if SequenceMatcher(None, one.split(), words, autojunk=False).ratio() > _ALIKE
            ),
            None,
        )
        if like is None:
            yield Paragraph((Run(Op.ADDED, each),))
            continue
        yield from (Paragraph((Run(Op.REMOVED, gone),)) for gone in left[:like])
        yield Paragraph(tuple(_runs(left[like].split(), words)))
        del left[: like + 1]
    yield from (Paragraph((Run(Op.REMOVED, gone),)) for gone in left)


def _runs(old: list[str], new: list[str]) -> Iterator[Run]:
    for tag, i, k, m, n in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Run(Op.SAME, " ".join(old[i:k]))
            continue
        if i < k:
            yield Run(Op.REMOVED, " ".join(old[i:k]))
        if m < n:
            yield Run(Op.ADDED, " ".join(new[m:n]))
