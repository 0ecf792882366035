"""Does a comparison say what was taken out and put in, and lose no word?"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from safelight.governance.compliance.diffing import Op, compare, in_stretches

_TEXTS = st.lists(
    st.lists(st.sampled_from(["we", "keep", "your", "exams", "machines"]), min_size=1, max_size=6),
    max_size=6,
).map(lambda blocks: "\n\n".join(" ".join(words) for words in blocks))


def _of(before: str, after: str, *ops: Op) -> list[str]:
    runs = [run for each in compare(before, after) for run in each.runs if run.op in ops]
    return " ".join(run.words for run in runs).split()


@given(_TEXTS, _TEXTS)
def test_what_stays_and_came_is_the_new_text_and_what_stays_and_went_the_old(
    before: str, after: str
) -> None:
    assert _of(before, after, Op.SAME, Op.ADDED) == after.split()
    assert _of(before, after, Op.SAME, Op.REMOVED) == before.split()


def test_one_word_changed_is_one_word_shown() -> None:
    (changed,) = compare("# Title\n\nWe keep it.", "## Title\n\nWe sell it.")[1:]
    assert [(run.op, run.words) for run in changed.runs] == [
        (Op.SAME, "We"),
        (Op.REMOVED, "keep"),
        (Op.ADDED, "sell"),
        (Op.SAME, "it."),
    ]


def test_what_is_the_same_is_one_stretch() -> None:
    stretches = in_stretches(compare("a\n\nb\n\nc", "a\n\nb\n\nd e f"))
    assert [(same, len(each)) for same, each in stretches] == [(True, 2), (False, 2)]
    assert in_stretches(compare("", "")) == []
