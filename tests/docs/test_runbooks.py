"""Has every rule of the watch its runbook: what it means, what to look at, what to do?"""

from __future__ import annotations

from pathlib import Path

import pytest

from safelight.governance.watch.thresholds import SEVERITY, Code
from safelight.surfaces.web.operator.alert_words import RULES, RUNBOOKS, runbook_of

ROOT = Path(__file__).resolve().parents[2]
SECTIONS = {
    part.partition("\n")[0].strip(): part
    for part in (ROOT / RUNBOOKS).read_text(encoding="utf-8").split("\n## ")[1:]
}


@pytest.mark.parametrize("code", list(Code), ids=lambda code: code.value)
def test_a_rule_has_its_runbook_words_and_weight(code: Code) -> None:
    section = SECTIONS[code.value]
    assert "**" in section.splitlines()[2], "what it means"
    assert "- Look:" in section
    assert "- Do:" in section
    assert runbook_of(code).endswith(f"#{code.value.lower()}")
    assert code in RULES
    assert code in SEVERITY


def test_no_runbook_is_left_of_a_rule_that_is_gone() -> None:
    assert set(SECTIONS) == {code.value for code in Code}
