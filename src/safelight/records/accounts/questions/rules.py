"""Which questions and answers can be set, and when are two answers the same?"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

from safelight.kernel.errors import InvalidFieldError

MOST: Final = 3
LONGEST: Final = 120
_SHORTEST_ANSWER: Final = 3

Pair = tuple[str, str]


def plain_answer(text: str) -> str:
    """Give an answer its one form: NFKC, case folded, letters and digits of words alone."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(each if each.isalnum() else " " for each in folded)
    return " ".join(kept.split())


def fit_pairs(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the questions with their answers, both as they are kept; empty lines are left out.

    Raises:
        InvalidFieldError: none is left, one lacks its half, or an answer gives itself away.
    """
    fit: list[Pair] = []
    for number, (words, answer) in enumerate(pairs, start=1):
        question, plain = " ".join(words.split()), plain_answer(answer)
        if not question and not plain:
            continue
        if not question or max(len(words), len(answer)) > LONGEST:
            raise InvalidFieldError(f"question_{number}", "Write a question of up to 120 letters.")
        if len(plain) < _SHORTEST_ANSWER:
            raise InvalidFieldError(f"answer_{number}", "Give an answer of three letters or more.")
        if plain in plain_answer(question):
            raise InvalidFieldError(f"answer_{number}", "The question must not hold its answer.")
        if plain_answer(question) in {plain_answer(other) for other, _ in fit}:
            raise InvalidFieldError(f"question_{number}", "This question stands here already.")
        fit.append((question, plain))
    if not fit or len(fit) > MOST:
        raise InvalidFieldError("question_1", "Write one to three questions.")
    return fit
