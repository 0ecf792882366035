"""How does a plain text become a page? Headings, paragraphs, lists and bold words, nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_BOLD = re.compile(r"\*\*(.+?)\*\*")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of prose: "title", "heading", "paragraph" or "list", and its lines."""

    kind: str
    lines: tuple[SafeString, ...]


def parts(text: str) -> list[Part]:
    """Split a text at its blank lines into parts that a template can show."""
    return [_part(block) for block in re.split(r"\n\s*\n", text.strip())]


def _part(block: str) -> Part:
    if block.startswith("# "):
        return Part("title", (_line(block[2:]),))
    if block.startswith("## "):
        return Part("heading", (_line(block[3:]),))
    if block.startswith("- "):
        return Part("list", tuple(_line(item) for item in block[2:].split("\n- ")))
    return Part("paragraph", (_line(block),))


def _line(text: str) -> SafeString:
    # Everything is escaped first; only our own tag is added.
    return mark_safe(_BOLD.sub(r"<b>\1</b>", escape(text)))  # noqa: S308
