"""What does the database refuse about statements, even if the code forgets?

A version and its texts stay as they were published, and what somebody accepted or
declined stays as it was said.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import connections

from safelight.platform.database.triggers import Trigger, install, remove, take_away

_TABLES: Final = {
    "compliance_statementversion": "a published statement",
    "compliance_statementtext": "a published statement",
    "compliance_acceptance": "an acceptance",
    "compliance_decline": "a decline",
}
_NEVER_DELETED: Final = ("compliance_statementversion", "compliance_statementtext")

TRIGGERS: Final = (
    *(
        Trigger(name=f"{table}_stays", table=table, event="UPDATE", says=f"{what} is not changed")
        for table, what in _TABLES.items()
    ),
    *(
        Trigger(
            name=f"{table}_is_kept",
            table=table,
            event="DELETE",
            says=f"{_TABLES[table]} is not deleted",
        )
        for table in _NEVER_DELETED
    ),
)


def remove_triggers(using: str = "default", plan: Sequence[object] = (), **_: Any) -> None:  # noqa: ANN401 (a signal's arguments)
    """Take the triggers away before a migration that changes something."""
    if using == "default" and plan:
        remove(connections[using], TRIGGERS)


def install_triggers(using: str = "default", **_: Any) -> None:  # noqa: ANN401 (a signal's arguments)
    """Make the triggers that are missing, after every migration of the database."""
    if using != "default":
        return
    connection = connections[using]
    if set(connection.introspection.table_names()) >= _TABLES.keys():
        install(connection, TRIGGERS)
    else:
        take_away(connection, TRIGGERS)
