"""What was counted for this version, and what was not? Writes `.report/release-report.md`.

The figures are what tests kept (tests/figures.py). One that was counted at another commit, or
in a tree that had changes, is shown with that commit and never passes for one of this; what has
no figure is said to have none. A name stands for itself and its pieces: `kills.made` is the sum
of `kills.made`, `kills.made.1`, `kills.made.2` and so on, the newest of each.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
FIGURES: Final = ROOT / ".report" / "figures.jsonl"
REPORT: Final = ROOT / ".report" / "release-report.md"
_NONE: Final = "no figure"

# What security promises to say of every release: the words, the names, what good is.
# A name after "!" has to be nought; one after "=" has to be as much as the first.
BLOCK: Final = (
    ("Servers killed / acknowledged objects lost", "kills.made !kills.lost"),
    ("Faults of servers, networks and clocks / objects lost", "faults.made !faults.lost"),
    ("Bad inputs / crashes", "inputs.bad !inputs.crashes"),
    ("Cells of the permission matrix / wrong", "matrix.cells !matrix.wrong"),
    ("Races run / violations", "races.run !races.violations"),
    ("Tampers made / found / located", "tampers.made =tampers.found =tampers.located"),
    ("Canaries planted / readable", "canaries.planted !canaries.found"),
    ("Restore drill: seconds / seconds of work lost", "drill.seconds drill.lost_seconds"),
    ("Alerts expected / raised", "alerts.expected =alerts.raised"),
    ("Alerts on a normal day", "!alerts.normal_day"),
    (
        "Operations of the API / requests made up / wrong answers",
        "schemathesis.operations schemathesis.cases !schemathesis.wrong",
    ),
    ("Open advisories / packages not checked", "!advisories.open !advisories.skipped"),
    ("Lines that tests run of: access", "coverage.access"),
    ("consent", "coverage.consent"),
    ("keys", "coverage.keys"),
    ("audit", "coverage.audit"),
    ("storage", "coverage.storage"),
)
_OPENING: Final = """# Release report

Commit `{commit}`. Figures are of this commit unless another one stands beside them; a plus
says that the tree had changes that were not committed.
"""


@dataclass(frozen=True)
class Sum:
    """What a name comes to, and where its parts were counted."""

    value: float
    commits: frozenset[str]
    day: str
    machines: frozenset[str] = frozenset()


class Figures:
    """The newest figure of each name."""

    def __init__(self, lines: Iterator[dict[str, Any]]) -> None:
        self.newest = {line["name"]: line for line in lines}

    def of(self, name: str) -> Sum | None:
        """Add up a name and its pieces; nothing where none was counted."""
        parts = [
            line
            for each, line in self.newest.items()
            if each == name or each.startswith(f"{name}.")
        ]
        if not parts:
            return None
        commits = frozenset(line["commit"] for line in parts)
        day = max(line["at"] for line in parts)[:10]
        machines = frozenset(line["machine"] for line in parts)
        return Sum(sum(line["value"] for line in parts), commits, day, machines)


def main() -> int:
    """Write the report; 1 where a figure of this commit says that something is wrong."""
    figures, commit = Figures(_lines()), _commit()
    parts = [_OPENING.format(commit=commit), *_block(figures, commit), *_missing(figures, commit)]
    wrong = list(_wrong(figures, commit))
    parts += ["", "## What is wrong", "", *(wrong or ["Nothing, as far as was counted."])]
    parts += ["", "## What else was counted", "", *_others(figures, commit), ""]
    text = "\n".join(parts)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(text, encoding="utf-8")
    print(text)
    print(f"Written to {REPORT.relative_to(ROOT)}.")
    return 1 if wrong else 0


def _lines() -> Iterator[dict[str, Any]]:
    if FIGURES.is_file():
        for text in FIGURES.read_text(encoding="utf-8").splitlines():
            yield json.loads(text)


def _block(figures: Figures, commit: str) -> Iterator[str]:
    yield "| what | figures | counted |"
    yield "|---|---|---|"
    for words, names in BLOCK:
        found = [figures.of(_plain(name)) for name in names.split()]
        said = " / ".join(_said(each.value) if each else _NONE for each in found)
        where = sorted({_where(each, commit) for each in found if each})
        yield f"| {words} | {said} | {', '.join(where) or 'not yet'} |"


def _missing(figures: Figures, commit: str) -> Iterator[str]:
    yield ""
    yield "## Not counted at this commit"
    yield ""
    is_any = False
    for words, names in BLOCK:
        found = [figures.of(_plain(name)) for name in names.split()]
        if not all(each and each.commits == {commit} for each in found):
            is_any = True
            yield f"- {words}"
    if not is_any:
        yield "Nothing: every line has its figures."


def _wrong(figures: Figures, commit: str) -> Iterator[str]:
    for words, names in BLOCK:
        first = figures.of(_plain(names.split()[0]))
        for name in names.split():
            found = figures.of(_plain(name))
            if found is None or commit not in found.commits:
                continue
            is_less = name[0] == "=" and first is not None and found.value < first.value
            if is_less or (name[0] == "!" and found.value):
                yield f"- {words}: `{_plain(name)}` is {_said(found.value)}"


def _others(figures: Figures, commit: str) -> Iterator[str]:
    known = tuple(_plain(name) for _, names in BLOCK for name in names.split())
    yield "| name | figure | counted |"
    yield "|---|---|---|"
    for name, line in sorted(figures.newest.items()):
        if not any(name == each or name.startswith(f"{each}.") for each in known):
            one = Sum(
                line["value"],
                frozenset({line["commit"]}),
                line["at"][:10],
                frozenset({line["machine"]}),
            )
            yield f"| `{name}` | {_said(one.value)} {line['unit']} | {_where(one, commit)} |"


def _plain(name: str) -> str:
    return name.lstrip("!=")


def _said(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _where(found: Sum, commit: str) -> str:
    others = ", ".join(f"at `{each}`" for each in sorted(found.commits - {commit}))
    machines = "; ".join(sorted(found.machines))
    return " ".join(part for part in (found.day, others, machines and f"on {machines}") if part)


def _commit() -> str:
    asked = ["git", "-C", str(ROOT), "describe", "--always", "--abbrev=12", "--dirty=+"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 (our words)
    return said.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
