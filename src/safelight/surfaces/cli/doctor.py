"""Is this instance set up as it should be, and what should be done if not?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import typer

from safelight.surfaces.cli.main import Data, app, boot

_ROOM = 2 << 30
_SCRUBBED_WITHIN = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing looked at: good, or what to do."""

    what: str
    good: bool
    advice: str = ""


@app.command()
def doctor(data: Data) -> None:
    """Look at keys, permissions, databases, space, cage and audit, and say what to do."""
    boot(data)
    results = list(_examine(data))
    for each in results:
        mark = "ok     " if each.good else "MEND IT"
        print(f"{mark} {each.what}" + ("" if each.good else f": {each.advice}"))
    if not all(each.good for each in results):
        raise typer.Exit(1)


def _examine(data: Path) -> Iterator[Checked]:
    yield from _keys(data)
    yield _databases()
    yield from _servers()
    yield _store()
    free = shutil.disk_usage(data).free
    yield Checked(
        f"free space: {free >> 30} GiB", free > _ROOM, "less than 2 GiB is left; make room"
    )
    yield _cage()
    yield _contact(data)
    yield _record()
    yield from _stored(data)


def _keys(data: Path) -> Iterator[Checked]:
    from django.conf import settings

    from safelight.kernel.errors import ExpectedError
    from safelight.platform.keys.ring import ring

    key_file = Path(settings.SAFELIGHT_ROOT_KEY_FILE)
    try:
        ring().instance_key("start-check")
        yield Checked("the root key fits this data", good=True)
    except ExpectedError as error:
        yield Checked("the root key", good=False, advice=str(error))
        return
    apart = key_file.stat().st_dev != data.stat().st_dev
    yield Checked(
        f"the root key lies on {'another' if apart else 'the same'} file system "
        f"{'than' if apart else 'as'} the data",
        apart,
        "one thief of one disk would have both; keep the key on another disk or machine",
    )
    mode = data.stat().st_mode & 0o077
    yield Checked("only its owner can enter the data folder", not mode, f"chmod 700 {data}")


def _databases() -> Checked:
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    waiting = 0
    for alias in ("keys", "default"):
        executor = MigrationExecutor(connections[alias])
        waiting += len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    return Checked("the databases are in this version's form", not waiting, "safelight upgrade")


def _servers() -> Iterator[Checked]:
    from django.db import connections

    from safelight.platform.database.servers import is_secret_on_the_way, unsafe_settings

    for alias in ("default", "keys"):
        if connections[alias].vendor != "postgresql":
            continue
        unsafe = ", ".join(unsafe_settings(alias))
        yield Checked(
            f"PostgreSQL keeps what it has acknowledged ({alias})",
            not unsafe,
            f"a power cut would lose records; switch on: {unsafe}",
        )
        yield Checked(
            f"nobody can listen on the way to PostgreSQL ({alias})",
            is_secret_on_the_way(alias),
            "add ?sslmode=verify-full to its URL, or reach it by a socket",
        )


def _store() -> Checked:
    from safelight.exchange.receive.keeping import check_store
    from safelight.kernel.errors import ExpectedError

    try:
        check_store()
    except ExpectedError as error:
        return Checked("the store of pictures", good=False, advice=str(error))
    return Checked("the store of pictures takes and gives", good=True)


def _cage() -> Checked:
    from safelight.exchange.release.cage import how_isolated

    words, networkless = how_isolated()
    return Checked(
        f"the cage for untrusted bytes: {words}",
        networkless,
        "this kernel lets children reach the network; update it, or run as a user that may unshare",
    )


def _contact(data: Path) -> Checked:
    from django.conf import settings

    missing = [
        name
        for name, said in (
            ("operator", settings.SAFELIGHT_OPERATOR not in {"", "Safelight"}),
            ("privacy_contact", bool(settings.SAFELIGHT_PRIVACY_CONTACT)),
        )
        if not said
    ]
    return Checked(
        "every page names who runs this place and whom to ask about privacy"
        if not missing
        else "pages do not name who runs this place, or whom to ask about privacy",
        not missing,
        f"the privacy statement promises it; set in {data / 'safelight.toml'}: "
        + ", ".join(missing),
    )


def _record() -> Checked:
    from safelight.platform.audit.verify import verify_trail

    finding = verify_trail()
    return Checked(
        f"the record is whole ({finding.size} entries)",
        finding.is_whole,
        f"broken at entry {finding.seq}: {finding.problem}",
    )


def _stored(data: Path) -> Iterator[Checked]:
    from safelight.exchange.receive.upkeep import in_quarantine, last_scrub
    from safelight.kernel import clock

    damaged = len(in_quarantine())
    yield Checked(
        f"what is stored is undamaged, as far as was read ({damaged} in quarantine)",
        not damaged,
        f"restore the packs from a backup, then: safelight scrub --data {data}",
    )
    last = last_scrub()
    if last is None:
        yield Checked(
            "what is stored was not read again yet; the worker reads some each day", good=True
        )
        return
    at, objects = last
    yield Checked(
        f"what is stored was read again by {at:%Y-%m-%d} ({objects} objects)",
        clock.now() - at < _SCRUBBED_WITHIN,
        f"safelight scrub --data {data}",
    )
