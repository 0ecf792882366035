"""How does a paper look: headings, words, facts, tables, on pages of A4?

The same content gives the same bytes: the paper's day is part of the content, and no
clock is read. Letters that the font lacks are written as their code points; the exact
letters always stand in the record that goes along.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

from safelight.exchange.consent.handwriting import Handwriting
from safelight.exchange.release.papers.drawn import DrawnSignature

_FONTS: Final = Path(__file__).parent / "fonts"
# Without the built pages there is the font that comes with the PDF writer: fewer letters.
_PLAIN: Final = {"DejaVuSans.ttf": "Vera.ttf", "DejaVuSans-Bold.ttf": "VeraBd.ttf"}
_INK: Final = HexColor("#1d1b19")
_QUIET: Final = HexColor("#5c5750")
_LINE: Final = HexColor("#c9c2b8")
_WIDTH: Final = A4[0] - 40 * mm
_LABEL: Final = 42 * mm
_MARGIN: Final = 20 * mm - 6  # a frame keeps 6 points inside for itself
_SHOWN: Final = frozenset("\n\t")


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that opens a part."""

    words: str


@dataclass(frozen=True, slots=True)
class Words:
    """One paragraph."""

    words: str
    small: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels with what stands beside them."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table that goes on over the pages, its head on each; `shares` are of the width."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A signature as it was drawn."""

    handwriting: Handwriting


Block = Heading | Words | Facts | Grid | Drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A paper: its title, what stands at the foot of every page, and its blocks in order."""

    title: str
    foot: str
    blocks: tuple[Block, ...]


def to_pdf(sheet: Sheet) -> bytes:
    """Set a paper and return the PDF's bytes."""
    with _setting:  # the writer keeps the state of its fonts for the whole process
        _register()
        written = BytesIO()
        document = SimpleDocTemplate(
            written,
            pagesize=A4,
            leftMargin=_MARGIN,
            rightMargin=_MARGIN,
            topMargin=20 * mm,
            bottomMargin=22 * mm,
            title=sheet.title,
            lang="en",
            invariant=1,
        )
        flow: list[Flowable] = [Paragraph(_marked(sheet.title), _style("title")), Spacer(0, 4 * mm)]
        for block in sheet.blocks:
            flow += _set(block)
        document.build(flow, canvasmaker=_numbered(sheet.foot))
        return written.getvalue()


_setting = threading.Lock()


def _set(block: Block) -> Iterable[Flowable]:
    if isinstance(block, Heading):
        return [Paragraph(_marked(block.words), _style("heading"))]
    if isinstance(block, Words):
        return [Paragraph(_marked(block.words), _style("small" if block.small else "words"))]
    if isinstance(block, Drawn):
        return [DrawnSignature(block.handwriting)]
    if isinstance(block, Facts):
        cells = [_cells(row, ("label", "fact")) for row in block.rows]
        return [_table(cells, [_LABEL, _WIDTH - _LABEL], head=0)]
    widths = [_WIDTH * share / sum(block.shares) for share in block.shares]
    cells = [_cells(row, ("cell",) * len(row)) for row in block.rows]
    return [_table([_cells(block.head, ("label",) * len(block.head)), *cells], widths, head=1)]


def _cells(row: Sequence[str], styles: Sequence[str]) -> list[Paragraph]:
    return [
        Paragraph(_marked(text), _style(style)) for text, style in zip(row, styles, strict=True)
    ]


def _table(cells: list[list[Paragraph]], widths: list[float], *, head: int) -> Table:
    return Table(
        cells,
        colWidths=widths,
        repeatRows=head,
        spaceBefore=2 * mm,
        spaceAfter=3 * mm,
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
            ("LEFTPADDING", (0, 0), (0, -1), 0),
        ],
    )


def _marked(text: str) -> str:
    """Write text so that it is nothing but text, in letters that the font has."""
    return escape(printable(text), quote=False).replace("\n", "<br/>")


def printable(text: str) -> str:
    """Return text with the letters that the font lacks written as code points, e.g. [U+4E2D]."""
    known = _letters()
    return "".join(
        letter if ord(letter) in known or letter in _SHOWN else f"[U+{ord(letter):04X}]"
        for letter in text
    )


@cache
def _letters() -> frozenset[int]:
    _register()
    return frozenset(pdfmetrics.getFont("paper").face.charToGlyph)


@cache
def _register() -> None:
    for name, file in (("paper", "DejaVuSans.ttf"), ("paper-bold", "DejaVuSans-Bold.ttf")):
        own = _FONTS / file
        pdfmetrics.registerFont(TTFont(name, str(own) if own.is_file() else _PLAIN[file]))


@cache
def _style(name: str) -> ParagraphStyle:
    words = ParagraphStyle(
        "words", fontName="paper", fontSize=9.5, leading=13.5, textColor=_INK, spaceAfter=2 * mm
    )
    more: dict[str, Any] = {
        "title": {"fontName": "paper-bold", "fontSize": 17, "leading": 22},
        "heading": {
            "fontName": "paper-bold",
            "fontSize": 11,
            "leading": 15,
            "spaceBefore": 4 * mm,
            "keepWithNext": 1,
        },
        "words": {},
        "small": {"fontSize": 8, "leading": 11, "textColor": _QUIET, "splitLongWords": 1},
        "label": {"fontSize": 8.5, "leading": 12, "textColor": _QUIET, "spaceAfter": 0},
        "fact": {"leading": 13, "spaceAfter": 0},
        "cell": {"fontSize": 8, "leading": 11, "spaceAfter": 0},
    }
    return ParagraphStyle(name, parent=words, **more[name])


def _numbered(foot: str) -> type[Canvas]:
    """Return a canvas that writes the foot, with "page of pages", when all pages are known."""

    class Numbered(Canvas):  # type: ignore[misc]  # it ships no types
        def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 (its signature)
            super().__init__(*args, **named)
            self.finished: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 (its name)
            self.finished.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self.finished, start=1):
                self.__dict__.update(page)
                self.setFont("paper", 7.5)
                self.setFillColor(_QUIET)
                self.drawString(20 * mm, 12 * mm, printable(foot))
                self.drawRightString(A4[0] - 20 * mm, 12 * mm, f"{number} / {len(self.finished)}")
                super().showPage()
            super().save()

    return Numbered
