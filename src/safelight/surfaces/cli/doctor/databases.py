"""Are the databases in form, and do they keep what they acknowledge?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from safelight.surfaces.cli.doctor.checked import Checked


def examine(_data: Path) -> Iterator[Checked]:
    """Look at the form of both databases, and at the servers that keep them."""
    yield _form()
    yield _refusals()
    yield from _servers()


def _form() -> Checked:
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    waiting = 0
    for alias in ("keys", "default"):
        executor = MigrationExecutor(connections[alias])
        waiting += len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    return Checked("the databases are in this version's form", not waiting, "safelight upgrade")


def _refusals() -> Checked:
    from django.db import connections

    from safelight.exchange.access.powers.triggers import TRIGGERS as POWERS
    from safelight.exchange.release.on_paper.triggers import TRIGGERS as PAPERS
    from safelight.exchange.release.triggers import TRIGGERS as RELEASE
    from safelight.platform.database.triggers import unfit

    # The record's own are looked at with the record.
    wrong = unfit(connections["default"], (*POWERS, *PAPERS, *RELEASE))
    return Checked(
        "the database itself refuses what nobody may do",
        not wrong,
        f"these rules are gone or changed, find out by whom: {', '.join(wrong)}; "
        "then safelight upgrade puts them back",
    )


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
