"""How does a drawn signature stand on a paper? As its strokes, on a line of its own."""

from __future__ import annotations

from typing import Any, Final

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from safelight.exchange.consent.handwriting import HEIGHT, WIDTH, Handwriting

_WIDE: Final = 80 * mm
_TALL: Final = _WIDE * HEIGHT / WIDTH
_INK: Final = HexColor("#1d1b19")
_LINE: Final = HexColor("#c9c2b8")


class DrawnSignature(Flowable):  # type: ignore[misc]  # it ships no types
    """The strokes of a signature, eighty millimetres wide."""

    def __init__(self, handwriting: Handwriting) -> None:
        super().__init__()
        self.handwriting = handwriting
        self.spaceBefore = self.spaceAfter = 2 * mm

    def wrap(self, *_room: Any) -> tuple[float, float]:  # noqa: ANN401 (its signature)
        """Say how much room it takes."""
        return _WIDE, _TALL

    def draw(self) -> None:
        """Draw the line and the strokes; a paper counts upwards, a screen downwards."""
        scale = _WIDE / WIDTH
        self.canv.setStrokeColor(_LINE)
        self.canv.line(0, 0, _WIDE, 0)
        self.canv.setStrokeColor(_INK)
        self.canv.setLineWidth(1.1)
        self.canv.setLineCap(1)
        self.canv.setLineJoin(1)
        for stroke in self.handwriting.strokes:
            path = self.canv.beginPath()
            first, *rest = [(x * scale, _TALL - y * scale) for x, y in stroke]
            path.moveTo(*first)
            for place in rest or [first]:
                path.lineTo(*place)
            self.canv.drawPath(path, stroke=1, fill=0)
