"""What keeps rows of the trail from being changed, when code forgets?

Triggers in the database. They stop mistakes; whoever can write the file can drop
them, and is found by the verifier.
"""

from __future__ import annotations

from typing import Any, Final

from django.db import connections

from safelight.platform.database.triggers import Trigger, install

_UNCHANGED = " AND ".join(
    f"NEW.{column} IS NOT DISTINCT FROM OLD.{column}"
    for column in (
        "row",
        "entry_id",
        "at",
        "kind",
        "outcome",
        "actor",
        "subject",
        "vault_id",
        "text",
        "mac",
    )
)
_PLACED = "OLD.seq IS NULL AND NEW.seq IS NOT NULL AND OLD.chain IS NULL AND NEW.chain IS NOT NULL"
_TABLES = ("audit_entry", "audit_checkpoint", "audit_tip", "audit_node", "audit_cosignature")
_CHANGES: Final = {
    "audit_entry_placed_once": ("audit_entry", f"NOT ({_PLACED} AND {_UNCHANGED})"),
    "audit_checkpoint_not_changed": ("audit_checkpoint", ""),
    "audit_node_not_changed": ("audit_node", ""),
    "audit_cosignature_not_changed": ("audit_cosignature", ""),
    "audit_tip_not_turned_back": (
        "audit_tip",
        "NEW.size < OLD.size OR NEW.id IS DISTINCT FROM OLD.id",
    ),
}

TRIGGERS: Final = (
    *(
        Trigger(name=name, table=table, event="UPDATE", says=name, when=when)
        for name, (table, when) in _CHANGES.items()
    ),
    *(
        Trigger(name=name, table=table, event="DELETE", says=name)
        for table in _TABLES
        for name in (f"{table}_not_deleted",)
    ),
    *(
        Trigger(name=name, table=table, event="TRUNCATE", says=name)
        for table in _TABLES
        for name in (f"{table}_not_emptied",)
    ),
)


def install_triggers(*, using: str = "default", **_signal: Any) -> None:  # noqa: ANN401 (Django's signal)
    """Create the triggers that are missing; called after every migration."""
    connection = connections[using]
    if using != "default":
        return
    tables = set(connection.introspection.table_names())
    install(connection, [trigger for trigger in TRIGGERS if trigger.table in tables])
