"""Is everything that is stored still what it was, and what is no longer needed?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from safelight.surfaces.cli.main import Data, app, boot

if TYPE_CHECKING:
    from safelight.exchange.receive import upkeep

_SAY_EVERY = 1000
_MIB = 1 << 20


@app.command()
def scrub(
    data: Data,
    rate: Annotated[int, typer.Option(help="Read at most so many MiB a second; 0 is all.")] = 0,
    *,
    anew: Annotated[
        bool, typer.Option(help="Begin again, not where the last one stopped.")
    ] = False,
) -> None:
    """Read everything that is stored again, and keep back what is damaged.

    It can be stopped at any time and goes on where it was. What was damaged and reads
    well again, say after a restore, is given free. Exit 1 where anything is damaged.
    """
    boot(data)
    from safelight.exchange.receive.upkeep import in_quarantine
    from safelight.exchange.receive.upkeep import scrub as run

    *_, last = _watched(run(rate=rate * _MIB, anew=anew))
    print(f"{last.objects} objects read, {last.size / _MIB:.1f} MiB.")
    damaged = in_quarantine()
    if not damaged:
        print("All of it is as it was stored.")
        return
    print(f"{len(damaged)} in quarantine, not given out:")
    for object_id, reason in damaged:
        print(f"  object {object_id}: {reason}")
    raise typer.Exit(1)


@app.command()
def sweep(data: Data) -> None:
    """Remove packs and keys that nothing needs, an hour after, and name packs that are missing.

    The worker does it every day. Exit 1 where a pack is missing or torn, or where so
    much would go that it takes two people.
    """
    boot(data)
    from safelight.exchange.receive.upkeep import deed_of_sweep
    from safelight.exchange.receive.upkeep import sweep as run
    from safelight.kernel import clock

    done = run(actor="operator", at=clock.now())
    print(f"{done.packs} packs removed, {done.size / _MIB:.1f} MiB; {done.keys} keys removed.")
    if done.held_keys:
        print(f"{done.held_keys} keys are of exams that no row names: so many that rows may be")
        print("missing. Nothing was removed. If it is right, two people agree to it first, with:")
        print(f"  {deed_of_sweep(done.held_keys).line}")
    if done.missing:
        print(f"{len(done.missing)} packs are missing or torn:")
        for pack in done.missing:
            print(f"  {pack}")
    if done.missing or done.held_keys:
        raise typer.Exit(1)


@app.command()
def compact(data: Data) -> None:
    """Regroup packs that hold much of what was erased, so that their room comes back.

    The worker does it every week. The old packs go with the first sweep an hour later.
    """
    boot(data)
    from safelight.exchange.receive.upkeep import compact as run

    done = list(run())
    packs, moved = sum(each.packs for each in done), sum(each.moved for each in done)
    freed = sum(each.freed for each in done) / _MIB
    print(f"{packs} packs regrouped, {moved} objects moved; {freed:.1f} MiB come back in an hour.")


def _watched(steps: Iterator[upkeep.Progress]) -> Iterator[upkeep.Progress]:
    """Show a bar on a terminal, and a plain line now and then elsewhere."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("Reading"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
    )
    shown: AbstractContextManager[object] = bar if console.is_terminal else nullcontext()
    with shown:
        task = bar.add_task("objects", total=None)
        for number, step in enumerate(steps):
            bar.update(task, completed=step.objects, total=step.objects + step.waiting)
            if not console.is_terminal and number and number % _SAY_EVERY == 0:
                console.print(f"{step.objects} objects read, {step.waiting} to go")
            yield step
