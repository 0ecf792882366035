"""What is a signature that was drawn on the screen, and how is it written down?

Strokes on a field of 1000 by 300, each a list of whole numbers x, y, x, y. It is data, never
a picture to decode: bounded, checked number by number, and written in one canonical form,
whose SHA-256 the Authenticated Authorization covers (ADR 0020). A drawing proves nothing
about who drew it, so it never counts as a proof of that.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeGuard

import orjson

from safelight.kernel.errors import InvalidFieldError

WIDTH: Final = 1000
HEIGHT: Final = 300
LONGEST_TEXT: Final = 60_000
MOST_STROKES: Final = 100
MOST_POINTS: Final = 5000
_KIND: Final = "safelight-handwriting/1"
_LEAST_INK: Final = 150  # a tap or a tick is no signature; in units of the field
_FIELD: Final = "handwriting"

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Handwriting:
    """A drawn signature: its strokes, each of at least one point within the field."""

    strokes: tuple[tuple[Point, ...], ...]

    @property
    def text(self) -> str:
        """The canonical form: the same strokes give the same text."""
        flat = [[number for point in stroke for number in point] for stroke in self.strokes]
        kept = {"height": HEIGHT, "kind": _KIND, "strokes": flat, "width": WIDTH}
        return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()


def handwriting_from_strokes(said: object) -> Handwriting:
    """Judge strokes as a browser or a program hands them in.

    Raises:
        InvalidFieldError: they are not strokes, are too many, leave the field, or are no more
            than a dot.
    """
    if not isinstance(said, list) or not 0 < len(said) <= MOST_STROKES:
        raise InvalidFieldError(_FIELD, "Draw your signature first.")
    strokes = tuple(_stroke(each) for each in said)
    if sum(map(len, strokes)) > MOST_POINTS:
        raise InvalidFieldError(_FIELD, "This is more than a signature. Clear it and try again.")
    if sum(map(_length, strokes)) < _LEAST_INK:
        raise InvalidFieldError(_FIELD, "This is too short for a signature.")
    return Handwriting(strokes)


def handwriting_from_text(text: str) -> Handwriting:
    """Read a drawing back from JSON: its canonical form, or bare strokes.

    Raises:
        InvalidFieldError: it is not one.
    """
    if len(text) > LONGEST_TEXT:
        raise InvalidFieldError(_FIELD, "This is more than a signature. Clear it and try again.")
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        said = None
    if isinstance(said, dict):
        said = said.get("strokes")
    return handwriting_from_strokes(said)


def digest_with(signed: bytes, handwriting: str) -> bytes:
    """Return what is signed where a drawing, in its canonical form, goes with it; else as it was.

    The two cannot be mistaken for one another: each is a hash under a name of its own.
    """
    if not handwriting:
        return signed
    drawn = hashlib.sha256(handwriting.encode()).digest()
    return hashlib.sha256(b"consent-by-hand/v1\0" + signed + drawn).digest()


def _stroke(said: object) -> tuple[Point, ...]:
    if not isinstance(said, list) or not said or len(said) % 2:
        raise InvalidFieldError(_FIELD, "Draw your signature first.")
    return tuple(
        (_within(x, WIDTH), _within(y, HEIGHT)) for x, y in zip(said[::2], said[1::2], strict=True)
    )


def _within(number: object, most: int) -> int:
    if not _is_whole(number) or not 0 <= number <= most:
        raise InvalidFieldError(_FIELD, "The drawing leaves its field. Clear it and try again.")
    return number


def _is_whole(number: object) -> TypeGuard[int]:
    return isinstance(number, int) and not isinstance(number, bool)


def _length(stroke: tuple[Point, ...]) -> int:
    return sum(abs(ax - bx) + abs(ay - by) for (ax, ay), (bx, by) in pairwise(stroke))
