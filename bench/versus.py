"""How does this version compare with Orthanc on this machine?

    make bench-vs-orthanc       or, as root: .venv/bin/python -m bench.versus [--rounds N]
                                [--studies 10000,100000] [--only storing,calling,looking,searching]
                                [--servers safelight]

Both servers are driven by the same client over the same bytes in the same run, alternating;
the table shows medians and their ratio. Ours runs with everything on: accounts, decisions,
audit, sealing, each acknowledged object synced. Orthanc syncs its files too, seals nothing
and asks nobody. Absolute figures move by half on a shared machine; the ratios are what counts.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import reference
from bench.calling import calling
from bench.connecting import OURS
from bench.instance import commit, machine, served
from bench.looking import looking
from bench.measuring import middle
from bench.rows import ROWS, Figures
from bench.searching import growing, rows
from bench.storing import storing
from bench.target import Target

_PARTS = ("storing", "calling", "looking", "searching")
_NAMES = ("orthanc", "safelight")


@dataclass(frozen=True, slots=True)
class _Plan:
    rounds: int
    studies: tuple[int, ...]
    parts: frozenset[str]
    quick: bool
    servers: tuple[str, ...]


def main(arguments: list[str]) -> int:
    """Measure both, print the table, and keep every figure."""
    reader = argparse.ArgumentParser(description="How does this version compare with Orthanc?")
    reader.add_argument("--rounds", type=int, default=3)
    reader.add_argument("--studies", default="10000,100000")
    reader.add_argument("--only", default=",".join(_PARTS))
    reader.add_argument("--servers", default=",".join(_NAMES), help="for searching: one alone")
    reader.add_argument("--quick", action="store_true", help="a fifth of the work")
    reader.add_argument("--keep", type=Path, default=Path("bench-vs-orthanc.json"))
    chosen = reader.parse_args(arguments)
    plan = _Plan(
        chosen.rounds,
        tuple(int(each) for each in chosen.studies.split(",")),
        frozenset(chosen.only.split(",")),
        chosen.quick,
        tuple(chosen.servers.split(",")),
    )
    reference.make()
    reference.alone(arguments)
    about = {
        "commit": commit(),
        "machine": machine(),
        "reference": reference.version(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    for name, value in about.items():
        print(f"{name:<10} {value}", flush=True)
    figures: dict[str, list[Figures]] = {name: [] for name in _NAMES}
    for number in range(plan.rounds if plan.parts - {"searching"} else 0):
        for name in _NAMES if number % 2 else reversed(_NAMES):
            print(f"round {number + 1}: {name}", flush=True)
            with _running(name) as target:
                figures[name].append(_one_round(target, number, plan))
            chosen.keep.write_text(json.dumps(about | {"figures": figures}, indent=1) + "\n")
    if "searching" in plan.parts:
        with ExitStack() as both:
            targets = {name: both.enter_context(_running(name)) for name in plan.servers}
            for name, found in growing(targets, plan.studies, rounds=plan.rounds).items():
                figures[name] += found
    chosen.keep.write_text(json.dumps(about | {"figures": figures}, indent=1) + "\n")
    _print_table(figures, plan)
    return 0


def _one_round(target: Target, number: int, plan: _Plan) -> Figures:
    found: Figures = {}
    if plan.parts & {"storing", "looking"}:
        found |= storing(target, seed=100 + number, quick=plan.quick)
    if "calling" in plan.parts:
        found |= calling(target, seed=100 + number, quick=plan.quick)
    if "looking" in plan.parts:
        found |= looking(target, seed=100 + number, quick=plan.quick)
    return found


@contextmanager
def _running(name: str) -> Iterator[Target]:
    """Serve one of the two, empty."""
    if name == "orthanc":
        with reference.orthanc() as (port, dimse, process, data):
            yield Target(name, port, "", "/dicom-web", process, dimse, reference.AET, data)
        return
    with (
        tempfile.TemporaryDirectory(prefix="safelight-bench-") as folder,
        served(Path(folder)) as server,
    ):
        data = Path(folder, "data")
        yield Target(
            name,
            server.port,
            server.token,
            "/dicomweb",
            server.pid,
            server.dimse,
            OURS,
            data,
            server.house_token,
        )


def _print_table(figures: dict[str, list[Figures]], plan: _Plan) -> None:
    """Print medians, ratios and floors as a table in Markdown."""
    print("\n| what | Orthanc | Safelight | ratio | floor | held |\n|---|---|---|---|---|---|")
    medians = {
        name: {
            row: middle(values)
            for row in {key for found in rounds for key in found}
            if (values := [found[row] for found in rounds if row in found])
        }
        for name, rounds in figures.items()
    }
    theirs, ours = medians["orthanc"], medians["safelight"]
    for row in (*ROWS, *rows(plan.studies)):
        if row.name not in ours:
            continue
        other = theirs.get(row.name)
        ratio = ours[row.name] / other if other else None
        said = row.judge(ours[row.name], ratio)
        cells = [
            row.title,
            row.show(other) if other is not None else "-",
            row.show(ours[row.name]),
            f"{ratio:.2f}x" if ratio is not None else "-",
            row.floor_text,
            said,
        ]
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
