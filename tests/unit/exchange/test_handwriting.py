"""Which drawings are signatures, and does the same drawing give the same bytes?"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.exchange.consent.handwriting import (
    HEIGHT,
    MOST_POINTS,
    MOST_STROKES,
    WIDTH,
    digest_with,
    handwriting_from_strokes,
    handwriting_from_text,
)
from safelight.kernel.errors import InvalidFieldError

SIGNATURE = [[90, 230, 150, 90, 210, 230], [260, 120, 300, 230], [5, 5]]
POINT = st.tuples(st.integers(0, WIDTH), st.integers(0, HEIGHT))
STROKES = st.lists(st.lists(POINT, min_size=2, max_size=20), min_size=1, max_size=10)


def test_it_has_one_form_however_it_came() -> None:
    drawn = handwriting_from_strokes(SIGNATURE)

    assert handwriting_from_text(json.dumps(SIGNATURE, indent=2)) == drawn
    assert handwriting_from_text(drawn.text) == drawn
    assert json.loads(drawn.text) == {
        "kind": "safelight-handwriting/1",
        "width": 1000,
        "height": 300,
        "strokes": SIGNATURE,
    }


@given(STROKES)
def test_what_is_taken_reads_back_as_itself(strokes: list[list[tuple[int, int]]]) -> None:
    flat = [[0, 0, WIDTH, HEIGHT], *([n for point in stroke for n in point] for stroke in strokes)]
    drawn = handwriting_from_strokes(flat)

    assert handwriting_from_text(drawn.text).text == drawn.text


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(None, id="nothing"),
        pytest.param([], id="no stroke"),
        pytest.param({}, id="not a list"),
        pytest.param("[[0,0,900,200]]", id="words"),
        pytest.param([[]], id="an empty stroke"),
        pytest.param([[1, 2, 3]], id="half a place"),
        pytest.param([[0, 0, WIDTH + 1, 0]], id="beside the field"),
        pytest.param([[0, -1, 900, 0]], id="above the field"),
        pytest.param([[0, 0, 900.5, 0]], id="a fraction"),
        pytest.param([[0, 0, True, 0], [0, 0, 900, 0]], id="a yes for a number"),
        pytest.param([[0, 0, "900", 0]], id="a number in words"),
        pytest.param([[0, 0, 10**30, 0]], id="far away"),
        pytest.param([[500, 100]], id="a dot"),
        pytest.param([[500, 100, 520, 120]], id="a tick"),
        pytest.param([[0, 0, 900, 0]] * (MOST_STROKES + 1), id="too many strokes"),
        pytest.param([[0, 0, 900, 0] * (MOST_POINTS // 2 + 1)], id="too many places"),
    ],
)
def test_what_is_no_signature_is_refused(said: object) -> None:
    with pytest.raises(InvalidFieldError) as wrong:
        handwriting_from_strokes(said)
    assert wrong.value.field == "handwriting"


@pytest.mark.parametrize("text", ["", "{", "[" * 5000, "[[0,0,900,0]" + " " * 60_000 + "]", "{}"])
def test_text_that_is_no_signature_is_refused(text: str) -> None:
    with pytest.raises(InvalidFieldError):
        handwriting_from_text(text)


def test_a_drawing_changes_what_is_signed_and_none_leaves_it() -> None:
    signed = bytes(range(32))
    drawn = handwriting_from_strokes(SIGNATURE).text
    other = handwriting_from_strokes([*SIGNATURE, [6, 6]]).text

    assert digest_with(signed, "") == signed
    assert len({signed, digest_with(signed, drawn), digest_with(signed, other)}) == 3
