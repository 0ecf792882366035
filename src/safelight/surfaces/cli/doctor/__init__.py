"""Is this instance set up as it should be, and what should be done if not?

A concern is a file here with a `Check`; it is looked at where it stands in `CHECKS`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from safelight.surfaces.cli.doctor import (
    cage,
    contact,
    databases,
    egress,
    keys,
    listening,
    machine,
    record,
    recovery,
    store,
    tls,
)
from safelight.surfaces.cli.doctor.checked import Check, Checked
from safelight.surfaces.cli.main import Data, app, boot

CHECKS: tuple[tuple[str, Check], ...] = (
    ("keys", keys.examine),
    ("databases", databases.examine),
    ("store", store.reachable),
    ("cage", cage.examine),
    ("contact", contact.examine),
    ("tls", tls.examine),
    ("listening", listening.examine),
    ("machine", machine.examine),
    ("record", record.examine),
    ("recovery", recovery.examine),
    ("store", store.undamaged),
)


@app.command()
def doctor(
    data: Data,
    *,
    out: Annotated[
        bool, typer.Option("--egress", help="Also knock at hosts that must not be reached.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Say it as JSON: concern, what, good, advice.")
    ] = False,
) -> None:
    """Look at keys, encryption, ports, permissions, databases, space, cage, clock and record.

    Says what to do. What was found also lies in DATA/doctor.json, for the page of those that
    run the instance. Exit 1 where anything is to be mended.
    """
    boot(data)
    checks = (*CHECKS, ("egress", egress.examine)) if out else CHECKS
    results = [(concern, found) for concern, check in checks for found in check(data)]
    _leave(data, results)
    if as_json:
        print(json.dumps([_plain(concern, found) for concern, found in results], indent=1))
    else:
        for _, found in results:
            mark = "ok     " if found.good else "MEND IT"
            print(f"{mark} {found.what}" + ("" if found.good else f": {found.advice}"))
    if not all(found.good for _, found in results):
        raise typer.Exit(1)


def _leave(data: Path, results: list[tuple[str, Checked]]) -> None:
    from safelight.kernel import clock

    findings = [_plain(concern, found) for concern, found in results]
    fresh = data / "doctor.json.new"
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps({"at": clock.now().isoformat(), "findings": findings}))
    fresh.replace(data / "doctor.json")


def _plain(concern: str, found: Checked) -> dict[str, str | bool]:
    return {
        "concern": concern,
        "what": found.what,
        "good": found.good,
        "advice": "" if found.good else found.advice,
    }
